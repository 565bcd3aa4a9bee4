# The compiled filters of both machines, in a simulator.
load ../lib/common

@test "every number and every tested argument gets the table's answer" {
	expect 0 "$PROBE/unit/policy" table
}

@test "the table has the numbers and answers that are known by hand" {
	expect 0 "$PROBE/unit/policy" known
}

@test "a call of a foreign ABI kills, x32 by its bit too" {
	expect 0 "$PROBE/unit/policy" foreign
}

@test "a call whose arguments do not matter is decided by its number alone" {
	expect 0 "$PROBE/unit/policy" bitmap
}

@test "each row is a call of some machine and says its test in words" {
	expect 0 "$PROBE/unit/policy" rows
}
