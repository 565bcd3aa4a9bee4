# pen-ns' own malloc(3), which is linked in with musl.
load ../lib/common

@test "blocks are aligned, zero, apart from each other, and large ones go" {
	run "$PROBE/unit/malloc"
	[ "$status" -eq 0 ]
}
