# DNS messages, as pen-sni reads and writes them.
load ../lib/common

@test "a question is answered with the id, the question as sent, and one record" {
	expect 0 "$PROBE/unit/dns" question
}

@test "a query that is cut, compressed or not one question is a format error" {
	expect 0 "$PROBE/unit/dns" malformed
}

@test "a name with a dot or NUL in a label, or an address, is not canonical" {
	expect 0 "$PROBE/unit/dns" names
}

@test "the fuzzer's corpus of queries passes" {
	expect 0 "$PROBE/unit/dns" "$ROOT"/tests/fuzz/corpus/dns/*
}
