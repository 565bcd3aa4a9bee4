#!/usr/bin/env bats
# pen-limit(1): memory, processor time and time of a run.  Where the host has no
# delegated cgroup, a directory with the same files plays one: the kernel's part
# is then not tried, and what pen-limit writes is.

load ../lib/common

setup() {
	scratch
	unset XDG_RUNTIME_DIR
}

# delegated : a directory that looks like a delegated cgroup, in $GROUP; what is
# made in it has its files once it is there, as in cgroupfs
delegated() {
	GROUP=$T/cgroup
	mkdir "$GROUP"
	: >"$GROUP/cgroup.procs"
	echo 'cpu memory pids' >"$GROUP/cgroup.subtree_control"
}

@test "prog keeps the process id, the descriptors and its exit status" {
	run -7 pen-limit --time 1h -- sh -c '[ -e /proc/self/fd/9 ] && exit 7' 9<.
	run -0 bash -c 'echo $$; exec pen-limit --time 1h -- sh -c "echo \$\$"'
	[ "${lines[0]}" = "${lines[1]}" ]
	expect 127 pen-limit --time 1h no-such-program
}

@test "prog has no child that it did not start, and nothing is left" {
	run -0 pen-limit --time 1h -- sh -c 'read -r c </proc/$$/task/$$/children
		echo "children:$c"'
	[ "$output" = children: ]
	until_true watchers_gone
}

watchers_gone() {
	run pgrep -u "$(id -u)" -x pen-limit
	[ -z "$output" ]
}

@test "when the time is over prog is ended, and that is said in one line" {
	run --separate-stderr pen-limit --time 1s -- sleep infinity
	[ "$status" -eq 143 ]
	[ "$stderr" = 'pen-limit: ended after 1s: time = 1s' ]
}

@test "one that is stopped is ended, too" {
	run --separate-stderr pen-limit --time 1s -- sh -c 'kill -STOP $$'
	[ "$status" -eq 143 ]
	[ "$stderr" = 'pen-limit: ended after 1s: time = 1s' ]
}

no_note() {
	[ -z "$(find "$HOME/.local/state/pen" -name '*.limit')" ]
}

@test "a pen whose time is over ends, and its end says so" {
	run --separate-stderr pen --offline --time 1s sleep infinity
	[ "$status" -eq 143 ]
	[ "$stderr" = 'pen: ended after 1s: time = 1s' ]
	until_true no_note # its watcher removes it when the pen has ended
}

@test "without a cgroup memory and cpu are said to have no effect" {
	[ ! -w /sys/fs/cgroup/cgroup.procs ] || skip_missing 'no cgroup v2'
	run --separate-stderr pen-limit --memory 2G --cpu 1.5 -- echo ran
	[ "$status" -eq 0 ]
	[ "$output" = ran ]
	[[ $stderr == 'pen-limit: warning: memory = 2G, cpu = 1.5: no effect: '* ]]
	expect 125 pen-limit --memory 2G --cgroup "$T/none" -- echo ran
	lacks ran
}

@test "in a delegated cgroup the limits are written, and the run is moved there" {
	delegated
	expect 125 pen-limit --memory 2G --cgroup "$GROUP" -- true
	has 'cannot make a cgroup in'
	# cgroupfs makes the files of a new directory itself
	run -0 sh -c 'mkdir -p "$1"/pen-$$ && cd "$1"/pen-$$ &&
		: >memory.max >cpu.max; : >cgroup.procs >memory.swap.max
		: >memory.max; : >cgroup.procs
		exec pen-limit --memory 2G --cpu 1.5 --cgroup "$1" -- true' - "$GROUP"
	local dir
	dir=$(echo "$GROUP"/pen-*)
	[ "$(cat "$dir/memory.max")" = 2147483648 ]
	[ "$(cat "$dir/memory.swap.max")" = 0 ]
	[ "$(cat "$dir/cpu.max")" = '150000 100000' ]
	[ "$(cat "$dir/cgroup.procs")" = "${dir##*-}" ]
}

@test "that the kernel ended a process is said in one line" {
	delegated
	run -0 --separate-stderr sh -c 'mkdir "$1"/pen-$$ && cd "$1"/pen-$$ &&
		: >memory.max; : >cgroup.procs
		exec pen-limit --memory 2G --cgroup "$1" -- \
			sh -c "echo oom_kill 3 >memory.events"' - "$GROUP"
	[ "$stderr" = 'pen-limit: the kernel ended 3 processes: memory = 2G' ]
}

@test "the chain has the limits that pen.conf and the options say" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { memory = 4G cpu = 2 time = 8h }' \
		>"$HOME/.config/pen/pen.conf"
	run -0 pen --print --cpu 1.5 --time none true
	[[ $(tr -d '\\\n' <<<"$output" | tr -s ' ') == \
		*'/pen-limit --memory 4G --cpu 1.5 -- '*/pen-ns* ]]
	lacks --time
	echo 'profile default {}' >"$HOME/.config/pen/pen.conf"
	run -0 pen --print true
	lacks pen-limit
}

@test "values that are none are refused, with what they are" {
	local option value
	while read -r option value; do
		expect 125 pen-limit "--$option" "$value" -- true
		has "--$option: '$value' is not"
		expect 125 pen "--$option" "$value" true
		has "--$option: '$value': "
	done <<-'END'
		memory 0
		memory 2T
		memory 2GB
		memory -1
		cpu 0
		cpu 1.555
		cpu x
		time 0s
		time 5
		time 1w
	END
}

@test "the examples of the page work" {
	echo 'test:; @echo tested' >Makefile
	run -0 --separate-stderr pen-limit --memory 4G --cpu 1.5 -- make test
	[ "$output" = tested ]
	run -0 pen-limit --time 1h -- make test
	[ "$output" = tested ]
}
