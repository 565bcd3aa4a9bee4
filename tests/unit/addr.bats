# The addresses that pen-sni does not dial.
load ../lib/common

@test "every special range is refused to its last address, and its neighbours are not" {
	expect 0 "$PROBE/unit/addr"
}
