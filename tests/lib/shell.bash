# Loaded after common by the tests of pen-shell: its terminal.

# terminal COMMAND… : plays stdin to it, as tests/lib/shell_tty.py has it; with
# $J for pen-shell
terminal() {
	PS1='outer> ' LANG=C.UTF-8 TERM=xterm-256color \
		/usr/bin/python3 "$ROOT/tests/lib/shell_tty.py" "$@"
}

# shell_gone NAME : the pen-shell whose pid is in the file NAME, and all that
# it started, is there no more
shell_gone() {
	[ ! -e "/proc/$(cat "$1")" ] && [ -z "$(pgrep -f "$2" || :)" ]
}
