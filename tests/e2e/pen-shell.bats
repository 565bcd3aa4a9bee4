#!/usr/bin/env bats
# pen-shell with real shells and programs: job control, the console, its end by
# force, and a lot of output.

load ../lib/common
load ../lib/shell

setup() {
	scratch
	export SHELL=/bin/bash
}

# --- shells -------------------------------------------------------------------

@test "bash, zsh, fish and sh open with a prompt that says [pen]" {
	for shell in bash zsh fish; do
		SHELL=$(command -v $shell) terminal pen-shell <<-'EOF'
			expect [pen] 
			send echo it-$PEN-1\r
			expect it-1-1
			send exit\r
			end 0
			modes
		EOF
	done
	SHELL=/bin/dash terminal pen-shell <<-'EOF'
		expect [pen] $ 
		send echo it-$PEN-1; kill -9 $$\r
		expect it-1-1
		end 137
	EOF
}

@test "history is forgotten, and with history = true kept for the project" {
	mkdir -p "$HOME/.config/pen" ../other
	state=$HOME/.local/state/pen/history
	for shell in bash zsh fish; do
		rm -f "$HOME/.config/pen/pen.conf"
		SHELL=$(command -v $shell) terminal pen-shell <<-EOF
			expect [pen] 
			send ls ~/.pen-history || echo it-\$PEN-none\r
			expect it-1-none
			send exit\r
			end 0
		EOF
		echo 'profile default { history = true }' >"$HOME/.config/pen/pen.conf"
		SHELL=$(command -v $shell) terminal pen-shell <<-EOF
			expect [pen] 
			send echo kept-\$PEN-$shell\r
			expect kept-1-$shell
			send exit\r
			end 0
		EOF
		# fish hides what is as new as itself
		[ $shell != fish ] || sed -i 's/when: .*/when: 1/' "$state"/*/fish
		SHELL=$(command -v $shell) terminal pen-shell <<-EOF
			expect [pen] 
			send \\x1b[A\\x1b[A\r
			expect kept-1-$shell
			send exit\r
			end 0
		EOF
	done
	[ "$(ls "$state")" = "${PWD//\//%2f}" ]
	expect 0 pen --project ../other sh -c 'ls -A ~/.pen-history; ls ~/.local/state || :'
	lacks bash
}

@test "job control inside: Ctrl-C, Ctrl-Z, bg, fg and wait in bash" {
	terminal pen-shell <<-'EOF'
		expect [pen] 
		send tail -f /dev/null job-control-1\r
		run until grep -q '^State:.S' /proc/$(pgrep -xf 'tail -f /dev/null job-control-1')/status; do :; done
		send \x1a
		expect Stopped
		send bg\r
		expect job-control-1 &
		expect [pen] 
		send fg\r
		expect job-control-1\r\n
		run p=$(pgrep -xf 'tail -f /dev/null job-control-1'); until [ $(ps -o pgid= $p) = $(ps -o tpgid= $p) ]; do :; done
		send \x03
		expect [pen] 
		send echo status $?\r
		expect status 130
		send exit\r
		end 0
	EOF
}

# --- who stops and who continues ----------------------------------------------

# outer : a shell with job control outside, which is not pen's
outer() {
	terminal bash --norc --noprofile -i
}

@test "Ctrl-Z stops prog and pen-shell with it; fg goes on with both" {
	outer <<-'EOF'
		expect outer> 
		send pen-shell sh -c 'echo rea""dy; exec cat'\r
		expect ready
		send one\r
		expect one\r\none\r\n
		send \x1a
		expect Stopped
		expect outer> 
		send fg\r
		expect pen-shell sh
		raw
		send two\r
		expect two\r\ntwo\r\n
		run while ps -C pen-ns -o stat= | grep -qv '^S'; do :; done
		send \x1a
		expect Stopped
		send fg\r
		expect pen-shell sh
		raw
		send three\r
		expect three\r\nthree\r\n
		send \x04
		expect outer> 
		send exit\r
		end 0
		modes
	EOF
}

@test "prog that stops by itself stops pen-shell, and goes on where it was" {
	outer <<-'EOF'
		expect outer> 
		send pen-shell sh -c 'kill -STOP $$; echo went on'\r
		expect Stopped
		send fg\r
		expect went on\r\n
		expect outer> 
		send echo status $?\r
		expect status 0
		send exit\r
		end 0
	EOF
}

@test "pen-shell that is stopped from outside gives the terminal back, by both signals" {
	outer <<-EOF
		expect outer> 
		send pen-shell sh -c 'echo rea""dy; exec cat'\r
		expect ready
		send one\r
		expect one\r\none\r\n
		run pkill -TSTP -P \$TTY_PID -f '^pen-shell sh'
		expect Stopped
		send fg\r
		expect pen-shell sh
		raw
		send two\r
		expect two\r\ntwo\r\n
		run pkill -STOP -P \$TTY_PID -f '^pen-shell sh'
		expect Stopped
		send fg\r
		expect pen-shell sh
		raw
		send three\r
		expect three\r\nthree\r\n
		send \x04
		expect outer> 
		send exit\r
		end 0
		modes
	EOF
}

@test "a job in the background inside runs on while pen-shell is stopped" {
	mkfifo fifo
	outer <<-'EOF'
		expect outer> 
		send pen-shell bash\r
		expect [pen] 
		send read x <fifo; echo $x >done\r
		expect \r\n
		run pkill -TSTP -P $TTY_PID -f '^pen-shell bash'
		expect Stopped
		run echo from-outside >fifo; until [ -s done ]; do :; done
		run grep -q from-outside done
		send fg\r
		expect pen-shell bash
		raw
		send \rexit\r
		expect \rexit\r\n
		expect outer> 
		send exit\r
		end 0
		modes
	EOF
}

@test "suspend stops all that runs inside, fg continues it, and nothing is seen of it" {
	# stopped: an inner job by Ctrl-Z; running: the shell, one in the background
	state='ps -o stat= -p $(pgrep -xf "tail -f /dev/null freeze-'
	outer <<-EOF
		expect outer> 
		send pen-shell bash\\r
		expect [pen] 
		send tail -f /dev/null freeze-1 & tail -f /dev/null freeze-2\\r
		run until [ "\$($state[2]"))" ]; do :; done
		send \\x1a
		expect Stopped
		send while :; do date >>dates; done &\\r
		run until [ -s dates ]; do :; done
		send \\x1d
		expect pen> 
		send suspend\\r
		expect Stopped
		run until $state[1]") | grep -q T; do :; done
		run until s=\$(stat -c %s dates); for i in 1 2 3 4 5 6 7 8 9; do ps >/dev/null; done; [ \$s = \$(stat -c %s dates) ]; do :; done
		send fg\\r
		expect pen-shell bash
		raw
		run until $state[1]") | grep -q S; do :; done
		run s=\$(stat -c %s dates); until [ \$s != \$(stat -c %s dates) ]; do :; done
		run $state[2]") | grep -q T
		send jobs\\r
		expect Running
		expect freeze-1
		expect Stopped
		expect freeze-2
		expect Running
		send kill -9 %1 %2 %3; exit 0; exit 0\\r
		expect outer> 
		send exit 0\\r
		end 0
		modes
	EOF
}

@test "a pen that was frozen by suspend ends with pen-shell" {
	outer <<-'EOF'
		expect outer> 
		send pen-shell tail -f /dev/null freeze-3\r
		run until pgrep -xf 'tail -f /dev/null freeze-3'; do :; done
		send \x1d
		expect pen> 
		send suspend\r
		expect Stopped
		run until ps -o stat= -p $(pgrep -xf 'tail -f /dev/null freeze-3') | grep -q T; do :; done
		send exit\r
		send exit\r
		end 1
	EOF
	until_true eval '[ -z "$(pgrep -f freeze-3)" ]'
}

@test "a stopped pen-shell whose shell goes away takes the pen with it" {
	outer <<-'EOF'
		expect outer> 
		send pen-shell tail -f /dev/null job-control-2\r
		expect cannot open
		send \x1a
		expect Stopped
		send exit\r
		send exit\r
		end 1
	EOF
	until_true eval '[ -z "$(pgrep -f "job-control-2")" ]'
}

# --- the console --------------------------------------------------------------

@test "the console opens over a program, and the key pressed again reaches it" {
	terminal pen-shell sh -c 'stty raw -echo; echo ready; dd bs=1 count=1 2>/dev/null |
		od -An -tx1' <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		send \x1d
		expect 1d
		end 0
		modes
	EOF
}

@test "its commands say what the pen is" {
	terminal pen-shell --publish 8123 sh -c 'echo ready; cat' <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		send help\r
		expect quit
		expect pen> 
		send status\r
		expect session
		expect project
		expect clipboard = deny
		expect pen> 
		send mounts\r
		expect bind
		expect pen> 
		send ports\r
		expect nobody listens
		expect localhost:8123
		expect pen> 
		send env\r
		expect PEN 1
		expect pen> 
		send nonsense\r
		expect there is no command 'nonsense'
		send allow\r
		expect usage: allow RULE
		send undo nobody.example.org\r
		expect pen-ctl: undo 'nobody.example.org': there is no such live rule
		send hel\t\r
		expect list the commands
		send \x04
		expect \x1b[?1049l
		send x\r
		expect x\r\nx\r\n
		send \x1d
		expect pen> 
		send quit\r
		end 129
		modes
	EOF
}

@test "status tells the settings that are in force, from where they come" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { clipboard = allow title = deny }' >"$HOME/.config/pen/pen.conf"
	terminal pen-shell --clipboard deny --notice bell sh -c 'echo ready; read x' <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		send status\r
		expect clipboard = deny\t# the command line
		expect title = deny
		expect notice = bell\t# the command line
		never clipboard = allow
		send \r
		expect \x1b[?1049l
		send \r
		end 0
	EOF
}

@test "the console is gone with its relay, and the screen is as it was" {
	terminal bash -c 'pen-shell sh -c "echo ready; exec tail -f /dev/null console-1"; exit $?' <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		run pkill -KILL -P $TTY_PID -f '^pen-shell sh'
		expect \x1b[?1049l
		modes
		end 137
	EOF
	until_true eval '[ -z "$(pgrep -f "console-1")" ]'
}

@test "a console that is killed gives the terminal to the program, and is told" {
	terminal pen-shell sh -c 'echo ready; cat' <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		run pkill -KILL -P $TTY_PID -f 'pen-ctl --desk=3 .*console'
		expect \x1b[?1049l
		expect [pen: the console has ended ^]]
		send on\r
		expect on\r\non\r\n
		send \x1d
		expect [pen: the console has ended ^]]
		send \x04
		end 0
		modes
	EOF
}

@test "what is typed behind the line that goes back is for the program" {
	terminal pen-shell sh -c 'echo ready; cat' <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		send \rbehind\r
		expect behind\r\nbehind\r\n
		send \x1d
		expect pen> 
		send \r\x1d
		expect \x1b[?1049l
		expect pen> 
		send quit\r
		end 129
	EOF
}

@test "a name is allowed, denied and taken back while the program runs" {
	terminal pen-shell --connect-to "site.example.org:80:127.0.0.1:1" bash <<-'EOF'
		expect [pen] 
		send curl -sS http://site.example.org/ 2>&1 | tail -1\r
		expect Could not resolve host
		send \x1d
		expect 1 refused since the last time
		send denied\r
		expect site.example.org
		expect pen> 
		send allow s\t\r
		expect allow site.example.org: until the pen ends
		send allow tcp://site.example.org:80 10m\r
		expect 10m
		send rules\r
		expect allow tcp://site.example.org:80
		send log\r
		expect dns refused site.example.org
		send \r
		expect \x1b[?1049l
		send curl -sS http://site.example.org/ 2>&1 | tail -1\r
		expect curl: (
		never curl: (6) Could not resolve host: site.example.org\r\ncurl
		send \x1d
		expect pen> 
		send undo tcp://site.example.org:80\r
		expect as it was
		send \r
		expect \x1b[?1049l
		send exit\r
		end 0
	EOF
}

@test "a budget is shown and raised in the console" {
	mkdir -p "$HOME/.config/pen"
	echo 'agent claude { budget = {"anthropic requests=5"} }' \
		>"$HOME/.config/pen/pen.conf"
	ANTHROPIC_API_KEY=sk-ant-api03-0123456789abcdef terminal pen-shell \
		--agent claude /bin/bash --norc <<-'EOF'
		expect $ 
		send \x1d
		expect pen> 
		send budget\r
		expect api.anthropic.com: requests 0 of 5, in this run
		expect pen> 
		send budget requests=+2\r
		expect budget requests=+2
		expect pen> 
		send budget tokens=+2\r
		expect has no such budget
		expect pen> 
		send budget\r
		expect requests 0 of 7, in this run
		expect pen> 
		send \r
		send exit\r
		end 0
	EOF
}

@test "a port is published and taken back in the console, and ports names who listens" {
	local port
	port=$(free_ports)
	terminal pen-shell sh -c "python3 -m http.server --bind 127.0.0.1 $port 2>&1" <<-EOF
		expect Serving HTTP
		send \\x1d
		expect pen> 
		send ports\\r
		expect python3
		expect pen> 
		send publish $port\\r
		expect publish $port
		expect pen> 
		run curl -sS -o /dev/null http://localhost:$port/
		send ports\\r
		expect localhost:$port
		expect pen> 
		send unpublish $port\\r
		expect unpublish $port
		expect pen> 
		send quit\\r
		end 129
	EOF
}

@test "a name is allowed for good, in pen.conf and at once" {
	mkdir -p "$HOME/.config/pen"
	terminal pen-shell sh -c 'echo ready; read x' <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		send allow good.example.org always\r
		expect allow good.example.org: for good
		expect pen> 
		send rules\r
		expect allow good.example.org
		send \r
		expect \x1b[?1049l
		send \r
		end 0
	EOF
	grep -q 'good.example.org' "$HOME/.config/pen/pen.conf"
	expect 0 pen --print=conf sh
	has 'allow = good.example.org'
}

@test "what was typed before the prompt is shown is not read by the console" {
	terminal pen-shell sh -c 'echo ready; cat' <<-'EOF'
		expect ready
		send \x1dquit\rquit\r
		expect pen> 
		send \r
		expect \x1b[?1049l
		send still\r
		expect still\r\nstill\r\n
		send \x04
		end 0
	EOF
}

@test "a terminal that answers nothing has a console after a second" {
	terminal pen-shell sh -c 'echo ready; cat' <<-'EOF'
		deaf
		expect ready
		send \x1d
		expect pen> 
		send \r
		expect \x1b[?1049l
		send \x04
		end 0
	EOF
}

@test "answers to questions of the program reach it, and never the console" {
	terminal pen-shell sh -c 'stty raw -echo; echo ready; dd bs=1 count=27 2>/dev/null |
		od -An -c' <<-'EOF'
		expect ready
		send \x1d
		expect \x1b[6n
		send \x1b[?62;c
		expect pen> 
		send \x1b]11;rgb:0/0/0\x07\x1b[0n
		send \r
		expect \x1b[?1049l
		send \r
		expect 033   [   ?   6   2   ;   c 033   ]   1   1
		expect 033   [   0   n
		end 0
	EOF
}

@test "pasted text runs no command, and pasted keys open no console" {
	terminal pen-shell sh -c 'printf "\033[?2004h"; stty -echo -icanon; echo ready; cat -v' <<-'EOF'
		expect ready
		send \x1b[200~a\x1db\x1b[201~c
		expect a^]b
		never pen> 
		send \x1d
		expect pen> 
		send \x1b[200~quit\rquit\r\x1b[201~
		expect quit quit
		send \x03
		send \x04
		expect \x1b[?1049l
		send d
		expect d
		send \x03
		end 130
	EOF
}

@test "the program runs on under the console, and nothing of it is lost" {
	mkfifo fifo
	terminal pen-shell bash -c 'echo ready; read x <fifo; stty -opost
		for ((i = 0; i < 25000; i++)); do printf "%07d\n" $i; done; echo more' <<-'EOF'
		expect ready\r\n
		send \x1d
		expect pen> 
		run echo go >fifo
		send \r
		expect \x1b[?1049l
		stream 200000
		expect more
		end 0
	EOF
}

@test "prog that ends under the console ends pen-shell, and cleanly" {
	mkfifo fifo
	terminal pen-shell bash -c 'echo ready; read x <fifo; echo bye; exit 9' <<-'EOF'
		expect ready\r\n
		send \x1d
		expect pen> 
		run echo go >fifo
		expect \x1b[?1049l
		expect bye
		end 9
		modes
	EOF
}

@test "a refusal is told by title, bell or notification, or not at all" {
	for each in 'title \x1b]2;[pen: refused evil.example.net ^]]' 'bell \x07' \
		'desktop \x1b]777;notify;pen;refused evil.example.net'; do
		terminal pen-shell --notice "${each%% *}" bash -c 'echo ready; read -r x
			getent hosts evil.example.net; read -r x' <<-EOF
			expect ready
			send \r
			expect ${each#* }
			send \r
			end 0
		EOF
	done
}

@test "a notice stays before the title, whatever the program sets, until it is looked at" {
	terminal pen-shell bash -c 'printf "\033]2;one\007"; read -r x
		getent hosts evil.example.net; read -r x; printf "\033]2;two\007"
		read -r x; printf "\033]2;three\007"' <<-'EOF'
		expect \x1b]2;[pen] one
		send \r
		expect \x1b]2;[pen: refused evil.example.net ^]] one
		send \r
		expect \x1b]2;[pen: refused evil.example.net ^]] two
		send \x1d
		expect pen> 
		send \r
		expect \x1b]2;[pen] two
		send \r
		expect \x1b]2;[pen] three
		end 0
	EOF
}

# --- questions ----------------------------------------------------------------

# asks : a program that fetches what the lines of "names" and of its terminal
# name; the port outside is closed, so what is allowed has status 502
asks() {
	mkfifo names
	cat >asks <<-'EOF'
		(exec <>names; while read -r name; do
			curl -so /dev/null -w "$name %{http_code};" "http://$name/" &
		done) &
		echo ready
		while read -r name; do echo "$name" >names; done
		kill $!
	EOF
	terminal pen-shell --ask --connect-to ":80:127.0.0.1:1" bash asks
}

@test "a question is told, shown in the console, and answered there" {
	asks <<-'EOF'
		expect ready
		send one.example.org\r
		expect \x1b]2;[pen: asks http://one.example.org ^]]
		never wants
		send \x1d
		expect The program wants  http://one.example.org
		expect answer> 
		send help\r
		expect Or an answer: o once
		expect answer> 
		send o\r
		expect http://one.example.org: allow
		expect pen> 
		send rules\r
		expect nothing was allowed or denied here
		send \r
		expect one.example.org 502;
		send \x04
		end 0
	EOF
}

@test "questions are answered one by one, for a time, for good, or with no" {
	mkdir -p "$HOME/.config/pen"
	asks <<-'EOF'
		expect ready
		send a.example.org\r
		expect asks http://a.example.org
		send b.example.org\r
		expect asks http://b.example.org
		send c.example.org\r
		expect asks http://c.example.org
		send d.example.net\r
		expect asks http://d.example.net
		send \x1d
		expect wants  http://a.example.org
		expect answer> 
		send 10m\r
		expect http://a.example.org: allow
		expect wants  http://b.example.org
		expect answer> 
		send a\r
		expect allow http://b.example.org: for good
		expect wants  http://c.example.org
		expect answer> 
		send deny\r
		expect http://c.example.org: deny
		expect wants  http://d.example.net
		expect answer> 
		send allow http://*.example.net\r
		expect http://d.example.net: allow
		expect pen> 
		send rules\r
		expect allow http://a.example.org, 
		expect allow http://b.example.org
		expect deny http://c.example.org
		send \r
		expect a.example.org 502;
		expect b.example.org 502;
		expect c.example.org 403;
		expect d.example.net 502;
		send \x04
		end 0
	EOF
	grep -q 'http://b.example.org' "$HOME/.config/pen/pen.conf"
}

@test "no key that was typed before its prompt is shown answers a question" {
	asks <<-'EOF'
		expect ready
		send one.example.org\r
		expect asks http://one.example.org
		send \x1ds\rsession\r
		expect wants  http://one.example.org
		send s\rsession\r
		expect answer> 
		send rules\r
		expect nothing was allowed or denied here
		expect answer> 
		send s\r
		expect http://one.example.org: allow
		expect pen> 
		run echo two.example.org >names
		expect wants  http://two.example.org
		send s\rsession\r
		expect answer> 
		send rules\r
		expect allow http://one.example.org\r\n
		expect answer> 
		send quit\r
		end 129
	EOF
}

@test "a question waits for the end of a line, which is no answer when it is over" {
	asks <<-'EOF'
		expect ready
		send \x1d
		expect pen> 
		send stat
		expect stat
		run echo one.example.org >names; until grep -rqs held ~/.local/state/pen; do :; done
		send us\r
		expect clipboard = deny
		expect wants  http://one.example.org
		expect answer> 
		send s
		expect s
		run echo two.example.org >names; pen-ctl deny http://one.example.org
		expect http://one.example.org: deny
		expect pen> s
		send \r
		expect there is no command 's'
		expect wants  http://two.example.org
		expect answer> 
		send d\r
		expect http://two.example.org: deny
		send \r
		expect one.example.org 403;
		send \x04
		end 0
	EOF
}

@test "a question that nobody answers is not allowed when the console is left" {
	asks <<-'EOF'
		expect ready
		send one.example.org\r
		expect asks http://one.example.org
		send \x1d
		expect answer> 
		send \r
		expect \x1b[?1049l
		send \x1d
		expect wants  http://one.example.org
		expect answer> 
		send rules\r
		expect nothing was allowed or denied here
		send \r
		expect \x1b[?1049l
		send \x04
		end 0
	EOF
}

# --- by force -----------------------------------------------------------------

@test "SIGKILL of the relay ends the pen and gives the terminal back" {
	terminal bash -c 'pen-shell sh -c "printf \"\033[?1049h\033[?1003h\033[?25lready\"
		exec tail -f /dev/null by-force-1"; exit $?' <<-'EOF'
		expect ready
		run pkill -KILL -P $TTY_PID -f '^pen-shell sh'
		expect \x1b[?1003l\x1b[?25h\x1b[?1049l
		modes
		end 137
	EOF
	until_true eval '[ -z "$(pgrep -f "by-force-1")" ]'
}

@test "SIGKILL of the relay gives back a terminal that was busy, too" {
	mkfifo fifo
	terminal bash -c 'pen-shell bash -c "printf \"\033[?1049h\033[?1003hready\"; read x <fifo
		while :; do printf %0999d 1; done" by-force-4; exit $?' <<-'EOF'
		expect ready
		run echo >fifo;
		expect 00001
		run pkill -KILL -P $TTY_PID -f '^pen-shell bash -c printf'
		expect \x1b[?1003l\x1b[?1049l
		modes
		end 137
	EOF
	until_true eval '[ -z "$(pgrep -f "by-force-4")" ]'
}

@test "SIGKILL of the leader ends the pen and gives the terminal back" {
	terminal pen-shell sh -c 'printf "\033[?1049hready"
		exec tail -f /dev/null by-force-2' <<-'EOF'
		expect ready
		run pkill -KILL -P $TTY_PID -f '^pen-shell sh'
		expect \x1b[?1049l
		end 137
		modes
	EOF
	until_true eval '[ -z "$(pgrep -f "by-force-2")" ]'
}

@test "when the user's terminal hangs up the pen ends" {
	terminal bash --norc --noprofile -ic 'pen-shell tail -f /dev/null by-force-3' <<-'EOF'
		run until pgrep -f 'by-force-3' >/dev/null; do :; done
	EOF
	until_true eval '[ -z "$(pgrep -f "by-force-3")" ]'
}

# --- a lot --------------------------------------------------------------------

@test "100 MB of output arrive, and the relay does not grow" {
	cat >many.py <<-'EOF'
		import os
		text = b"".join(b"%07d\n" % n for n in range(125000))
		for i in range(100):
		    left = text
		    while left:
		        left = left[os.write(1, left):]
	EOF
	terminal pen-shell bash -c 'stty -opost; echo ready; read x
		/usr/bin/python3 many.py; echo; echo end; read x' <<-'EOF'
		expect ready\n
		send \r
		expect \n
		stream 100000000
		expect end
		run test "$(awk '/VmHWM/ { print $2 }' /proc/$TTY_PID/status)" -lt 16384
		send \r
		end 0
	EOF
}

@test "input is taken as fast as it is read, and none of it is lost" {
	terminal pen-shell bash -c 'stty raw -echo; echo ready; read -rsn1 x
		head -c 2999999 | { printf %s "$x"; cat; } | sha256sum; printf 0 | cat' <<-'EOF'
		expect ready
		paste 3000000
		expect 0
		end 0
	EOF
}
