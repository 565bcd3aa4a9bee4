# pen-ctl: what it asks of running pens, and what it changes.
load ../lib/common
load ../lib/session

setup_file() {
	session_servers
}

teardown_file() {
	session_servers_end
}

setup() {
	scratch
	PIN=(--connect-to ":443:127.0.0.1:$(server_port https)")
	CONF=$HOME/.config/pen/pen.conf
	export TZ=UTC
}

teardown() {
	exec 8>&-
}

# allowed CODE : does the program inside get a page from allowed.test?
allowed() {
	inside "$(get) https://allowed.test/"
	[ "$status" -eq "$1" ]
}

# ---- which session ---------------------------------------------------------

@test "ls lists the pens that run: session, agent, since, refusals, project" {
	run -0 pen-ctl ls
	[ -z "$output" ]
	session --agent claude --project "$HOME/src/project"
	inside "$ROOT/tests/lib/sni_client.py ask evil.test A"
	run -0 pen-ctl ls
	[[ ${lines[0]} =~ ^SESSION\ +AGENT\ +SINCE\ +REFUSED\ +PROJECT$ ]]
	[[ ${lines[1]} =~ ^$SESSION\ +claude\ +[0-9:]{8}\ +1\ +$HOME/src/project$ ]]
	[ ${#lines[@]} -eq 2 ]
	run -0 pen-ctl ls --json
	jq -e '.session == "'"$SESSION"'" and .refusals == 1' <<<"$output"
}

@test "ls removes what killed pens left behind" {
	local proxy
	session
	proxy=$(ps -o pid= --ppid "$PID" | tr -d ' ')
	kill -KILL "$proxy"
	until_true grep -q '^State:.Z' "/proc/$proxy/status"
	[ -S "$SOCKET" ]
	run -0 pen-ctl ls
	[ -z "$output" ]
	[ ! -e "${SOCKET%/*}" ]
}

@test "without --pen it is the session of this directory, or the only one" {
	local other
	run -125 pen-ctl status
	has "pen-ctl: no pen is running"
	pen-sni --control --project /elsewhere --listen 127.0.0.1:0 3>&- &
	other=$!
	until_true test -S "$XDG_RUNTIME_DIR/pen/$other/control"
	run -0 pen-ctl status
	has "$other"
	session --project "$HOME/src/project"
	mkdir -p "$HOME/src/project/below"
	cd "$HOME/src/project/below"
	run -0 pen-ctl status
	has "$SESSION"
	cd /
	run -125 pen-ctl status
	has "2 pens are running, none of them in this directory"
	run -0 pen-ctl --pen "$other" status
	has "/elsewhere"
	run -125 pen-ctl --pen nonsense status
	has "there is no session 'nonsense'"
	run -125 pen-ctl --pen "../pen/$other" status
	has "there is no session"
	kill $other
	wait $other || :
}

# ---- asking ----------------------------------------------------------------

@test "status tells what is known of the session" {
	session --agent claude --project /p
	run -0 pen-ctl status
	has "agent        claude"
	has "project      /p"
	has "log          $LOG"
	has "ports        22,80,443"
	has "refusals     0"
}

@test "denied lists what was refused, with the rule that would allow it" {
	session
	run -0 pen-ctl denied
	[ "$output" = "nothing was refused" ]
	inside "$ROOT/tests/lib/sni_client.py ask evil.test A"
	inside "$ROOT/tests/lib/sni_client.py ask other.test A"
	run -0 pen-ctl denied
	[[ ${lines[0]} =~ ^TIMES && ${#lines[0]} -le 80 ]]
	[[ ${lines[1]} =~ ^\ +1\ .*evil.test\ +not\ allowed\ +evil.test$ ]]
	[[ ${lines[2]} =~ other.test$ ]]
	run -0 pen-ctl --json denied
	jq -se 'length == 2 and .[0].allow == "evil.test"' <<<"$output"
}

@test "names from inside reach the terminal only made visible" {
	session
	inside "python3 $ROOT/tests/lib/sni_client.py ask \$'ev\\e]52;il' A"
	run -0 pen-ctl denied
	has 'ev\x1b]52'
	lacks $'\e'
	run -0 pen-ctl --json denied
	lacks $'\e'
}

@test "events prints the lines of the log until the session ends" {
	local pid
	session
	pen-ctl events >"$T/events" 3>&- 8>&- &
	pid=$!
	answered() { inside "$ROOT/tests/lib/sni_client.py ask x$((i++)).test A"; grep -q test "$T/events"; }
	i=0
	until_true answered
	session_end
	wait $pid
	jq -se 'all(.kind == "dns" and .verdict == "refused")' "$T/events"
}

@test "a session that does not answer holds up nobody for long" {
	local proxy
	session
	proxy=$(ps -o pid= --ppid "$PID" | tr -d ' ')
	kill -STOP "$proxy"
	run -0 pen-ctl ls
	[ "$output" = "pen-ctl: the session '$SESSION' does not answer" ]
	run -125 pen-ctl status
	has "the session '$SESSION' does not answer"
	kill -CONT "$proxy"
	run -0 pen-ctl status
}

@test "what a session says is not trusted: no JSON, escapes, a rule that is none" {
	local pid i
	mkdir -p -m 700 "$XDG_RUNTIME_DIR/pen/1"
	python3 -c '
import os, socket, sys
os.chdir(sys.argv[1])
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind("control")
s.listen()
replies = [b"nonsense", b"[1]", b"{\"ok\":true,\"agent\":\"\\u001b]0;x\",\"port\":1e99}",
           b"x" * 100000]
while True:
    c = s.accept()[0]
    if c.recv(999) and replies:
        try:
            c.send(replies.pop(0))
        except OSError:
            pass
    c.close()
' "$XDG_RUNTIME_DIR/pen/1" 3>&- &
	pid=$!
	until_true test -S "$XDG_RUNTIME_DIR/pen/1/control"
	for i in 1 2; do
		run -125 pen-ctl --pen 1 status
		has "says what is no JSON object"
	done
	run -0 pen-ctl --pen 1 status
	has 'agent        \x1b]0;x'
	lacks $'\e'
	run -125 pen-ctl --pen 1 status
	kill $pid
	wait $pid || :
}

# ---- changing --------------------------------------------------------------

@test "allow counts at once, undo takes it back" {
	session "${PIN[@]}"
	allowed 6
	run -0 pen-ctl allow allowed.test other.test
	[ -z "$output" ]
	allowed 0
	run -0 pen-ctl rules
	[ "$output" = "allow  allowed.test
allow  other.test" ]
	run -0 pen-ctl undo allowed.test
	allowed 6
	run -125 pen-ctl undo allowed.test
	has "there is no such live rule"
}

@test "--for limits the time, before or after the command" {
	session "${PIN[@]}"
	run -0 pen-ctl --for 10m allow allowed.test
	run -0 pen-ctl rules
	[[ $output =~ ^allow\ \ allowed.test$'\t'(10:00|9:5[0-9])\ left$ ]]
	run -0 pen-ctl allow allowed.test --for 1s
	ended() { [ -z "$(pen-ctl rules)" ]; }
	until_true ended
	allowed 6
	run -125 pen-ctl allow allowed.test --for 25h
	has "24h at most"
}

@test "deny counts at once, and cuts open connections" {
	local pid
	session --allow tcp://allowed.test:9 \
		--connect-to "allowed.test:9:127.0.0.1:$(server_port echo)"
	inside "exec 7<>/dev/tcp/allowed.test/9
		echo ping >&7
		read -ru 7 line
		echo \$line >$T/echoed
		read -ru 7 || echo cut" &
	pid=$!
	until_true grep -qs ping "$T/echoed"
	run -0 pen-ctl deny allowed.test
	wait $pid
	inside "exec 7<>/dev/tcp/allowed.test/9"
	[ "$status" -ne 0 ]
}

@test "what cannot work is said, and changes nothing" {
	session --deny evil.test
	run -125 pen-ctl allow allowed.test:8443
	has "pen-ctl: allow 'allowed.test:8443': that port has no socket"
	run -125 pen-ctl allow evil.test
	has "a rule of the configuration denies it"
	run -125 pen-ctl allow allowed.test 10.0.0.1
	has "allow '10.0.0.1': it is not a host name"
	run -125 pen-ctl allow $'allowed.test\nx'
	run -125 pen-ctl allow
	has "allow: no rule is given"
	run -125 pen-ctl ls x
	has "ls takes no operand"
	run -125 pen-ctl frobnicate
	has "unknown command 'frobnicate'"
	run -0 pen-ctl rules
	[ -z "$output" ]
}

@test "stop ends the program, by SIGKILL if it must" {
	local pid ended
	session
	run -0 pen-ctl stop
	wait "$PID" || ended=$?
	[ "$ended" -eq 143 ]
	until_true test ! -e "${SOCKET%/*}"
	mkfifo "$T/hold"
	pen-sni --control bash -c 'trap "" TERM; echo >"$0"; read -r <"$1"' \
		"$T/trapped" "$T/hold" 3>&- &
	pid=$!
	until_true test -s "$T/trapped"
	run -0 pen-ctl stop
	ended=0
	wait $pid || ended=$?
	[ "$ended" -eq 137 ]
	until_true test ! -e "$XDG_RUNTIME_DIR/pen/$pid"
}

# ---- for good --------------------------------------------------------------

@test "--everywhere adds the rule to the profile default, and leaves the rest alone" {
	mkdir -p "${CONF%/*}"
	cat >"$CONF" <<-'END'
		# mine
		profile default {  # the usual
			allow = {"pypi.org"} /* } */
		}

		project "~/x" { publish = {80} } // "
	END
	cp "$CONF" "$T/before"
	run -0 pen-ctl allow --everywhere crates.io
	diff "$T/before" "$CONF" >"$T/diff" || :
	[ "$(cat "$T/diff")" = '3a4
> 	allow += {"crates.io"}' ]
	run -0 pen --print=conf true
	has "allow = pypi.org"
	has "allow = crates.io"
	run -0 pen-ctl allow --everywhere crates.io
	run -0 pen-ctl undo --everywhere crates.io
	diff "$T/before" "$CONF"
}

@test "--always is for the session's project, and for the session too" {
	session "${PIN[@]}" --project "$HOME/src/project"
	run -0 pen-ctl allow --always allowed.test
	allowed 0
	run -0 cat "$CONF"
	[ "$output" = "project \"$HOME/src/project\" {
	allow += {\"allowed.test\"}
}" ]
	[ "$(stat -c %a "$CONF")" = 600 ]
	run -0 pen --print=conf true
	has "allow = allowed.test"
	run -0 pen-ctl deny --always evil.test
	run -0 pen --print=conf true
	has "deny = evil.test"
	run -0 pen-ctl undo --always allowed.test
	allowed 6
	run -0 cat "$CONF"
	[ "$output" = "project \"$HOME/src/project\" {
	deny += {\"evil.test\"}
}" ]
}

@test "a link to pen.conf stays one, and its mode stays" {
	mkdir -p "${CONF%/*}" "$HOME/dotfiles"
	echo '# dot' >"$HOME/dotfiles/pen.conf"
	chmod 640 "$HOME/dotfiles/pen.conf"
	ln -s "$HOME/dotfiles/pen.conf" "$CONF"
	run -0 pen-ctl allow --everywhere crates.io
	[ -L "$CONF" ]
	grep -q crates.io "$HOME/dotfiles/pen.conf"
	[ "$(stat -c %a "$HOME/dotfiles/pen.conf")" = 640 ]
	[ "$(ls -A "$HOME/dotfiles")" = pen.conf ]
}

@test "a pen.conf with a mistake in it is left alone" {
	mkdir -p "${CONF%/*}"
	printf 'profile default {\n' >"$CONF"
	run -125 pen-ctl allow --everywhere crates.io
	has "pen.conf:1: the file ends too early"
	[ "$(cat "$CONF")" = 'profile default {' ]
}

# ---- budgets ---------------------------------------------------------------

@test "a pen without a key has no budget, and one whose pen-key is dead answers" {
	local key
	session --project "$PWD"
	run -0 pen-ctl budget
	[ "$output" = 'this pen has no credential outside, and no budget' ]
	run -0 pen-ctl budget --json
	[ -z "$output" ]
	expect 125 pen-ctl budget requests=+1
	has 'this pen has no such budget'
	expect 125 pen-ctl budget api.anthropic.com requests=+1
	has 'pen-key serves no such name'
	expect 125 pen-ctl budget api.anthropic.com
	has 'no KIND=+NUMBER is given'
	session_end
	pen-sni() {
		A=sk-ant-0123456789abcdef exec pen-key --from env:A \
			--upstream https://api.anthropic.com --api anthropic \
			--header 'x-api-key: ' --budget requests=2 pen-sni "$@"
	}
	session --project "$PWD"
	run -0 pen-ctl budget --json
	[ "$(jq -sc '[.[] | select(.limit) | [.what, .used, .limit, .per]]' \
		<<<"$output")" = '[["requests",0,2,"run"]]' ]
	key=$(pgrep -P "$PID" -x pen-key)
	kill -9 "$key"
	until_true dead_key
	# what it has told last is still there
	run -0 pen-ctl budget
	has 'api.anthropic.com'
}
dead_key() {
	run pen-ctl budget api.anthropic.com requests=+1
	[[ $output == *'pen-key serves no such name'* ]]
}

# ---- the page --------------------------------------------------------------

@test "the examples of the manual page run" {
	local line n=0
	# with a budget
	pen-sni() {
		A=sk-ant-0123456789abcdef exec pen-key --from env:A \
			--upstream https://api.anthropic.com --api anthropic \
			--header 'x-api-key: ' --budget tokens=2M pen-sni "$@"
	}
	session --project "$PWD" --allow allowed.test --allow ssh://git.test
	while read -r line; do
		expect 0 bash -c "$line"
		n=$((n + 1))
	done < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/s/^\.Dl //p' \
		"$ROOT/man/pen-ctl.1")
	[ "$n" -eq 10 ]
	run -0 pen-ctl budget
	grep -qE '^tokens +0 +3000000 +run +api.anthropic.com' <<<"$output"
}

# ---- asking ----------------------------------------------------------------

# terminal COMMAND… : runs it on a terminal that step talks to
terminal() {
	mkfifo "$T/steps"
	NS_TTY_DONE=$T/done python3 "$ROOT/tests/lib/ns_tty.py" "$@" <"$T/steps" >"$T/terminal" 2>&1 3>&- 8>&- &
	TERMINAL=$!
	STEPS=0
	exec 7>"$T/steps"
}

# step STEP… : of ns_tty.py; each is done when this returns
step() {
	printf '%s\n' "$@" >&7
	STEPS=$((STEPS + $#))
	until_true steps_done || {
		cat "$T/terminal" >&2
		return 1
	}
}

steps_done() {
	[ "$(wc -l 2>/dev/null <"$T/done")" = $STEPS ]
}

# terminal_end STATUS : the command has ended, and every step went well
terminal_end() {
	echo "end $1" >&7
	exec 7>&-
	wait "$TERMINAL" || {
		cat "$T/terminal" >&2
		return 1
	}
}

# fetch NAME : in the background, its result in $T/NAME
fetch() {
	inside "($(get) https://$1/ >$T/$1.part 2>&1; mv $T/$1.part $T/$1) &"
}

# listened : somebody can be asked
listened() {
	say status
	jq -e '.listeners == 1' <<<"$output"
}

# typed LETTER FILE : until that has been of use
typed() {
	until_true typed_once "$1" "$2"
}

typed_once() {
	[ -e "$2" ] || step "send $1\\r"
	[ -e "$2" ]
}

@test "ask shows a question and takes its answer: once, for a time, or no" {
	session --ask --agent claude --project "$HOME/src/project" "${PIN[@]}"
	terminal pen-ctl ask
	until_true listened
	fetch evil.test
	step "expect claude in $HOME/src/project" "expect wants  evil.test" "expect deny: "
	# what is typed at once was typed for something else
	step 'send o\r' "expect typed before this could be read" "expect deny: "
	[ ! -e "$T/evil.test" ]
	typed d "$T/evil.test"
	grep -q curl: "$T/evil.test"
	fetch allowed.test
	step "expect wants  allowed.test" "expect deny: "
	typed t "$T/allowed.test"
	grep -q hello "$T/allowed.test"
	run -0 pen-ctl rules
	[[ $output =~ allow\ +allowed.test.*left ]]
	[[ $output =~ deny\ +evil.test ]]
	session_end
	step 'send \x04'
	terminal_end 0
}

@test "ask: always is for the project, in pen.conf" {
	session --ask --agent claude --project "$HOME/src/project" "${PIN[@]}"
	terminal pen-ctl --pen "$SESSION" ask
	until_true listened
	fetch allowed.test
	step "expect wants  allowed.test" "expect deny: "
	typed a "$T/allowed.test"
	grep -q hello "$T/allowed.test"
	grep -q 'allow += {"allowed.test"}' "$CONF"
	session_end
	terminal_end 0
}

@test "ask needs a terminal, and a session that asks" {
	session
	run -125 pen-ctl ask </dev/null
	has "questions are answered at a terminal"
	terminal pen-ctl --pen "$SESSION" ask
	step "expect Waits for questions of pens that ask"
	step "expect this session asks nothing"
	session_end
	terminal_end 0
}

@test "ask tells the desktop, where there is notify-send" {
	mkdir "$T/stub"
	printf '#!/bin/sh\nprintf "%%s|" "$@" >%s/notified
		echo cannot notify >&2; echo nor here\n' "$T" >"$T/stub/notify-send"
	chmod +x "$T/stub/notify-send"
	session --ask --agent claude "${PIN[@]}"
	PATH=$T/stub:$PATH terminal pen-ctl --pen "$SESSION" ask
	until_true listened
	fetch evil.test
	until_true grep -qs 'pen: claude asks|evil.test?' "$T/notified"
	session_end
	terminal_end 0
	run -1 grep -q "cannot notify\|nor here" "$T/terminal"
}
