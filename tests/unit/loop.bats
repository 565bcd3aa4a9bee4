# Readiness of descriptors.
load ../lib/common

@test "who is not watched any more is not told, though its descriptor is closed" {
	expect 0 "$PROBE/unit/loop"
	equals ok
}
