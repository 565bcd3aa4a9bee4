# What tests and make bench wait for, and what they know of processes.

# until_true COMMAND… : tries it every 20 ms for 20 s; for what another process
# will have done, where there is no descriptor to wait on
until_true() {
	local i
	for i in {1..1000}; do
		"$@" && return 0
		sleep .02
	done
	echo "never came true: $*" >&2
	return 1
}

# family PID: it and all its descendants
family() {
	local child
	echo "$1"
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		family "$child"
	done
}

# none_of PID… : all are gone
none_of() {
	local p
	for p in "$@"; do
		[ ! -e "/proc/$p" ] || return 1
	done
}

# zombies COMMAND… : how many are left to a parent that waits for nothing
zombies() {
	run /usr/bin/python3 -c 'import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) # PR_SET_CHILD_SUBREAPER
subprocess.run(sys.argv[1:], check=True)
left = open("/proc/self/task/%d/children" % os.getpid()).read().split()
print(len(left))' "$@"
}
