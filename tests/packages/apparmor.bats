#!/usr/bin/env bats
# The profiles are what AppArmor's own parsers of Debian 13 and of sid read.
# Nothing is loaded: --skip-kernel-load, with the features that abi/4.0 names.

load ../lib/common

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	local release
	for release in trixie sid; do
		"$BATS_TEST_DIRNAME/../../packaging/unpack" \
			"$(dpkg --print-architecture)" "$release" \
			"apparmor/$release" "libapparmor1/$release" libc6/sid \
			libstdc++6/sid libgcc-s1/sid || return 0
	done >log 2>&1
}

setup() {
	scratch
	[ -d "$BATS_FILE_TMPDIR/sid" ] ||
		skip_missing "Debian's archive: $(cat "$BATS_FILE_TMPDIR/log")"
}

# parser RELEASE ARGUMENT… : with the libraries beside it
parser() {
	local root=$BATS_FILE_TMPDIR/$1 loader
	shift
	loader=$(find "$root/usr/lib" -name 'ld-linux*.so.*')
	"$loader" --library-path "${loader%/*}" "$root/usr/sbin/apparmor_parser" \
		--skip-kernel-load --skip-cache --base "$root/etc/apparmor.d" \
		--policy-features "$root/etc/apparmor.d/abi/4.0" "$@" 2>&1 |
		sed '/parser.conf. not found$/d; /^Cache read.write disabled/d'
	return "${PIPESTATUS[0]}"
}

@test "both profiles are read, and one that is wrong is not" {
	local release
	sed 's/userns,/usernames,/' "$ROOT/packaging/apparmor/pen" >wrong
	for release in trixie sid; do
		run parser $release --names "$ROOT/packaging/apparmor/pen"
		[ "$output" = pen ]
		run parser $release --names "$ROOT/packaging/apparmor/pen.stacked"
		[ "$output" = $'pen\npen-net\npen-ns\npen_inside' ]
		expect 0 parser $release "$ROOT/packaging/apparmor/pen"
		[ -z "$output" ]
		expect 0 parser $release "$ROOT/packaging/apparmor/pen.stacked"
		[ -z "$output" ]
		expect 1 parser $release wrong
	done
}
