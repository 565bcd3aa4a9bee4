# What is left to pen-key, should its bytes take it over.
load ../lib/common

setup() {
	scratch
}

@test "pen-key dials its port, and has no file, program or process of the user's" {
	local name
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	echo secret >"$HOME/.ssh/id_ed25519"
	expect 0 "$PROBE/unit/keyproc" "$HOME/.ssh/id_ed25519" 9 free
	for name in key change exec fork unix netlink dial other-port bind listen \
		kill dumpable trace udp; do
		has "$name ok"
	done
	expect 0 "$PROBE/unit/keyproc" "$HOME/.ssh/id_ed25519" 9
	for name in netlink dial; do
		has "$name ok"
	done
	for name in key change exec fork unix bind listen kill dumpable trace; do
		has "$name EPERM"
	done
	# Landlock knows ports since Linux 6.7
	needs_landlock 4 6.7
	has 'other-port EACCES'
	# and those of UDP since 7.2
	[ "$(landlock_abi)" -lt 10 ] || has 'udp EACCES'
}
