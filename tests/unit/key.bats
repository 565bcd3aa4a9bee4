# What pen-key reads of both sides.
load ../lib/common

@test "a path is matched whole, by a star within a segment or by two across" {
	expect 0 "$PROBE/unit/key" paths
}

@test "members that make the API fetch are found wherever they count" {
	expect 0 "$PROBE/unit/key" members
}

@test "the credential is found as it is, in base64 and with escapes" {
	expect 0 "$PROBE/unit/key" echoes
}

@test "the tokens of an answer are the most that it says" {
	expect 0 "$PROBE/unit/key" tokens
}
