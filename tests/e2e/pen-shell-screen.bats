#!/usr/bin/env bats
# pen-shell under a real terminal, tmux: what full-screen programs show, and
# that the screen, the cursor and the modes are as before.

load ../lib/common

setup() {
	scratch
	export SHELL=/bin/bash
	printf 'line %s\n' {1..500} >text
	tm new-session -d -x 100 -y 30 \
		"PS1='outer> ' PATH='$PATH' exec bash --norc --noprofile" 3>&-
	tm set-option -g remain-on-exit on
	shows 'outer>'
	type_line 'stty -g >before; echo the line above'
	shows 'the line above'
	type_line 'clear'
	until_true lacks_text 'the line above'
}

teardown() {
	tm kill-server || :
}

tm() {
	LANG=C.UTF-8 tmux -S "$T/tmux" -f /dev/null "$@"
}

screen() {
	tm capture-pane -p
}

# above : all but the last line, where programs say what comes and goes
above() {
	screen | sed '$d'
}

has_text() {
	[[ $(screen) == *"$1"* ]]
}
lacks_text() {
	[[ $(screen) != *"$1"* ]]
}

shows() {
	until_true has_text "$1" || {
		screen >&2
		return 1
	}
}

keys() {
	tm send-keys "$@"
}

# type_line TEXT : and the enter key
type_line() {
	tm send-keys -l "$1"
	keys Enter
}

# at_shell : the outer shell has the terminal
at_shell() {
	[ "$(tm display-message -p '#{pane_current_command}')" = bash ]
}

# state : what of the terminal is not on the screen
state() {
	tm display-message -p '#{alternate_on} #{cursor_flag} #{mouse_any_flag}#{mouse_sgr_flag} #{keypad_flag} #{keypad_cursor_flag} #{insert_flag} #{origin_flag} #{wrap_flag} #{scroll_region_upper}-#{scroll_region_lower} #{pane_title}'
}

looks_like() {
	[ "$(above)" = "$1" ]
}

back_to() {
	until_true looks_like "$1" || {
		diff <(echo "$1") <(above) >&2
		return 1
	}
}

# goes_back STATE : all of the terminal is as at the start
goes_back() {
	type_line 'stty -g >after; echo it-$((6 * 7))'
	shows it-42
	cmp before after
	[ "$(state)" = "$1" ]
}

# console_over : the console over what the screen has, and back to it
console_over() {
	local was
	was=$(above)
	keys C-]
	shows 'pen>'
	type_line status
	shows 'clipboard = deny'
	keys Enter
	back_to "$was"
}

# stops_and_goes_on MARK : Ctrl-Z or suspend, and fg
stops_and_goes_on() {
	local was
	was=$(above)
	keys C-]
	shows 'pen>'
	type_line suspend
	shows 'Stopped'
	lacks_text "$1"
	type_line fg
	back_to "$was"
}

@test "vim: the console, stop and fg, a new size, and a clean end" {
	before=$(state)
	type_line 'pen-shell vim -u NONE -i NONE text'
	shows 'line 29'
	console_over
	stops_and_goes_on 'line 29'
	was=$(above)
	keys C-z
	shows Stopped
	type_line fg
	back_to "$was"
	tm resize-window -x 90 -y 24
	type_line ':echo &lines "by" &columns'
	shows '24 by 90'
	console_over
	type_line ':q!'
	until_true at_shell
	tm resize-window -x 100 -y 30
	goes_back "$before"
}

@test "less: the console, stop and fg, and a clean end" {
	before=$(state)
	type_line 'pen-shell less text'
	shows 'line 29'
	console_over
	stops_and_goes_on 'line 29'
	keys G
	shows 'line 500'
	keys q
	until_true at_shell
	goes_back "$before"
}

@test "top, which draws all the time: the console, stop and fg, and a clean end" {
	before=$(state)
	type_line 'pen-shell top -d 0.3'
	shows 'PID USER'
	keys C-]
	shows 'pen>'
	lacks_text 'PID USER'
	type_line status
	shows 'clipboard = deny'
	keys Enter
	shows 'PID USER'
	keys C-]
	shows 'pen>'
	type_line suspend
	shows Stopped
	type_line fg
	shows 'PID USER'
	keys q
	until_true at_shell
	goes_back "$before"
}

@test "a shell's screen is there again, with its cursor, when the console is left" {
	before=$(state)
	type_line pen-shell
	shows '[pen] ~/src/project$'
	type_line 'echo one; echo two'
	shows two
	tm send-keys -l 'echo half'
	shows 'echo half'
	console_over
	tm send-keys -l -- -a-word
	keys Enter
	shows half-a-word
	keys C-]
	shows 'pen>'
	type_line suspend
	shows Stopped
	type_line 'fg'
	shows 'pen-shell'
	type_line 'echo again-$PEN'
	shows again-1
	type_line exit
	until_true at_shell
	goes_back "$before"
}

@test "what a hostile program leaves behind is put right" {
	before=$(state)
	cat >hostile <<-'END'
		printf '\033[?1049h\033[?1000h\033[?1003h\033[?1006h\033[?2004h\033[?1h\033='
		printf '\033[?25l\033[?7l\033[?6h\033[4h\033[5;10r\033(0\016\033[>4;2m'
		printf '\033]2;root@bank\033\\\033[1;31m\033[?5h'
		printf 'x\033]52;c;'
	END
	type_line 'pen-shell sh hostile'
	until_true at_shell
	goes_back "$before"
	type_line 'printf "%s\n" qqq-lines'
	shows qqq-lines
}

@test "what a hostile program asks the terminal is not typed into the shell" {
	# read by whoever comes next: in the control, the user's shell
	ask="sh -c 'stty -echo; printf \"\\033[c\\033[>q\\033[5n\"'"
	next='IFS= read -rsn 4 -t 2 x; printf "got:%q:%s\n" "$x"'
	type_line "pen-shell $ask; $next penned"
	shows ':penned'
	has_text "got:'':penned"
	type_line "$ask; $next control"
	shows ':control'
	has_text 'got:$'
}

@test "the clipboard of tmux is out of reach, and not where it is allowed" {
	tm set-option -g set-clipboard on
	script='printf "\\033]52;c;aGVsbG8=\\007"; echo sent-$1'
	type_line "pen-shell sh -c '$script' sh one"
	shows sent-one
	run tm list-buffers
	[ -z "$output" ]
	until_true at_shell
	type_line "pen-shell --clipboard allow sh -c '$script' sh two"
	shows sent-two
	until_true eval '[ "$(tm show-buffer)" = hello ]'
}

@test "a title from inside says [pen], and the user's comes back" {
	before=$(state)
	type_line 'pen-shell sh -c '\''printf "\033]2;root@bank\007"; read x'\'''
	until_true eval '[[ $(state) == *"[pen] root@bank" ]]'
	keys Enter
	until_true at_shell
	goes_back "$before"
}
