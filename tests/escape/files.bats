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
	[ -z "${OUTSIDER:-}" ] || rm -rf "$OUTSIDER"
}

# reads PATH… : outside it is PLANTED
reads() {
	local path
	for path; do
		attack "cat $path 2>&1 | sed 's/PLANTED/LEAKED/'"
	done
}

@test "keys and credentials in the home are not there" {
	reads '~/.ssh/id_ed25519' '~/.aws/credentials' "$HOME/.ssh/id_ed25519"
}

@test "another repository is not there, by its path or relative to this one" {
	reads "$HOME/src/sibling/secret" ../sibling/secret \
		../../src/sibling/secret ./.git/../../sibling/secret
}

@test "a symlink that the project came with leads nowhere" {
	ln -s "$HOME/.ssh" absolute
	ln -s ../../.ssh relative
	ln -s /proc/self/root/"$HOME"/.ssh magic
	reads absolute/id_ed25519 relative/id_ed25519 magic/id_ed25519
}

@test "the roots that /proc shows are the pen's own" {
	victim sleep infinity
	reads "/proc/self/root$HOME/.ssh/id_ed25519" \
		"/proc/self/cwd/../../.ssh/id_ed25519" \
		"/proc/$VICTIM/root$HOME/.ssh/id_ed25519" \
		"/proc/*/root$HOME/.ssh/id_ed25519"
}

@test "the working directories of the host's processes are out of sight" {
	victim env -C "$HOME/src/sibling" sleep infinity
	reads "/proc/$VICTIM/cwd/secret" '/proc/[0-9]*/cwd/secret'
}

@test "a hard link to a key cannot be made" {
	attack 'ln ~/.ssh/id_ed25519 linked && echo LEAKED; rm -f linked'
}

@test "a listing of the home shows nothing of the host's" {
	attack 'ls -A ~ | sed "s/^.ssh$/LEAKED/"'
	attack 'ls -A ~/src | sed "s/^sibling$/LEAKED/"'
}

@test "shell start-up files, units and cron tables cannot be planted" {
	local file
	for file in .bashrc .profile .zshenv .config/systemd/user/x.service \
		.config/autostart/x.desktop .ssh/authorized_keys \
		.local/bin/git; do
		plants "$HOME/$file" \
			"mkdir -p \$(dirname ~/$file); echo evil >~/$file"
	done
}

@test "pen's own configuration and log cannot be written" {
	plants "$HOME/.config/pen/pen.conf" \
		'mkdir -p ~/.config/pen; echo "allow = {}" >~/.config/pen/pen.conf'
	plants "$HOME/.local/state/pen/log/forged" \
		'mkdir -p ~/.local/state/pen/log
		: >~/.local/state/pen/log/forged'
}

@test "what the host's tools would run or trust in the project is read-only" {
	local file
	for file in .git/config .git/hooks/post-checkout .envrc .mcp.json \
		.vscode/tasks.json .claude/settings.json; do
		attack "echo '# evil' >>$file && echo LEAKED"
	done
	rm .git/hooks/post-checkout
}

@test "protected files cannot be removed or replaced by rename" {
	local file
	for file in .envrc .mcp.json .claude/settings.json .git/config; do
		attack "cp $file new; mv -f new $file && echo LEAKED"
		attack "cp $file new; rm -f $file && echo LEAKED
			[ -e $file ] || mv new $file"
	done
}

@test "the directories that protected files lie in cannot be moved away" {
	local dir
	for dir in .git .claude .vscode .git/hooks; do
		attack "mv $dir away && echo LEAKED && mv away $dir"
		[ -d "$dir" ]
	done
}

