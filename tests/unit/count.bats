# The file of the day's budgets, and what a budget makes of it.
load ../lib/common

setup() {
	scratch
}

count() {
	rm -f "$T/budget"
	expect 0 "$PROBE/unit/count" "$1" "$T/budget"
}

@test "a line of the file is taken only as it is written" {
	count lines
}

@test "two processes count exactly, and a credential has a count of its own" {
	count shared
}

@test "a process that is killed with the lock changes nothing and keeps nobody out" {
	count killed
}

@test "a new day begins at 0, a clock that is set back begins none" {
	count days
}

@test "a file that is damaged, full, removed or a link counts nothing, and is not written" {
	count damaged
}

@test "what requests may use is held back from other processes, and spent if one is killed" {
	count held
}

@test "a budget that there is can be raised, and is told of once" {
	count raised
}

@test "the fuzzer's corpus of lines passes" {
	expect 0 "$PROBE/unit/count" corpus "$ROOT"/tests/fuzz/corpus/count/*
}
