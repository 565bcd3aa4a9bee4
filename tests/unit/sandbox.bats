# What pen's own long-lived processes take from themselves.
load ../lib/common

@test "listed system calls work, others are EPERM, in a child too" {
	expect 0 "$PROBE/unit/sandbox"
}
