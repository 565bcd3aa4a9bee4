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

# plants FILE SCRIPT : the script makes FILE outside, and in a pen does not
plants() {
	[ ! -e "$1" ]
	outside "$2"
	[ -e "$1" ]
	rm -r "$1"
	inside "$2"
	[ ! -e "$1" ]
}

# refused SCRIPT : for what an ordinary user cannot do outside either: a pen
# must not have made it possible
refused() {
	inside "$1"
	lacks LEAKED
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
