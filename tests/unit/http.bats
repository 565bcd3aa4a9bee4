# Plain HTTP requests, as pen-sni reads them.
load ../lib/common

http() {
	expect 0 "$PROBE/unit/http" "$@"
}

@test "requests pass one behind the other, with lengths, chunks or nothing" {
	http good
}

@test "what servers read in different ways is refused, however it arrives" {
	http ambiguous
}

@test "chunks have a bare size, and nothing between or behind them" {
	http chunks
}

@test "CONNECT, targets with a host and other versions are refused" {
	http targets
}

@test "a request has one Host, a name with or without a port" {
	http hosts
}

@test "every request of a connection is for the host that was dialled" {
	http requests
}

@test "an answer to a refused request is as long as it says" {
	http refusals
}

@test "a head is at most 16 KiB" {
	http longest
}

@test "the fuzzer's corpus of requests passes" {
	http "$ROOT"/tests/fuzz/corpus/http/*
}
