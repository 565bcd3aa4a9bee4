# Which settings of git name nothing but data.
load ../lib/common

@test "a setting that names a program is told from one that names data" {
	expect 0 "$PROBE/unit/gitdata" kinds
}

@test "what may hold a secret is no data" {
	expect 0 "$PROBE/unit/gitdata" secrets
}

@test "a setting is written as git reads it back" {
	expect 0 "$PROBE/unit/gitdata" texts
}
