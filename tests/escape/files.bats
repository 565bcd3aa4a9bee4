#!/usr/bin/env bats
# Attacks on the host's files, from inside a pen made by the whole chain.

load ../lib/common
load ../lib/escape

setup() {
	scratch
	git init -q .
	mkdir -p .claude .vscode
	echo '{}' | tee .claude/settings.json .mcp.json .vscode/tasks.json \
		>.envrc
}

teardown() {
	victims_end
}

# reads PATH… : outside it is PLANTED
reads() {
	local path
	for path; do
		attack "cat $path 2>&1 | sed 's/PLANTED/LEAKED/'"
	done
}

@test "what the host's tools would run or trust in the project is held back" {
	local file
	: >.git/hooks/post-checkout
	for file in .git/config .git/hooks/post-checkout \
		.vscode/tasks.json .claude/settings.json; do
		held "$file" "echo '# evil' >>$file"
		held "$file" "cp $file new; echo evil >>new; cat new >$file"
	done
	held .git/config 'cp .git/config new; echo "#" >>new; mv -f new .git/config'
	held .vscode/tasks.json 'rm .vscode/tasks.json'
	# what lies beside source is told
	for file in .envrc .mcp.json; do
		inside "echo '# evil' >>$file"
		told_of "$file"
	done
}

@test "the directories that drafts lie in cannot be moved away" {
	local dir
	for dir in .git .claude .vscode .git/hooks; do
		attack "mv $dir away && echo LEAKED && mv away $dir"
		[ -d "$dir" ]
	done
}

@test "drafts cannot be exchanged with others, renameat2" {
	local script='import ctypes, os, sys
os.mkdir("g") if os.path.isdir(sys.argv[1]) else open("g", "w")
print(ctypes.CDLL(None).renameat2(-100, b"g", -100, sys.argv[1].encode(), 2))'
	local name
	for name in .git .git/config .git/hooks .claude; do
		cp -a . "$T/copy"
		expect 0 env -C "$T/copy" /usr/bin/python3 -c "$script" "$name"
		[ "$output" = 0 ] # the control
		rm -r "$T/copy"
		expect 0 pen "${PENNED[@]}" /usr/bin/python3 -c "$script" "$name"
		[ "${lines[0]}" = -1 ]
		rm -r g
	done
}

@test "drafts make no files: the project is as it was" {
	rm -r .claude .vscode .mcp.json .envrc
	find . | sort >"$T/before"
	expect 0 pen "${PENNED[@]}" true
	[ -z "$output" ]
	find . | sort | diff "$T/before" -
}

@test "a file that tools obey, was missing and is made is told at the end" {
	rm .envrc
	expect 0 pen "${PENNED[@]}" sh -c 'echo evil >.envrc'
	told_of .envrc
}

@test "a program in the home can be run and cannot be changed" {
	mkdir -p "$HOME/.local/bin"
	PATH=$HOME/.local/bin:$PATH
	cat >"$HOME/.local/bin/tool" <<-'END'
	#!/bin/bash
	echo '# changed' >>"$(command -v tool)" && echo LEAKED
	cp "$0" new && mv -f new "$0" && echo LEAKED
	echo THE END
	END
	chmod +x "$HOME/.local/bin/tool"
	run -0 tool
	has LEAKED
	run -0 pen "${PENNED[@]}" tool
	has 'THE END'
	lacks LEAKED
}

@test "the pen's own program inside cannot be changed" {
	refused 'echo >>/run/pen/pen-filter && echo LEAKED'
	refused 'mv /run/pen/pen-filter /run/pen/x && echo LEAKED'
	refused 'rm -f /run/pen/pen-filter && echo LEAKED'
}

@test "the system's files cannot be written, whoever owns them" {
	refused 'for d in /usr /usr/bin /usr/local /opt /etc /proc/sys; do
		touch $d/x 2>/dev/null && echo "LEAKED $d"
	done'
	refused 'find /proc/sys /sys /etc /usr/bin -xdev -type f -writable \
		-printf "LEAKED %p\n" 2>/dev/null | head'
}

