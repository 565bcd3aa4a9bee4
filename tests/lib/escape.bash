# Loaded after common by the escape tests: each attack is run outside first,
# where it must work, or the test proves nothing.
#
# An attack is a script for bash that prints LEAKED when it has what it wanted.
# PENNED are options for pen.

PENNED=(--offline)
VICTIMS=()

# outside SCRIPT / inside SCRIPT : run it, what it says into $output
outside() {
	run bash -c "$1"
}
inside() {
	run pen "${PENNED[@]}" bash -c "$1"$'\n''echo THE END'
	# it came to its end: a pen that fails keeps every secret
	has 'THE END'
}

# attack SCRIPT : works outside and not inside
attack() {
	outside "$1"
	has LEAKED
	inside "$1"
	lacks LEAKED
}

# refused SCRIPT : for what an ordinary user cannot do outside either: a pen
# must not have made it possible
refused() {
	inside "$1"
	lacks LEAKED
}

# held FILE SCRIPT : changes FILE outside, and in a pen the host's stays as it was
held() {
	rm -rf "$T/home.was"
	cp -a "$HOME" "$T/home.was"
	local before
	before=$(cat "$1" 2>&1) || :
	outside "$2"
	[ "$(cat "$1" 2>&1)" != "$before" ] || {
		echo "the control changes nothing: $2" >&2
		return 1
	}
	rm -rf "$HOME"
	mv "$T/home.was" "$HOME"
	cd "$PWD"
	inside "$2"
	[ "$(cat "$1" 2>&1)" = "$before" ] || {
		echo "it reached the host: $2" >&2
		return 1
	}
	rm -rf "$HOME/.local/state/pen" # or the next pen has it, too
}

# told_of PATH : the end of the run, in $output, named it, or pen-review does
told_of() {
	local p=${1#"$PWD/"}
	p=${p/#"$HOME/"/\~/}
	[[ $output == *"$p"* ]] || pen-review --list | grep -qF -- "$p" || {
		printf "'%s' was not told:\n%s\n" "$p" "$output" >&2
		return 1
	}
}

# victim COMMAND… : a process of the host; its pid in VICTIM
victim() {
	"$@" 3>&- >"$T/victim.out" &
	VICTIM=$!
	disown "$VICTIM"
	VICTIMS+=("$VICTIM")
}

victims_end() {
	[ ${#VICTIMS[@]} -eq 0 ] || kill -KILL "${VICTIMS[@]}" 2>/dev/null || :
}
