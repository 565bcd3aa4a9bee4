#!/usr/bin/env bats
# pen-ns where somebody else has made namespaces already: in itself, around and
# in bubblewrap, as root of a user namespace, with and without capabilities.

load ../lib/common

setup() {
	scratch
	command -v bwrap >/dev/null || skip_missing bubblewrap
	command -v unshare >/dev/null || skip_missing 'unshare(1)'
	mkdir "$T/ours" shared
	ln -s "$BIN/pen-ns" "$T/ours/bwrap"
	view=(--system --proc /proc --dev /dev --tmpfs /tmp --ro-bind "$BIN"
		"$BIN" --ro-bind "$T/ours" "$T/ours" --bind "$PWD" "$PWD")
	inner=(pen-ns --system --proc /proc --dev /dev sh -c
		'echo "$(id -u) in"; grep ^CapEff /proc/self/status
		set -- /proc/[0-9]*; echo $#')
	# what all of them come to: nothing, three levels down or one, and two
	# processes: pid 1 and the shell
	want="$(id -u) in
CapEff:	0000000000000000
2"
	# a user namespace in which this user is root, and only that id is mapped
	rootly=(unshare -U -r -m)
}

is_jailed() {
	expect 0 "$@"
	[ "$output" = "${wanted:-$want}" ] || {
		echo "$output" >&2
		return 1
	}
}

@test "pen-ns in pen-ns in pen-ns, with --nested" {
	is_jailed "${inner[@]}"
	is_jailed pen-ns --nested "${view[@]}" "${inner[@]}"
	is_jailed pen-ns --nested "${view[@]}" pen-ns --nested "${view[@]}" \
		"${inner[@]}"
}

@test "bwrap in pen-ns, theirs and ours, with --nested" {
	for b in bwrap "$T/ours/bwrap"; do
		is_jailed pen-ns --nested "${view[@]}" "$b" --ro-bind / / \
			--unshare-all --proc /proc --dev /dev "${inner[@]:6}"
	done
}

@test "in a repository, an inner bwrap binds all of it, drafts included" {
	git init -q .
	git config a.b host
	echo 'profile default { nesting = yes }' >"$T/conf"
	for b in bwrap "$T/ours/bwrap"; do
		expect 0 pen --config "$T/conf" --ro "$T/ours" --ro "$BIN" \
			"$b" --ro-bind / / --dev-bind /dev /dev git config a.b
		[ "${lines[-1]}" = host ]
	done
	# also where the host has replaced the file, and its mount is made again
	mkfifo go
	pen --config "$T/conf" sh -c 'echo >go; cat go
		until [ -L .git/config ]; do :; done; git config a.b
		bwrap --ro-bind / / --dev-bind /dev /dev git config a.b' >"$T/said" 2>&1 3>&- &
	read -r <go
	git config a.b second
	echo >go
	wait $!
	output=$(cat "$T/said")
	[ "$(grep -c -x host "$T/said")" -eq 2 ]
}

@test "with --nested an inner sandbox mounts on what pen-ns has put in place" {
	echo theirs >mine
	echo data >data
	: >secret
	local outer=(pen-ns --nested --args 6 --ro-bind-data 7 /data
		--bind-data 8 /etc/hosts --mask "$PWD/secret")
	for b in bwrap "$T/ours/bwrap"; do
		for f in /data /etc/hosts "$PWD/secret"; do
			expect 0 "${outer[@]}" "$b" --ro-bind / / \
				--ro-bind "$PWD/mine" "$f" cat "$f" \
				6< <(printf '%s\0' "${view[@]}") 7<data 8<data
			[ "$output" = theirs ]
		done
	done
	# what they are stays, and where they are kept is out of reach
	expect 2 "${outer[@]}" sh -c 'ls -A / | grep -x "[0-9]*"
		cat /data /etc/hosts
		echo x >>/etc/hosts; cat /etc/hosts; cat "$0"; echo x >/data' \
		"$PWD/secret" 6< <(printf '%s\0' "${view[@]}") 7<data 8<data
	[[ $output == $'data\ndata\ndata\nx\n'*'secret: Permission denied'*'/data: Read-only'* ]]
}

@test "nesting lets an inner bwrap replace what pen has put into /etc" {
	printf 'profile default { nesting = yes }' >"$T/pen.conf"
	echo theirs >mine
	local outer=(pen --offline --config "$T/pen.conf")
	expect 0 "${outer[@]}" cat /etc/resolv.conf
	has 'nameserver 127.0.0.1'
	expect 0 "${outer[@]}" bwrap --ro-bind / / --ro-bind mine \
		/etc/resolv.conf cat /etc/resolv.conf
	has theirs
	lacks nameserver
	expect 0 "${outer[@]}" bwrap --ro-bind / / --ro-bind /etc /etc \
		--ro-bind mine /etc/hosts cat /etc/hosts /etc/resolv.conf
	has theirs
	has nameserver
}

# A terminal, and COMMAND… with its name behind it on that; what came out there.
ON_TERMINAL='import os, subprocess, sys
master, slave = os.openpty()
subprocess.run(sys.argv[1:] + [os.ttyname(slave)], stdout=slave, check=True)
os.set_blocking(master, False)
try:
    print("came out:", os.read(master, 100).decode())
except BlockingIOError:
    print("nothing came out")'

# Terminals of another /dev/pts until one is called NAME: what comes out there
# when COMMAND… writes on the one that it is given.
NAMESAKE='import os, subprocess, sys
while True:
    master, slave = os.openpty()
    if os.ttyname(slave) == sys.argv[-1]:
        break
subprocess.run(sys.argv[1:-1], check=True)
os.set_blocking(master, False)
try:
    print("namesake:", os.read(master, 100).decode(), file=sys.stderr)
except BlockingIOError:
    print("nothing for the namesake", file=sys.stderr)'

@test "/dev/console is the terminal on stdout, and not its namesake inside" {
	local write='[ ! -e /dev/console ] || echo LEAKED >/dev/console'
	local jail=(pen-ns --system --proc /proc --dev /dev sh -c "$write")
	expect 0 python3 -c "$ON_TERMINAL" "${jail[@]}"
	has 'came out: LEAKED'
	expect 0 python3 -c "$ON_TERMINAL" pen-ns --nested "${view[@]}" \
		python3 -c "$NAMESAKE" "${jail[@]}"
	has 'nothing for the namesake'
	lacks LEAKED
}

@test "pen-ns in bwrap, theirs and ours" {
	for b in bwrap "$T/ours/bwrap"; do
		is_jailed "$b" --dev-bind / / --unshare-all --proc /proc \
			"${inner[@]}"
		is_jailed "$b" --dev-bind / / "${inner[@]}"
	done
}

@test "bwrap in bwrap: ours in theirs and theirs in ours" {
	for b in bwrap "$T/ours/bwrap"; do
		for c in bwrap "$T/ours/bwrap"; do
			is_jailed "$b" --dev-bind / / --unshare-all \
				--proc /proc "$c" --ro-bind / / --unshare-all \
				--proc /proc "${inner[@]:6}"
		done
	done
}

@test "as root, with one id mapped" {
	wanted=${want/#$(id -u)/0} is_jailed "${rootly[@]}" "${inner[@]}"
	for b in bwrap "$T/ours/bwrap"; do
		wanted=${want/#$(id -u)/0} is_jailed "${rootly[@]}" "$b" \
			--ro-bind / / --unshare-all --cap-drop ALL \
			--proc /proc "${inner[@]:6}"
	done
}

@test "as root, bwrap makes no user namespace, and keeps what root has" {
	local o theirs
	for o in '' '--cap-add CAP_KILL' '--cap-drop CAP_KILL' \
		'--cap-drop ALL' '--cap-drop ALL --cap-add CAP_CHOWN' \
		'--unshare-user --cap-drop CAP_KILL'; do
		for b in bwrap "$T/ours/bwrap"; do
			theirs=$output
			# shellcheck disable=SC2086 # words
			expect 0 "${rootly[@]}" "$b" --ro-bind / / $o \
				grep -E '^Cap(Prm|Eff)' /proc/self/status
		done
		diff <(echo "$theirs") <(echo "$output")
	done
	expect 0 "${rootly[@]}" bash -c 'readlink /proc/self/ns/user
		"$0" --ro-bind / / readlink /proc/self/ns/user' "$b"
	[ "${lines[0]}" = "${lines[1]}" ]
	# who gives up root's id in there gives up its capabilities
	expect 0 "${rootly[@]}" "$b" \
		--ro-bind / / /usr/bin/python3 -c \
		'import ctypes; print(ctypes.CDLL(None).prctl(27))' # securebits
	[ "$output" = 0 ]
}

@test "as root with some capabilities, as in a container, bwrap keeps those" {
	local theirs
	for b in bwrap "$T/ours/bwrap"; do
		theirs=$output
		expect 0 "${rootly[@]}" setpriv --bounding-set=-sys_resource,-kill \
			"$b" --ro-bind / / grep -E '^Cap(Prm|Eff|Bnd)' \
			/proc/self/status
	done
	diff <(echo "$theirs") <(echo "$output")
	lacks 000001ffffffffff
}

@test "as root without a user namespace, no mount appears outside" {
	# mounts are shared there, as systemd has them
	for b in bwrap "$T/ours/bwrap"; do
		expect 0 unshare -U -r -m --propagation shared bash -c '
			mount -t tmpfs none shared
			mount --make-shared shared
			"$0" --bind / / --tmpfs "$PWD/shared" --tmpfs /var \
				touch "$PWD/shared/inside"
			ls shared; grep -c . /proc/self/mountinfo
			"$0" --bind / / --tmpfs "$PWD/shared" true
			grep -c . /proc/self/mountinfo' "$b"
		lacks inside
		[ "${lines[0]}" = "${lines[1]}" ]
	done
}

@test "as root without capabilities: 125, and why" {
	expect 125 unshare -U -r capsh --drop=all -- -c \
		'exec "$0" --system true' "$BIN/pen-ns"
	has 'hint: '
}

@test "--uid 0 inside any of them is nobody's root" {
	expect 2 pen-ns --nested "${view[@]}" pen-ns --system --uid 0 --gid 0 \
		--proc /proc sh -c 'id -u; grep ^CapEff /proc/self/status
		cat /proc/self/uid_map; echo x >/etc/x'
	has $'0\nCapEff:\t0000000000000000'
	has 'Read-only file system'
	expect 0 "${rootly[@]}" pen-ns --system --uid 4321 id -u
	[ "$output" = 4321 ]
}

@test "in a chroot user namespaces cannot be had: 125, and a hint" {
	mkdir -p root/proc
	expect 125 unshare -U -r -m bash -c 'mount --rbind / root
		exec chroot root "$0" --system true' "$BIN/pen-ns"
	has 'cannot make the namespaces: Operation not permitted'
	has 'hint: '
}
