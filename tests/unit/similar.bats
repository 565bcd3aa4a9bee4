# Words that are nearly a name.
load ../lib/common

@test "a slip of the keyboard is similar, another word is not" {
	expect 0 "$PROBE/unit/similar"
}
