# What is left to pen-sni's proxy, should its bytes take it over.
load ../lib/common

setup() {
	scratch
}

@test "the proxy dials, resolves and logs, and has no file or program of the user's" {
	local name
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	mkdir "$T/logs"
	echo secret >"$HOME/.ssh/id_ed25519"
	expect 0 "$PROBE/unit/proxy" "$HOME/.ssh/id_ed25519" "$T/logs" free
	for name in etc key change log read-log exec fork unix netlink dial bind \
		listen kill dumpable trace; do
		has "$name ok"
	done
	expect 0 "$PROBE/unit/proxy" "$HOME/.ssh/id_ed25519" "$T/logs"
	for name in etc log netlink dial; do
		has "$name ok"
	done
	for name in exec fork unix listen kill dumpable trace; do
		has "$name EPERM"
	done
	# Landlock knows files since Linux 5.13, and ports since 6.7
	for name in key change read-log bind; do
		has "$name EACCES"
	done
}
