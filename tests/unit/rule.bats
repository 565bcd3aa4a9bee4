# Host names and rules.
load ../lib/common

@test "a name is made canonical, and anything else is no name" {
	expect 0 "$PROBE/unit/rule" names
}

@test "no notation of an address is a name" {
	expect 0 "$PROBE/unit/rule" addresses
}

@test "rules parse strictly and are written as they are read" {
	expect 0 "$PROBE/unit/rule" rules
}

@test "no rule allows this host itself: --reach does" {
	expect 0 "$PROBE/unit/rule" this-host
}

@test "a wildcard is any name below its suffix and never the suffix" {
	expect 0 "$PROBE/unit/rule" matching
}

@test "a rule covers what it speaks of, on its port and by its scheme" {
	expect 0 "$PROBE/unit/rule" covering
}

@test "the fuzzer's corpus of rules passes" {
	expect 0 "$PROBE/unit/rule" "$ROOT"/tests/fuzz/corpus/rule/*
}
