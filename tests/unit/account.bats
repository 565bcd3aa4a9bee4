# What is left to pen-report, should what a run left take it over.
load ../lib/common

setup() {
	scratch
	mkdir "$T/state" "$T/tree" "$T/other"
}

@test "the account reads, writes state and trees, and starts and reaches nothing" {
	local name
	[ -z "${SAN:-}" ] || return 0 # it makes system calls of its own
	expect 0 "$PROBE/unit/account" "$T/state" "$T/tree" "$T/other" free
	for name in read state tree other exec unix kill socket trace; do
		has "$name ok"
	done
	expect 0 "$PROBE/unit/account" "$T/state" "$T/tree" "$T/other"
	for name in read state tree; do
		has "$name ok"
	done
	for name in exec unix kill socket trace; do
		has "$name EPERM"
	done
	has 'other EACCES' # Landlock knows files since Linux 5.13
}
