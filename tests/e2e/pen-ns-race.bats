#!/usr/bin/env bats
# pen-ns while somebody swaps what it is about to bind, or to bind on, for a
# symbolic link: thousands of launches.

load ../lib/common

LAUNCHES=1000

setup() {
	scratch
	pids=()
	mkdir project evil outside
	echo right >project/mark
	echo wrong >"$HOME/.ssh/mark"
	ln -s "$HOME/.ssh" evil/project
	cat=(--system --proc /proc --ro-bind "$PROBE" /probe /probe/ns_probe cat)
}

teardown() {
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}"
}

swap() {
	"$PROBE/ns_probe" swap "$1" "$2" 3>&- 7<&- &
	pids+=($!)
}

# launches N COMMAND… : N times, to ./out and ./said
launches() {
	local i n=$1
	shift
	: >out
	: >said
	for ((i = 0; i < n; i++)); do
		"$@" >>out 2>>said || :
	done
}

@test "a source that is held by --bind-fd is the only one that is ever bound" {
	exec 7<project
	swap project evil/project
	# the control: by its name the other one is bound before long
	until_true bash -c 'pen-ns --bind project /p "$@" /p/mark |
		grep -q wrong' - "${cat[@]}"
	launches $LAUNCHES pen-ns --bind-fd 7 /p "${cat[@]}" /p/mark
	grep -q right out
	run grep -c wrong out
	[ "$output" = 0 ]
	# the others were refused: by what they are, not by chance
	run grep -vc 'cannot bind' said
	[ "$output" = 0 ]
}

@test "a destination in a writable bind never leads out of the view" {
	mkdir -p p/a
	ln -s "$PWD/outside" p/link
	ln -s "$PWD/outside" control
	echo text >data
	cp data control/file # the link works
	rm outside/file
	swap p/a p/link
	launches $LAUNCHES pen-ns --bind p /p --ro-bind data /p/a/bound \
		--dir /p/a/dir --symlink x /p/a/link --tmpfs /p/a/tmp \
		--chmod 0700 /p/a "${cat[@]}" /p/a/bound
	grep -q text out
	[ -z "$(ls -A outside)" ]
	[ "$(stat -c %a outside)" != 700 ]
}

@test "mounts that come and go elsewhere do not fail a start" {
	local i
	coproc churn { exec python3 "$ROOT/tests/lib/mount_churn.py"; }
	# shellcheck disable=SC2154 # coproc sets it
	pids+=("$churn_PID")
	read -r _ <&"${churn[0]}"
	for ((i = 0; i < 100; i++)); do
		expect 0 pen-ns --system --tmpfs /tmp --symlink ../tmp /var/tmp \
			--tmpfs /var/tmp/a --dir /var/tmp/b true
	done
}