@test "protected files cannot be exchanged with others, renameat2" {
	attack 'cp .envrc new; /usr/bin/python3 -c "
import ctypes
libc = ctypes.CDLL(None)
if libc.renameat2(-100, b\"new\", -100, b\".envrc\", 2) == 0:
	print(\"LEAKED\")"'
	attack 'mkdir g; /usr/bin/python3 -c "
import ctypes
libc = ctypes.CDLL(None)
if libc.renameat2(-100, b\"g\", -100, b\".git\", 2) == 0:
	print(\"LEAKED\")"; [ -d g/hooks ] && mv .git x && mv g .git; true'
}

@test "git cannot be told to run programs: core.fsmonitor, hooksPath, filters" {
	attack 'git config core.fsmonitor ./evil && echo LEAKED'
	attack 'git config core.hooksPath evil && echo LEAKED'
	attack 'git config --worktree filter.x.clean evil && echo LEAKED'
}

@test "protection makes no files: the project is as it was" {
	rm -r .claude .vscode .mcp.json .envrc
	find . | sort >"$T/before"
	expect 0 pen "${PENNED[@]}" true
	[ -z "$output" ]
	find . | sort | diff "$T/before" -
}

@test "a protected file that was missing and is made is reported at the end" {
	rm .envrc
	expect 0 pen "${PENNED[@]}" sh -c 'echo evil >.envrc'
	has .envrc
	has 'created during the run'
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
	attack 'findmnt -no OPTIONS -T .git/hooks | grep -q "^ro\b" ||
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
	attack 'ls /dev | grep -vxE "console|core|fd|full|mqueue|null|ptmx|pts" |
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

@test "files of /tmp, /var/tmp and /dev/shm are not the host's" {
	local dir
	for dir in /tmp /var/tmp /dev/shm; do
		OUTSIDER=$(mktemp -d "$dir/pen-outsider.XXXXXX")
		echo PLANTED >"$OUTSIDER/file"
		reads "$OUTSIDER/file"
		plants "$OUTSIDER/made" \
			"mkdir -p $OUTSIDER; : >$OUTSIDER/made"
		rm -r "$OUTSIDER"
	done
}

@test "sockets in the home, /tmp and the runtime directory are out of sight" {
	OUTSIDER=$(mktemp -d /tmp/pen-outsider.XXXXXX)
	mkdir -p -m 700 "$OUTSIDER/tmux" "$HOME/.gnupg"
	local paths="$XDG_RUNTIME_DIR/bus $OUTSIDER/tmux/default
		$OUTSIDER/agent.1 $HOME/.gnupg/S.gpg-agent"
	victim /usr/bin/python3 -c 'import socket, sys, time
held = []
for path in sys.argv[1:]:
	s = socket.socket(socket.AF_UNIX)
	s.bind(path.replace("@", "\0"))
	s.listen()
	held.append(s)
print("ready", flush=True)
time.sleep(600)' $paths "@$OUTSIDER"
	until_true grep -q ready "$T/victim.out"
	local connect='import socket, sys
try:
	socket.socket(socket.AF_UNIX).connect(sys.argv[1].replace("@", "\0"))
	print("LEAKED")
except OSError as e:
	print(e)'
	local path
	for path in $paths "@$OUTSIDER"; do
		attack "/usr/bin/python3 -c '$connect' '$path'"
	done
}

@test "the docker socket and the system bus are out of sight" {
	refused 'ls -d /run/docker.sock /var/run/docker.sock /run/dbus \
		/run/user /run/systemd /tmp/.X11-unix 2>/dev/null |
		sed "s/^/LEAKED /"'
}

@test "a project swapped for a link to the keys during launch shows no key" {
	local real=$HOME/src/project keys=$HOME/.ssh i
	echo harmless >id_ed25519
	victim bash -c 'cd "$1" && while :; do
		mv project aside; ln -s "$2" project
		rm project; mv aside project
	done' - "$HOME/src" "$keys"
	# control: whoever goes by the path meets the link
	leaks() {
		[ "$(cat "$real/id_ed25519" 2>/dev/null)" = PLANTED-KEY ]
	}
	until_true leaks
	for i in {1..40}; do
		run pen "${PENNED[@]}" cat id_ed25519 "$real/id_ed25519"
		lacks PLANTED
	done
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
