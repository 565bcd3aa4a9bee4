#!/usr/bin/env bats
# pen-shell: what its page promises of options, the terminal and the end.

load ../lib/common
load ../lib/shell

setup() {
	scratch
}

@test "without a terminal there is no pty, it says so, and the rest is pen's" {
	expect 7 pen-shell sh -c 'echo out; test -t 1 || exit 7' </dev/null
	has 'pen-shell: standard input and output are not a terminal: no pty, no console'
	has out
	run pen-shell --print sh </dev/null
	has 'pen-ns'
	lacks 'no pty'
}

@test "pen's options are passed on, and its own are checked" {
	expect 0 pen-shell --env A=b --ro "$BIN" --print=conf sh
	has 'env = A=…'
	has "ro = $BIN"
	expect 0 pen-shell --allow=example.org --print sh
	has '--allow example.org'
	expect 125 pen-shell --notice often sh
	has "notice: 'often' is not one of its values"
	expect 125 pen-shell --escape x sh
	has "escape: 'x' is not a key as ^], or none"
	expect 125 pen-shell --clipboard yes sh
	expect 125 pen-shell --notifications yes sh
	expect 125 pen-shell --title yes sh
	expect 125 pen-shell --nonsense sh
}

@test "what pen refuses, it refuses here with the same words and status" {
	expect 125 pen --project / true
	said=${lines[0]}
	terminal pen-shell --project / true <<-EOF
		expect ${said#pen: }
		modes
		end 125
	EOF
}

@test "settings come from pen.conf, and the command line is last" {
	mkdir -p "$HOME/.config/pen"
	conf=$HOME/.config/pen/pen.conf
	echo 'profile default { escape = "^G" title = deny }' >"$conf"
	chmod go-w "$conf"
	terminal pen-shell sh -c 'printf "\033]2;evil\007ready\n"; cat' <<-'EOF'
		expect ready
		send \x1d\r
		expect ^]
		send \x07
		expect pen> 
		send \r
		never evil
		send \x04
		end 0
	EOF
	terminal pen-shell --title mark sh -c 'printf "\033]2;x\007ready\n"' <<-'EOF'
		expect [pen] x
		end 0
	EOF
	echo 'profile default { notice = often }' >"$conf"
	expect 125 pen-shell true
	has "$conf:1: notice: 'often': it is none of"
}

@test "prog is on a pty of its own, never on the caller's terminal" {
	terminal sh -c 'readlink /proc/self/fd/0; exec "$@"' sh \
		pen-shell --ro "$PROBE" sh -c 'tty; ls -l /proc/self/fd; tty -s && echo is one' <<-'EOF'
		expect /dev/pts/
		expect /dev/console
		expect is one
		end 0
	EOF
}

@test "the exit status is prog's, 128+n, 126 or 127" {
	for each in '0 true' '3 exit 3' '143 kill -TERM $$' '137 kill -9 $$' \
		'139 kill -SEGV $$'; do
		terminal pen-shell sh -c "${each#* }" <<-EOF
			end ${each%% *}
		EOF
	done
	PATH=$BIN:/usr/bin:/bin terminal pen-shell no-such-program <<-'EOF'
		expect cannot execute 'no-such-program'
		end 127
	EOF
	terminal pen-shell /etc/passwd <<-'EOF'
		end 126
	EOF
}

@test "size and its changes arrive, and impossible ones are clamped" {
	terminal sh -c 'stty rows 33 cols 111; exec "$@"' sh pen-shell sh -c \
		'trap "stty size" WINCH; stty size; while :; do read x; done' <<-'EOF'
		expect 33 111
		size 20 70
		expect 20 70
		size 0 0
		expect 24 80
		size 65535 65535
		expect 2000 2000
		signal 15
		end 143
	EOF
}

@test "every byte typed arrives, and every byte written" {
	terminal pen-shell sh -c 'stty raw -echo; echo ready; dd bs=1 count=12 2>/dev/null |
		od -An -tx1' <<-'EOF'
		expect ready
		send \x00\x01\x03\x04\x11\x13\x1a\x1c\xc3\xbc\xff\x7f
		expect 00 01 03 04 11 13 1a 1c c3 bc ff 7f
		end 0
	EOF
	terminal pen-shell sh -c 'stty -opost; printf "\303"; printf "\274\n\001\016\017\000|"' <<-'EOF'
		last \xc3\xbc\n\x01\x0e\x0f\x00|\x0f\x1b(B\x1b)B
		end 0
	EOF
}

