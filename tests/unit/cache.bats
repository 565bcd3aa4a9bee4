# What the host's resolver answered, and for how long it counts.
load ../lib/common

@test "an answer is kept within bounds of time and number, to the millisecond" {
	expect 0 "$PROBE/unit/cache"
}
