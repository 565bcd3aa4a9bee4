# Which ports a session carries.
load ../lib/common

@test "a port is published and reached once, and not both ways inside" {
	expect 0 "$PROBE/unit/carried" conflicts
}

@test "one is taken back by the words that added it, or with who keeps it" {
	expect 0 "$PROBE/unit/carried" found
}

@test "there are so many and no more" {
	expect 0 "$PROBE/unit/carried" full
}