@test "Ctrl-C, Ctrl-\\ and Ctrl-D do inside what they do outside" {
	cat >signals.py <<-'EOF'
		import signal, sys
		both = {signal.SIGINT, signal.SIGQUIT}
		signal.pthread_sigmask(signal.SIG_BLOCK, both)
		print("ready", flush=True)
		print("int" if signal.sigwait(both) == 2 else "?", flush=True)
		print("quit" if signal.sigwait(both) == 3 else "?", flush=True)
		print("line", input(), flush=True)
		print("more" if sys.stdin.readline() else "eof")
	EOF
	terminal pen-shell /usr/bin/python3 signals.py <<-'EOF'
		expect ready
		send \x03
		expect int
		send \x1c
		expect quit
		send a\r
		expect line a
		send \x04
		expect eof
		modes
		end 0
	EOF
}

@test "the terminal's modes come back, however prog leaves its own" {
	terminal pen-shell sh -c 'stty raw -echo; echo ready; read x; exit 4' <<-'EOF'
		expect ready
		send \n
		end 4
		modes
	EOF
}

@test "what prog switches on is switched off at its end" {
	terminal pen-shell sh -c 'printf "\033[?1049h\033[?1003;1006;2004h\033[?25l\033[>1u"' <<-'EOF'
		last \x1b[?1049h\x1b[?1003;1006;2004h\x1b[?25l\x1b[>1u\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[<1u\x1b[?1049l
		end 0
		modes
	EOF
}

@test "the clipboard is written if clipboard = allow says so, and never read" {
	script='printf "\033]52;c;aGVsbG8=\007\033]52;c;?\007end"'
	terminal pen-shell sh -c "$script" <<-'EOF'
		last end
		end 0
	EOF
	terminal pen-shell --clipboard allow sh -c "$script" <<-'EOF'
		last \x1b]52;c;aGVsbG8=\x07end
		end 0
	EOF
}

@test "the desktop is notified only if notifications = allow says so" {
	script='printf "\033]9;done\007\033]777;notify;a;b\007\033]9;4;1;5\007end"'
	terminal pen-shell sh -c "$script" <<-'EOF'
		last \x1b]9;4;1;5\x07end\x1b]9;4;0\x1b\\
		end 0
	EOF
	terminal pen-shell --notifications allow sh -c "$script" <<-'EOF'
		last \x1b]9;done\x07\x1b]777;notify;a;b\x07\x1b]9;4;1;5\x07end\x1b]9;4;0\x1b\\
		end 0
	EOF
}

@test "dash has job control, and ends with its own status" {
	SHELL=/bin/dash terminal pen-shell <<-'EOF'
		expect [pen] $ 
		send exit 3\r
		end 3
		never Cannot set
	EOF
	terminal pen-shell dash -i <<-'EOF'
		expect $ 
		send exit 3\r
		end 3
		never Cannot set
	EOF
}

@test "signals to pen-shell end the pen and give the terminal back" {
	for n in 1 2 3 15; do
		terminal pen-shell sh -c 'trap "" HUP TERM; printf "\033[?1049hready"
			exec tail -f /dev/null' <<-EOF
			expect ready
			signal $n
			expect \x1b[?1049l
			end $((128 + n))
			modes
		EOF
	done
}

@test "the examples of the manual page run" {
	local line n=0 name
	mkdir bin
	for name in claude vim; do
		printf '#!/bin/sh\necho "this is %s"\n' "$name" >"bin/$name"
		chmod +x "bin/$name"
	done
	PATH=$PWD/bin:$PATH
	while read -r line; do
		expect 0 bash -c "$line </dev/null"
		[[ $line == pen-shell ]] || has "this is ${line##* }"
		n=$((n + 1))
	done < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/s/^\.Dl //p' \
		"$ROOT/man/pen-shell.1" | sed 's/\\e/\\\\/g')
	[ "$n" -eq 4 ]
}
