#!/usr/bin/env bats
# What the file view of pen-ns promises, attacked by a program that may make
# namespaces inside (--nested), and so has every capability in its own.  The
# control is the same attack on the same mounts, made by the attacker.

load ../lib/common

setup() {
	scratch
	command -v unshare >/dev/null || skip_missing 'unshare(1)'
	mkdir -p ro covered lower w
	echo PLANTED-COVERED >covered/secret
	echo PLANTED-LOWER >lower/file
	root=(unshare -U -r -m --propagation private bash -c)
	jail=(pen-ns --nested --system --proc /proc --dev /dev --tmpfs /tmp
		--bind w /w --ro-bind ro /ro --ro-bind covered /covered
		--mask /covered --overlay-src lower --tmp-overlay /o --chdir /w)
}

# attack MOUNTS SCRIPT : SCRIPT prints LEAKED where MOUNTS were made by bash
# itself, and does not in the view; RO, COVERED and W are where things are
attack() {
	expect 0 env RO="$PWD/ro" COVERED="$PWD/covered" W="$PWD/w" \
		"${root[@]}" "$1"$'\n'"$2"$'\ntrue'
	has LEAKED
	expect 0 env RO=/ro COVERED=/covered W=/w "${jail[@]}" \
		"${root[@]}" "$2"$'\necho THE END'
	has 'THE END'
	lacks LEAKED
}

@test "what --mask covers is not uncovered by umount" {
	attack 'mount -t tmpfs none "$COVERED"' 'umount "$COVERED"
		grep -q PLANTED "$COVERED/secret" && echo LEAKED'
}

@test "what --mask covers does not show in a bind of what is around it" {
	attack 'mount -t tmpfs none "$COVERED"' 'mkdir "$W/around"
		mount --bind "$(dirname "$COVERED")" "$W/around"
		grep -q PLANTED "$W/around/covered/secret" && echo LEAKED'
}

@test "what --mask covers does not show in a moved or detached tree" {
	attack 'mount -t tmpfs none "$COVERED"' '
		mount --move "$COVERED" /mnt || umount -l "$COVERED"
		grep -q PLANTED "$COVERED/secret" && echo LEAKED'
}

@test "what --ro-bind binds is not made writable by a remount" {
	attack 'mount --bind "$RO" "$RO"; mount -o remount,bind,ro "$RO"
		mount --rbind "$RO" "$RO"' \
		'mount -o remount,bind,rw "$RO"; echo x >"$RO/new" && echo LEAKED'
	rm ro/new
	expect 0 env RO=/ro "${jail[@]}" "${root[@]}" 'mkdir /w/again
		mount --bind "$RO" /w/again; mount -o remount,bind,rw /w/again
		echo x >/w/again/new; true'
	[ ! -e ro/new ]
}

@test "the root directory of the host is not above a chroot that is left" {
	attack : '/usr/bin/python3 -c "import os
fd = os.open(\"/\", os.O_RDONLY)
os.makedirs(os.environ[\"W\"] + \"/jail\", exist_ok=True)
os.chroot(os.environ[\"W\"] + \"/jail\")
os.fchdir(fd)
os.chdir(\"../\" * 64)
path = \".'"$HOME"'/.ssh/id_ed25519\"
if os.path.exists(path) and \"PLANTED\" in open(path).read():
    print(\"LEAKED\")"'
}

@test "the host's root is not below the view's: nothing can be umounted" {
	attack 'mount --rbind / /mnt; mount -t tmpfs none /mnt; cd /mnt' '
		for i in 1 2 3; do umount -l / 2>/dev/null; done
		umount -l "$PWD" 2>/dev/null
		cd "$PWD" && [ -e ".'"$HOME"'/.ssh" ] && echo LEAKED
		[ -e "'"$HOME"'/.ssh" ] && echo LEAKED'
}

@test "a --tmp-overlay never writes to its layers, whoever has mounted it" {
	"${root[@]}" 'echo x >>lower/file' # the control: they can be written
	expect 0 "${jail[@]}" "${root[@]}" 'cat /o/file; echo y >/o/file
		mount -o remount,rw /o; echo y >>/o/file; rm -r /o/*; ls -A /o'
	has $'PLANTED-LOWER\nx'
	[ "$(cat lower/file)" = $'PLANTED-LOWER\nx' ]
}

@test "the sources of an overlay and its upper layer have no name inside" {
	expect 0 "${jail[@]}" cat /proc/self/mountinfo
	has ' /w ' # the control: binds do show theirs
	# from the root of its file system on, which need not be /
	[[ $output == *"${PWD##*/}/w /w "* ]]
	lacks "${PWD##*/}/lower"
	expect 0 "${jail[@]}" bash -c 'for f in /proc/[0-9]*/fd/* \
		/proc/self/fd/*/upper; do
		[ ! -e "$f/upper" ] || echo LEAKED; done; echo THE END'
	has 'THE END'
	lacks LEAKED
}
