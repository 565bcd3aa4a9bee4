# What is said to the control socket.
load ../lib/common

@test "requests are words with one blank between them" {
	expect 0 "$PROBE/unit/request" requests
}

@test "anything else is refused, and leaves nothing behind" {
	expect 0 "$PROBE/unit/request" refused
}

@test "the fuzzer's corpus of requests passes" {
	expect 0 "$PROBE/unit/request" "$ROOT"/tests/fuzz/corpus/request/*
}
