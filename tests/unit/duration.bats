# Durations from text.
load ../lib/common

@test "a duration is a number and one unit, within its bounds" {
	expect 0 "$PROBE/unit/duration"
}
