# git's own files, as pen reads them.
load ../lib/common

@test "a configuration is read as git reads it" {
	expect 0 "$PROBE/unit/gitfile" variables
}

@test "what git refuses is passed over, and nothing is read past the end" {
	expect 0 "$PROBE/unit/gitfile" malformed
}

@test "the first line of a .git file leads somewhere, or nowhere" {
	expect 0 "$PROBE/unit/gitfile" lines
}

@test "git and pen agree on every variable of a file" {
	cat >"$BATS_TEST_TMPDIR/config" <<'END'
# comment
[Core] FileMode = true ; not this
	WorkTree = "a b\tc" # nor this
	bare
[remote "O\"rigin"] url = one\
two
[branch.Main]
	merge=refs/heads/main   
	empty =
END
	expect 0 git config -f "$BATS_TEST_TMPDIR/config" --list -z
	expect 0 bash -c "git config -f '$BATS_TEST_TMPDIR/config' --list -z |
		tr '\\n\\0' '=\\n' >'$BATS_TEST_TMPDIR/git'
		'$PROBE/unit/gitfile' list '$BATS_TEST_TMPDIR/config' \
			>'$BATS_TEST_TMPDIR/pen'
		diff '$BATS_TEST_TMPDIR/git' '$BATS_TEST_TMPDIR/pen'"
}

@test "the fuzzer's corpus of configurations passes" {
	expect 0 "$PROBE/unit/gitfile" "$ROOT"/tests/fuzz/corpus/gitfile/*
}