@test "read-only mounts are read-only to mount flags too, not just to modes" {
	attack 'findmnt -no OPTIONS -T /usr | grep -q "^ro\b" || echo LEAKED'
	PENNED+=(--ro "$PWD/.vscode")
	attack 'findmnt -no OPTIONS -T .vscode | grep -q "^ro\b" ||
		echo LEAKED'
}

@test "nothing in the pen honours set-user-ID or device nodes" {
	attack 'grep -v " nosuid\|,nosuid" /proc/self/mountinfo |
		sed "s/^/LEAKED /"'
	attack 'awk "\$5 !~ /^.dev\// && \$6 !~ /nodev/" /proc/self/mountinfo |
		sed "s/^/LEAKED /"'
	refused 'mknod null c 1 3 && echo LEAKED'
	has 'Operation not permitted'
}

@test "devices of the machine are not in /dev" {
	local dev
	for dev in /dev/kmsg /dev/mem /dev/net/tun /dev/fuse /dev/kvm \
		/dev/loop-control; do
		[ ! -e "$dev" ] ||
			attack "[ -e $dev ] && echo LEAKED"
	done
	attack 'ls /dev | grep -vxE "console|core|fd|full|mqueue|null|pen|ptmx|pts" |
		grep -vxE "random|shm|stderr|stdin|stdout|tty|urandom|zero" |
		sed "s/^/LEAKED /"'
}

@test "mounts cannot be made, changed or taken away" {
	attack 'unshare -Urm mount -t tmpfs x /mnt && echo LEAKED'
	attack 'unshare -Urm umount -l .git/hooks && echo LEAKED;
		unshare -Urm sh -c "mount --bind . .git && umount .git" &&
		echo LEAKED'
	refused 'mount -o remount,rw,bind .git/hooks && echo LEAKED'
	refused 'umount -l .git/hooks && echo LEAKED'
	refused 'mount --bind /proc/self/fd . && echo LEAKED'
}

@test "the root cannot be left with chroot" {
	attack 'unshare -Ur chroot / true && echo LEAKED'
	refused '/usr/bin/python3 -c "
import os
os.chroot(\".\")
print(\"LEAKED\")"'
	has 'Operation not permitted'
}

@test "a .git file that points at another repository opens nothing" {
	git -C ../sibling init -q
	rm -rf .git
	echo "gitdir: ../sibling/.git" >.git
	attack 'cat ../sibling/.git/config | grep -q bare && echo LEAKED'
	rm .git
	mkdir -p ../sibling/.git/worktrees/evil
	echo "gitdir: $HOME/src/sibling/.git/worktrees/evil" >.git
	attack 'cat ../sibling/.git/config | grep -q bare && echo LEAKED'
}

@test "a project's own configuration is not policy" {
	local secret="$HOME/.ssh/id_ed25519" file
	for file in pen.conf .pen.conf .pen/pen.conf .config/pen/pen.conf; do
		mkdir -p "$(dirname "$file")"
		printf 'ro += {"%s"}\nallow += {"evil.example.org"}\n' \
			"$secret" >"$file"
	done
	reads "$secret"
	run -0 pen --print true
	lacks "$secret"
	lacks evil.example.org
}

@test "modes, owners and times of the host's devices cannot be changed" {
	local node before
	for node in null zero full random urandom tty; do
		before=$(stat -c '%a %U' "/dev/$node")
		refused "chmod 600 /dev/$node && echo LEAKED"
		has 'Read-only file system'
		refused "touch -d yesterday /dev/$node && echo LEAKED"
		[ "$(stat -c '%a %U' "/dev/$node")" = "$before" ]
	done
	# control: writing goes through
	inside 'echo x >/dev/null && head -c 1 /dev/zero >/dev/null && echo OK'
	has OK
	expect 1 pen "${PENNED[@]}" sh -c 'exec head -c 1 /dev/zero >/dev/full'
	has 'No space left'
}
