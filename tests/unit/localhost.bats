# /etc/hosts inside.
load ../lib/common

@test "lines of the loopback keep the names of localhost, and no other line is left" {
	expect 0 "$PROBE/unit/localhost"
}
