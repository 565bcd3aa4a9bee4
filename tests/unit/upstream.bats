# An upstream proxy: its name, and what is said to it and by it.
load ../lib/common

@test "an upstream proxy is a host and a port, as a URL or without" {
	expect 0 "$PROBE/unit/upstream" parsing
}

@test "what is asked of an upstream proxy, with and without a password" {
	expect 0 "$PROBE/unit/upstream" request
}

@test "an upstream proxy's answer ends where it ends" {
	expect 0 "$PROBE/unit/upstream" answers
}

@test "the fuzzer's corpus of upstream proxies' answers passes" {
	expect 0 "$PROBE/unit/upstream" "$ROOT"/tests/fuzz/corpus/upstream/*
}
