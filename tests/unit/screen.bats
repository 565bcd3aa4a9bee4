# What the inside may write to the user's terminal.
load ../lib/common

@test "what draws passes, byte for byte" {
	expect 0 "$PROBE/unit/screen" passes
}

@test "what makes a terminal do more than draw is left out" {
	expect 0 "$PROBE/unit/screen" dropped
}

@test "bytes that are no characters, and controls above 0x7f, do no harm" {
	expect 0 "$PROBE/unit/screen" bytes
}

@test "titles are marked or dropped, and the user's own is kept" {
	expect 0 "$PROBE/unit/screen" titles
}

@test "news stay in the mark before titles until somebody has looked" {
	expect 0 "$PROBE/unit/screen" marks
}

@test "a long picture passes by parts, other long strings do not" {
	expect 0 "$PROBE/unit/screen" long
}

@test "everything that was switched is switched back, and nothing else is" {
	expect 0 "$PROBE/unit/screen" restores
}

@test "a mode that cannot be remembered does not pass" {
	expect 0 "$PROBE/unit/screen" many-modes
}

@test "questions that the terminal will answer are counted" {
	expect 0 "$PROBE/unit/screen" asks
}

@test "either screen can be covered, and uncovered" {
	expect 0 "$PROBE/unit/screen" covers
}

@test "no output is longer than its room, in any mode, from any beginning" {
	expect 0 "$PROBE/unit/screen" room
}

@test "what undoes any state, and any memory, fits" {
	expect 0 "$PROBE/unit/screen" text-room
}

@test "the fuzzer's corpus of output passes" {
	expect 0 "$PROBE/unit/screen" "$ROOT"/tests/fuzz/corpus/screen/*
}
