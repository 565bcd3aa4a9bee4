# pen-system's contract: it prints the options that --system stands for.
load ../lib/common

@test "the words are options of pen-ns, and the last one is empty" {
	pen-system >"$BATS_TEST_TMPDIR/words"
	run -0 tr '\0' '\n' <"$BATS_TEST_TMPDIR/words"
	has $'--ro-bind\n/usr\n/usr'
	has $'--ro-bind\n/etc\n/etc'
	[ "$(tail -c 2 "$BATS_TEST_TMPDIR/words" | od -An -tx1)" = ' 00 00' ]
	head -c -1 "$BATS_TEST_TMPDIR/words" >"$BATS_TEST_TMPDIR/args"
	expect 0 pen-ns --args 9 true 9<"$BATS_TEST_TMPDIR/args"
}

@test "an argument, and a full disk, are 125" {
	expect 125 pen-system x
	has "it takes no arguments"
	[ -c /dev/full ] || skip_missing /dev/full
	expect 125 sh -c 'pen-system >/dev/full'
}

@test "the examples of the page work" {
	run -0 bash -e <<<"$(sed -n 's/^\.Dl //p' "$ROOT/man/pen-system.1" |
		sed 's/\\e/\\/g')"
	has --ro-bind
}

@test "--system fails where pen-system does" {
	scratch
	cp "$BIN/pen-ns" "$BIN/pen-monitor" .
	printf '#!/bin/sh\nprintf "%%s\\0" --ro-bind /usr /usr; exit 1\n' >pen-system
	chmod +x pen-system
	expect 125 ./pen-ns --system /usr/bin/true
	printf '#!/bin/sh\nexit 0\n' >pen-system
	expect 125 ./pen-ns --system /usr/bin/true
	rm pen-system
	expect 125 ./pen-ns --system /usr/bin/true
	has pen-system
}
