# What is compiled of a calls.def, in a simulator of seccomp's programs.
load ../lib/common

@test "the calls of calls.def are allowed with their arguments, all others EPERM" {
	expect 0 "$PROBE/unit/calls"
}
