# The relay of pen-shell, on two ptys, with everybody else played by a script.
load ../lib/common

@test "whatever the program, the user and the console do, the terminal is as it was" {
	expect 0 "$PROBE/unit/relay" "$ROOT"/tests/fuzz/corpus/relay/*
}
