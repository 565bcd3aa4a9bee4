# The JSON of the control socket, as pen-shell reads it.
load ../lib/common

@test "a reply's values are found, made visible and cut; nesting is refused" {
	expect 0 "$PROBE/unit/object"
}
