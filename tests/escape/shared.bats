#!/usr/bin/env bats
# Attacks of two pens on one another's host: they share a writable directory, and
# one hands the other a descriptor, which outlives it.

load ../lib/common
load ../lib/escape

setup() {
	scratch
	cp "$ROOT/tests/lib/pass_fd.py" .
	mkdir d
	echo host >d/config
	echo host >d/hidden
	echo host >d/plain
	view=(--system --proc /proc --dev /dev --tmpfs /tmp --bind "$PWD" "$PWD"
		--chdir "$PWD" --draft-tree "$PWD" '')
}

# hand PATH FILE CHAIN… : what runs in the chain hands FILE to what runs in
# another one, which writes to PATH below it when the first has ended
hand() {
	local path=$1 file=$2
	shift 2
	rm -f socket
	"$@" /usr/bin/python3 pass_fd.py receive socket LEAKED "$path" \
		3>&- >"$T/receiver" 2>&1 &
	"$@" /usr/bin/python3 pass_fd.py send socket "$file"
	/usr/bin/python3 pass_fd.py go socket
	wait $! || :
	output=$(cat "$T/receiver")
	has received
}

@test "a directory that outlives its pen shows nothing below a draft or a mask" {
	local covers=(--draft-link 0 d/config "$PWD/d/config"
		--mask "$PWD/d/hidden")
	for f in config hidden; do
		hand "$f" d pen-ns "${view[@]}"
		[[ $(cat "d/$f") == *LEAKED ]]
		echo host >"d/$f"
		hand "$f" d pen-ns "${view[@]}" "${covers[@]}"
		[ "$(cat "d/$f")" = host ]
	done
	hand plain d pen-ns "${view[@]}" "${covers[@]}"
	[[ $(cat d/plain) == *LEAKED ]]
}

# bind DIR : a socket in DIR, and LEAKED when it is there
bind='cd "$1" && /usr/bin/python3 -c "import socket
socket.socket(socket.AF_UNIX).bind(\"socket\")" && echo LEAKED; rm -f socket'

@test "no socket can be made where another run could connect to it" {
	needs_landlock 2 5.19
	PENNED=(--offline --rw "$HOME/src/sibling")
	git init -q .
	for dir in . .git .git/hooks d "$HOME/src/sibling"; do
		attack "set -- $dir; $bind"
	done
	# this project is in /tmp, and so is what is below it
	attack "set -- /tmp; $bind"
	for dir in /dev/shm /run "/run/user/$UID"; do
		inside "set -- $dir; $bind"
		has LEAKED
	done
}

@test "nor in a project of /var/tmp, which is /tmp inside" {
	needs_landlock 2 5.19
	local dir
	dir=$(mktemp -d /var/tmp/pen-test.XXXXXX)
	cd "$dir"
	expect 0 bash -c "set -- .; $bind"
	has LEAKED # the control
	run pen --offline bash -c "set -- .; $bind"
	rm -rf "$dir"
	lacks LEAKED
}

@test "--socket-dir: sockets there and nowhere else, and renames everywhere" {
	needs_landlock 2 5.19
	view+=(--tmpfs /own --tmpfs /other --bind "$T" /t)
	expect 0 pen-ns "${view[@]}" --socket-dir /own --socket-dir /none \
		bash -c "set -- /own; $bind; set -- /other; $bind
			cd \"$PWD\" && mkdir a b a/c &&
			mv a/c b/c && ln d/plain b/c/plain"
	[ "$(grep -c LEAKED <<<"$output")" = 1 ]
	[ b/c/plain -ef d/plain ]
	expect 0 pen-ns "${view[@]}" bash -c "set -- /other; $bind"
	has LEAKED
}

@test "with sockets = true descriptors pass, and it is a warning" {
	hand - d/plain pen --offline --sockets
	[[ $(cat d/plain) == LEAKED* ]]
	expect 0 pen --offline --sockets true
	has 'pen: sockets = true: what runs inside can hand the terminal'
}

@test "what one run moved into place is told when another one ended meanwhile" {
	mkdir -p vendor/x
	echo hostile >vendor/x/tasks.json
	expect 0 pen --offline true # the list of directories
	mkfifo "$T/go"
	pen --offline --rw "$T/go" bash -c 'mv vendor/x .vscode2; echo >ready
		cat "$1"' - "$T/go" 3>&- >"$T/first" 2>&1 &
	until_true test -e ready
	expect 0 pen --offline true
	told_of .vscode2/tasks.json
	echo >"$T/go"
	wait $!
}
