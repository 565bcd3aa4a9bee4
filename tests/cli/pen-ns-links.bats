#!/usr/bin/env bats
# A directory that a program inside could write holds links to the host; set-up
# comes past them on the way to every place that it makes (CVE-2026-87766 is
# bubblewrap's of this kind).  Called as bwrap it is the same code.

load ../lib/common

setup() {
	scratch
	mkdir ours victim w w/dir src
	ln -s "$BIN/pen-ns" ours/bwrap
	echo old >victim/file
	chmod 751 victim
	chmod 640 victim/file
	mkdir victim/sub
	echo new >data
	exec 9<victim
	ln -s "$PWD/victim" w/absolute
	ln -s "../../../../../../../../../../../..$PWD/victim" w/relative
	ln -s "/oldroot$PWD/victim" w/oldroot
	ln -s "/proc/self/root$PWD/victim" w/root
	ln -s "/proc/self/cwd/victim" w/cwd
	ln -s /proc/self/fd/9 w/descriptor
	ln -s absolute w/twice
	IFS=: read -ra NEWER <<<"${BWRAPS:-}"
	before=$(state)
}

# state: all that set-up could have changed
state() {
	find victim -printf '%p %y %m %s %T@ %l\n' | sort
	cat victim/file
	grep "$PWD/victim" /proc/self/mountinfo || :
}

# try PROGRAM LINK : every operation whose destination is behind the link, with
# the descriptors that it needs; whatever they say, the host is as it was
try() {
	local p=$1 to=/mnt/w/$2 words base
	local ops=(
		"--bind src $to/new" "--ro-bind src $to/a/b"
		"--ro-bind data $to/newfile" "--ro-bind data $to/a/file"
		"--dev-bind /dev/null $to/null" "--bind-fd 8 $to/fd"
		"--tmpfs $to/tmp" "--tmpfs $to/a/tmp" "--proc $to/proc"
		"--dev $to/dev" "--unshare-ipc --mqueue $to/mqueue"
		"--dir $to/dir" "--dir $to/a/b/c" "--perms 0700 --dir $to/p/q"
		"--file 5 $to/copied" "--file 5 $to/a/copied" "--file 5 $to/file"
		"--bind-data 5 $to/bound" "--ro-bind-data 5 $to/a/bound"
		"--symlink x $to/link" "--symlink x $to/a/link"
		"--chmod 0777 $to/sub" "--chmod 0777 $to/file" "--chmod 0777 $to"
		"--remount-ro $to" "--remount-ro $to/sub"
		"--overlay-src src --tmp-overlay $to/overlay"
		"--overlay-src src --overlay-src w/dir --ro-overlay $to/a/overlay")
	[ "$p" != pen-ns ] || ops+=("--mask $to/file" "--mask $to/sub"
		"--unshare-net --dev $to/a/dev")
	for words in "${ops[@]}"; do
		# where the links lead is there, read-only; and it is not
		for base in '--ro-bind / / --tmpfs /mnt' '--ro-bind /usr /usr'; do
			# shellcheck disable=SC2086 # words are words
			timeout 20 "$p" $base --bind w /mnt/w $words /usr/bin/true \
				5<data 8<src >out 2>&1 || :
		done
		[ "$(state)" = "$before" ] || {
			echo "the host was changed by: $p … $words" >&2
			diff <(echo "$before") <(state) >&2
			return 1
		}
	done
}

@test "the links lead to the host: outside they are followed" {
	local link
	for link in absolute relative root descriptor twice; do
		mkdir "w/$link/control"
		[ -d victim/control ]
		rmdir victim/control
	done
	mkdir w/cwd/control
	rmdir victim/control
	# and by a bubblewrap of before 0.12, on the way to what it makes
	command -v bwrap >/dev/null || skip_missing bubblewrap
	[[ $(bwrap --version) =~ \ 0\.([0-9]|1[01])\. ]] || return 0
	bwrap --ro-bind / / --tmpfs /mnt --bind w /mnt/w \
		--dir /mnt/w/oldroot/control true
	[ -d victim/control ]
}

@test "nothing is made on the host behind a link, whatever makes it: pen-ns" {
	local link
	for link in absolute relative oldroot root cwd descriptor twice; do
		try pen-ns "$link"
	done
}

@test "nothing is made on the host behind a link, whatever makes it: as bwrap" {
	local link b
	for b in "$PWD/ours/bwrap" "${NEWER[@]}"; do
		for link in absolute relative oldroot root cwd descriptor twice; do
			try "$b" "$link"
		done
	done
}
