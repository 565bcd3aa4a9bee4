#!/usr/bin/env bats
# A directory open as one of the standard descriptors, or kept with --keep-fd,
# leads out of any file view: ".." goes on in the mount it was opened in.

load ../lib/common

setup() {
	scratch
}

# steal FD: from the project, open as FD, to the key two directories above
steal() {
	"${@:2}" cat "/proc/self/fd/$1/../../.ssh/id_ed25519"
}

@test "prog does not start with a directory as standard input, output or error" {
	expect 0 steal 0 </"$HOME/src/project"
	has PLANTED-KEY
	expect 125 steal 0 pen-ns --system --proc /proc -- \
		<"$HOME/src/project"
	has 'descriptor 0 is a directory'
	has 'hint: '
	lacks PLANTED-KEY
	expect 125 steal 0 pen <"$HOME/src/project"
	lacks PLANTED-KEY
	run -125 sh -c 'pen-ns --system -- true 2</'
}

@test "--keep-fd does not keep a directory" {
	expect 0 steal 7 7<"$HOME/src/project"
	has PLANTED-KEY
	expect 125 steal 7 pen-ns --system --proc /proc --keep-fd 7 -- \
		7<"$HOME/src/project"
	has 'descriptor 7 is a directory'
	lacks PLANTED-KEY
}
