#!/usr/bin/env bats
# pen-ns: the options by which another program looks on, waits or takes part.

load ../lib/common

setup() {
	scratch
	view=(--system --ro-bind "$PROBE" /probe --proc /proc --dev /dev
		--tmpfs /tmp)
}

ns() {
	pen-ns "${view[@]}" "$@"
}

# held : a process in new user and pid namespaces, whose files are descriptors
# 7 and 8, and one in a user namespace below, which is descriptor 9
held() {
	coproc HOLDER {
		exec unshare -U -r -p -f --mount-proc sh -c \
			'unshare -U sh -c "echo ready; read x"; :' 3>&-
	}
	HELD=$HOLDER_PID
	read -rt 10 _ <&"${HOLDER[0]}"
	local inner below
	inner=$(pgrep -P "$HELD")
	below=$(pgrep -P "$inner")
	exec 7<"/proc/$inner/ns/user" 8<"/proc/$inner/ns/pid" \
		9<"/proc/$below/ns/user"
	USERNS=$(readlink "/proc/$inner/ns/user")
	BELOW=$(readlink "/proc/$below/ns/user")
}

teardown() {
	[ -z "${HELD:-}" ] || kill "$HELD"
}

@test "--info-fd: the first process and the new namespaces, as JSON" {
	run bash -c 'pen-ns "$@" 5>info' - "${view[@]}" --info-fd 5 sh -c \
		'for n in cgroup ipc pid uts; do
			readlink /proc/self/ns/$n; done'
	[ "$status" -eq 0 ]
	[ "$(jq '."mnt-namespace" | type' info)" = '"number"' ]
	jq -r 'del(."child-pid", ."mnt-namespace") | to_entries[] |
		"\(.key | sub("-namespace"; "")):[\(.value)]"' info >said
	diff said <(echo "$output")
	[ "$(jq '."child-pid" | type' info)" = '"number"' ]
	expect 0 ns --unshare-net --info-fd 1 true
	[ "$(jq 'has("net-namespace")' <<<"$output")" = true ]
}

