# Loaded after common: a real terminal, tmux, for programs that draw; teardown
# ends its server.

tm() {
	LANG=C.UTF-8 tmux -S "$T/tmux" -f /dev/null "$@"
}

# in_terminal COMMAND… : in a terminal of its own, 100 by 45, with job control as
# at a prompt; says "Ended: STATUS".  What tmux says of a dead pane may never come:
# libutempter, of which it asks to take back the login as soon as the terminal is
# closed, takes the SIGCHLD.
in_terminal() {
	tm new-session -d -x 100 -y 45 sh -mc \
		'trap : INT; "$@"; echo "Ended: $?"; while :; do cat; done' \
		sh "$@" 3>&-
}

# screen_has TEXT, screen_lacks TEXT : a blank in it is any kind of blank
screen_has() {
	tm capture-pane -p | grep -q -- "${1// /.*}"
}
screen_lacks() {
	[ "$(tm capture-pane -p | grep -c -- "${1// /.*}")" -eq 0 ]
}
shows() {
	until_true screen_has "$1" || {
		tm capture-pane -p >&2
		return 1
	}
}

# types TEXT : and Enter, when it is shown at an agent's prompt
types() {
	tm send-keys -l "$1"
	shows "❯ $1"
	tm send-keys Enter
}

# type_line TEXT : and Enter
type_line() {
	tm send-keys -l "$1"
	tm send-keys Enter
}

# ended [STATUS] : the end has come, with that; what was said is in $T/end
ended() {
	shows 'Ended: [0-9]'
	tm capture-pane -p -S -50 >"$T/end"
	tm kill-server
	grep -q "Ended: ${1-[0-9]*}\$" "$T/end"
}
