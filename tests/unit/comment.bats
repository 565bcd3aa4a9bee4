# Comments in pen.conf.
load ../lib/common

@test "comments are taken out, and what only looks like one stays" {
	expect 0 "$PROBE/unit/comment"
}
