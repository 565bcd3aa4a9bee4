# The synthetic addresses of names.
load ../lib/common

@test "names below wildcards leave half of the addresses to those of rules" {
	expect 0 "$PROBE/unit/fakeip"
}
