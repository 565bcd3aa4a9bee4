# pen.conf as text: a line comes or goes, and the rest stays.
load ../lib/common

@test "a rule is added at the end of its section, which is added if it is missing" {
	expect 0 "$PROBE/unit/edit" add
}

@test "what cannot be read, or quoted, is not edited" {
	expect 0 "$PROBE/unit/edit" broken
}

@test "only a line that was added so is removed" {
	expect 0 "$PROBE/unit/edit" removes
}

@test "every shipped configuration can be edited" {
	expect 0 "$PROBE/unit/edit" "$ROOT"/agents/*.conf
}
