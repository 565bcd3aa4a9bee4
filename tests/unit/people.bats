# The user database inside.
load ../lib/common

@test "system accounts and the user are left, without passwords, and nobody else" {
	expect 0 "$PROBE/unit/people"
}
