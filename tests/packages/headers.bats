#!/usr/bin/env bats
# The newest kernel's headers in Debian's archive have no system call and no right
# of Landlock's that pen does not know: who adds a kernel looks at what is new.

load ../lib/common

RELEASES='trixie-backports sid experimental'

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	local release
	for release in $RELEASES; do
		"$BATS_TEST_DIRNAME/../../packaging/unpack" amd64 "$release" \
			"linux-libc-dev/$release" || echo "none of $release"
	done >log 2>&1
}

setup() {
	scratch
	# not every one of them has newer headers than sid at any time
	[ -d "$BATS_FILE_TMPDIR/sid/usr" ] ||
		skip_missing "Debian's archive: $(cat "$BATS_FILE_TMPDIR/log")"
}

# headers NAME : the files of that name, of each release
headers() {
	find "$BATS_FILE_TMPDIR" -path "*/$1" -type f
}

# defined NAME FILE : its value, as C computes it
defined() {
	printf '#include <stdint.h>\n#include <stdio.h>\n#include "%s"\n%s\n' \
		"$ROOT/$2" "int main(void) { printf(\"%llu\n\", (unsigned long long)$1); }" |
		gcc -I"$ROOT/src" -x c -o "$T/value" - && "$T/value"
}

@test "no system call is newer than pen-filter's ceiling" {
	local newest
	newest=$(headers 'asm/unistd_64.h' | xargs sed -nE \
		's/^#define __NR_[a-z0-9_]+[[:space:]]+([0-9]+)$/\1/p' |
		awk '$1 < 512' | sort -n | tail -n 1)
	[ "$newest" -gt 460 ]
	echo "newest: $newest"
	[ "$newest" -eq "$(defined POLICY_CEILING src/lib/policy.h)" ]
}

@test "each version of Landlock has a row, and each right a bit" {
	local abi
	abi=$(headers linux/landlock.h | xargs sed -nE \
		's/.*ABI version ([0-9]+)\..*/\1/p' | sort -n | tail -n 1)
	echo "newest: $abi"
	[ "$abi" -eq "$(sed -n '/^static const struct ruleset versions/,/^};/p' \
		"$ROOT/src/lib/landlock.c" | grep -c '^    {')" ]
	# highest KIND : the bit, plus one
	highest() {
		headers linux/landlock.h | xargs sed -nE \
			"s/^#define LANDLOCK_$1[A-Z_]+[[:space:]]+\(1ULL << ([0-9]+)\)/\1/p" |
			sort -n | tail -n 1
	}
	[ "$(defined LANDLOCK_FILES src/lib/landlock.h)" -eq \
		$(((1 << ($(highest ACCESS_FS_) + 1)) - 1)) ]
	[ "$(defined LANDLOCK_PORTS src/lib/landlock.h)" -eq \
		$(((1 << ($(highest ACCESS_NET_) + 1)) - 1)) ]
	[ "$(highest SCOPE_)" -eq 1 ]
}
