# pen-monitor's contract; what it does for a run is in tests/cli/pen-ns*.bats.
load ../lib/common

@test "it is executed by pen-ns alone: bad usage is 125 and a hint" {
	local args
	for args in "" "--child 1" "--sock 2" "--child x --sock 2" "true" \
		"--child 1 --sock 2 true" "--child 1 --sock 2 --watch x y z" \
		"--child 1 --sock 2 --leads 1 70000" "--no-such-option"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr pen-monitor $args
		[ "$status" -eq 125 ] || {
			echo "'$args': $status" >&2
			return 1
		}
		[[ $stderr == "pen-monitor: "* ]]
		[ -z "$output" ]
	done
}

@test "a child that is none of its own is 125" {
	expect 125 pen-monitor --child 1 --sock 9 9<>/dev/null
	has "cannot wait for prog: No child process"
}

@test "the process that was started becomes pen-monitor, by its old number" {
	scratch
	mkfifo go up
	pen-ns --system --keep-fd 7 --keep-fd 8 sh -c 'echo up >&7; read -r x <&8' \
		7<>up 8<>go &
	read -r _ <up
	[ "$(readlink "/proc/$!/exe")" = "$(readlink -f "$BIN/pen-monitor")" ]
	echo >go
	wait $!
}

@test "the examples of the page work" {
	run -0 bash -e <<<"$(sed -n 's/^\.Dl //p' "$ROOT/man/pen-monitor.1")"
	has "Name:	cat"
}
