# The values of a key in a JSON file, as pen-ns compares them.
load ../lib/common

@test "the values of a key are found at any depth, however it is written" {
	expect 0 "$PROBE/unit/json" values
}

@test "what is not JSON is read to its end and no further" {
	expect 0 "$PROBE/unit/json" malformed
}

@test "the fuzzer's corpus of JSON passes" {
	expect 0 "$PROBE/unit/json" "$ROOT"/tests/fuzz/corpus/json/*
}
