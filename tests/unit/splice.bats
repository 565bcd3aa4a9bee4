# The pipes of the data path.
load ../lib/common

@test "a pipe that had to be small is large when it can be" {
	expect 0 "$PROBE/unit/splice" many
	[ "$(id -u)" -ne 0 ] # root's are not counted
	expect 0 "$PROBE/unit/splice" small
}
