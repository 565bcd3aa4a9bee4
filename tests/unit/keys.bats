# What comes from the user's terminal.
load ../lib/common

@test "an escape key is a control character that nobody types all the time" {
	expect 0 "$PROBE/unit/keys" parse
}

@test "the escape key is seen in each of its encodings, and cut in two" {
	expect 0 "$PROBE/unit/keys" escape
}

@test "neither an answer of the terminal nor pasted text is the escape key" {
	expect 0 "$PROBE/unit/keys" not-a-key
}

@test "keys are told from answers, and from what is neither" {
	expect 0 "$PROBE/unit/keys" console
}

@test "the fuzzer's corpus of input passes" {
	expect 0 "$PROBE/unit/keys" "$ROOT"/tests/fuzz/corpus/keys/*
}