@test "--json-status-fd: a line at the start, and one with the exit code" {
	run bash -c 'pen-ns "$@" 5>status' - "${view[@]}" --json-status-fd 5 \
		sh -c 'exit 3'
	[ "$status" -eq 3 ]
	[ "$(jq -c 'keys' status)" = '["cgroup-namespace","child-pid","ipc-namespace","mnt-namespace","pid-namespace","uts-namespace"]
["exit-code"]' ]
	[ "$(tail -n 1 status)" = '{ "exit-code": 3 }' ]
	run bash -c 'pen-ns "$@" 5>status' - "${view[@]}" --json-status-fd 5 \
		sh -c 'kill -9 $$'
	[ "$(tail -n 1 status)" = '{ "exit-code": 137 }' ]
	run bash -c 'pen-ns "$@" 5>status' - "${view[@]}" --as-pid-1 \
		--json-status-fd 5 sh -c 'exit 4'
	[ "$(tail -n 1 status)" = '{ "exit-code": 4 }' ]
}

@test "--json-status-fd has no exit code when prog was not executed" {
	run -127 bash -c 'pen-ns "$@" 5>status' - "${view[@]}" \
		--json-status-fd 5 no-such-program
	[ "$(wc -l <status)" -eq 1 ]
	run bash -c 'pen-ns "$@" 5>status' - "${view[@]}" --json-status-fd 5 \
		--bind /none /none true
	[ "$status" -eq 125 ]
	[ "$(wc -l <status)" -eq 1 ]
}

@test "a status that cannot be written is fatal, and prog does not run" {
	run bash -c 'pen-ns "$@" 5>/dev/full' - "${view[@]}" --info-fd 5 \
		--bind . /w touch /w/ran
	[ "$status" -eq 125 ]
	has '--info-fd: cannot write to descriptor 5: No space left'
	[ ! -e ran ]
}

@test "--block-fd: prog waits for it, and the view is there before" {
	mkfifo block info
	pen-ns "${view[@]}" --bind . /w --info-fd 5 --block-fd 6 \
		touch /w/ran 5>info 6<>block 3>&- &
	local pid=$!
	cat info >said # to its end
	[ "$(jq 'has("child-pid")' said)" = true ]
	[ ! -e ran ]
	echo >block
	wait "$pid"
	[ -e ran ]
}

@test "a signal ends what waits for --block-fd" {
	mkfifo block info
	pen-ns "${view[@]}" --info-fd 5 --block-fd 6 true 5>info 6<>block 3>&- &
	local pid=$!
	cat info >said
	kill -TERM "$pid"
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	pen-ns "${view[@]}" --info-fd 5 --block-fd 6 true 5>info 6<>block 3>&- &
	pid=$!
	cat info >said
	pid_inside=$(jq '."child-pid"' said)
	kill -KILL "$pid"
	wait "$pid" || :
	until_true test ! -e "/proc/$pid_inside"
}

@test "--userns-block-fd: somebody else maps the ids before anything is done" {
	mkfifo block info
	local before=(--userns-block-fd 6 --info-fd 5)
	pen-ns "${view[@]}" "${before[@]}" id -u 5>info 6<>block 3>&- >out &
	local pid=$! inner
	inner=$(jq '."child-pid"' <info)
	[ -z "$(cat "/proc/$inner/uid_map")" ]
	echo deny >"/proc/$inner/setgroups"
	echo "4321 $(id -u) 1" >"/proc/$inner/uid_map"
	echo "4321 $(id -g) 1" >"/proc/$inner/gid_map"
	echo >block
	wait "$pid"
	[ "$(cat out)" = 4321 ]
	expect 125 ns --userns-block-fd 0 true
	has '--userns-block-fd needs --info-fd'
}

@test "--sync-fd is open while anything runs inside, and not prog's" {
	run bash -c 'pen-ns "$@" 5>&1 3>&- | { cat; echo closed; }' - \
		"${view[@]}" --sync-fd 5 /probe/ns_probe descriptors
	[ "$output" = $'0\n1\n2\nclosed' ]
	mkfifo sync in
	pen-ns "${view[@]}" --sync-fd 5 sh -c 'echo ready; read x' 5>sync 3>&- \
		>out <>in &
	local pid=$!
	exec 6<sync
	until_true grep -q ready out
	expect 142 bash -c 'read -rt 0.2 <&6' # open, and nothing to read
	kill "$pid"
	expect 1 bash -c 'read -r <&6' # its end
	exec 6<&-
	wait "$pid" || :
}

@test "--lock-file holds a read lock while anything runs inside" {
	echo >lock
	try='import fcntl, sys
f = open("lock", "r+")
try:
    fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
except OSError:
    print("locked")'
	expect 0 /usr/bin/python3 -c "$try"
	[ -z "$output" ]
	expect 0 ns --bind . /w --chdir /w --lock-file /w/lock \
		/usr/bin/python3 -c "$try"
	[ "$output" = locked ]
	expect 0 /usr/bin/python3 -c "$try"
	[ -z "$output" ]
	expect 125 ns --lock-file /none true
	has "cannot lock '/none': No such file or directory"
}

@test "what is held is let go of before the end of prog is said" {
	command -v strace >/dev/null || skip_missing strace
	echo >lock
	mkfifo fifo
	exec 8<>fifo
	# pid 1 finds that nobody is left, closes both, and speaks
	expect 0 strace -f -qq -o trace -e trace=wait4,close,sendto pen-ns \
		"${view[@]}" --bind . /w --lock-file /w/lock --sync-fd 8 true
	exec 8<&-
	[ "$(awk '/wait4.-1.*ECHILD/ { pid = $1; n = 0 }
		$1 == pid && /close.*= 0$/ { n++ }
		$1 == pid && /sendto/ { print n }' trace)" = 2 ]
}

@test "an upper layer is free when pen-ns ends" {
	local i text
	mkdir upper work
	for i in {1..50}; do
		pen-ns "${view[@]}" --overlay-src . --overlay upper work /o \
			--info-fd 5 true 5>info 3>&-
		read -rd '' text <info || :
		[[ $text =~ child-pid[^0-9]*([0-9]+) ]]
		[ ! -e "/proc/${BASH_REMATCH[1]}" ]
	done
}

@test "--userns makes the user namespaces below the one that is named" {
	held
	expect 0 ns --userns 7 sh -c 'id -u; readlink /proc/self/ns/user'
	[ "${lines[0]}" = 0 ]
	[ "${lines[1]}" != "$USERNS" ]
	expect 0 bwrap --ro-bind / / --userns 7 readlink /proc/self/ns/user
	[ "$output" = "$USERNS" ]
	expect 125 ns --userns 5 true 5</dev/null
	has '--userns: cannot join what descriptor 5 is: Invalid argument'
	has 'hint: a process joins a namespace below its own'
}

@test "--pidns makes the pid namespace below the one that is named" {
	held
	expect 0 ns --userns 7 --pidns 8 --info-fd 1 sh -c \
		'echo; echo $$; ls /proc | grep -c "^[0-9]"'
	[ "$(tail -n 2 <<<"$output" | head -n 1)" = 2 ]
	expect 125 ns --pidns 8 true
	has '--pidns: cannot join'
}

@test "--userns2 is where prog ends up" {
	held
	expect 0 ns --nested --userns 7 --userns2 9 \
		readlink /proc/self/ns/user
	[ "$output" = "$BELOW" ]
	expect 0 bwrap --ro-bind / / --userns 7 --userns2 9 \
		readlink /proc/self/ns/user
	[ "$output" = "$BELOW" ]
	expect 125 ns --nested --userns 7 --userns2 7 true
	has '--userns2: cannot join'
	expect 125 ns --userns 7 --userns2 9 true
	has '--userns2 needs --nested'
}

@test "--assert-userns-disabled fails where they are not" {
	expect 0 ns --assert-userns-disabled echo ran
	[ "$output" = ran ]
	expect 125 ns --nested --assert-userns-disabled echo ran
	has '--assert-userns-disabled: a user namespace can be made inside'
	lacks ran$'\n'
}
