# Names of files, and where their links lead.
load ../lib/common

@test "names are compared by their parts and put in one form" {
	expect 0 "$PROBE/unit/path" text
}

@test "a path leads where the C library says, and each link of it is told" {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p t/a/b
	: >t/file
	: >t/a/b/file
	ln -s a t/to-a
	ln -s .. t/a/up
	ln -s ../../to-a/./b t/a/b/far
	ln -s "$PWD/t/a//b/" t/abs
	ln -s to-a/up/abs/far t/twice
	ln -s loop t/loop
	ln -s none/x t/gone
	ln -s / t/a/top
	expect 0 "$PROBE/unit/path" follow "$PWD/t"
}
