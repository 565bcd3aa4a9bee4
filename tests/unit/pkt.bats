# What pen-key reads of git's requests.
load ../lib/common

@test "a push's commands are read as git reads them, or refused" {
	expect 0 "$PROBE/unit/pkt" commands
}

@test "a push has no more commands than there is room for" {
	expect 0 "$PROBE/unit/pkt" bounds
}

@test "a push passes if all of its refs do, and none is deleted" {
	expect 0 "$PROBE/unit/pkt" pushes
}

@test "only a fetch and a push of a repository that was named pass" {
	expect 0 "$PROBE/unit/pkt" requests
}
