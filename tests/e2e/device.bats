# Devices that the user grants: those of this host, and trees that look like a
# GPU's, whose nodes are null and zero by another name.
load ../lib/common

setup() {
	scratch
}

@test "a device is there when it is granted, and can be used as outside" {
	found=0
	for d in /dev/net/tun /dev/fuse /dev/kvm; do
		[ -c $d ] || continue
		run sh -c "exec 3<>$d"
		outside=$status
		expect 1 pen --offline test -e $d
		run pen --offline --dev $d sh -c "exec 3<>$d"
		[ "$status" -eq "$outside" ]
		has "dev '$d' (command line): what runs inside can attack"
		[ "$outside" -ne 0 ] || found=1
	done
	[ $found = 1 ] || skip_missing 'a device that this user may open'
}

@test "--rw and --ro of a device name --dev" {
	for o in --rw --ro; do
		expect 125 pen --offline $o /dev/net/tun true
		has 'it is a device, and nothing could open it'
		has "hint: pen --dev '/dev/net/tun'"
	done
}

@test "disks, terminals, what is elsewhere and what is missing are refused" {
	for d in /dev /etc/passwd /dev/../etc nvidiaX; do
		expect 125 pen --offline --dev $d true
	done
	expect 125 pen --offline --dev /dev/ptmx true
	has 'a terminal is not shown to a pen'
	expect 125 pen --offline --dev /dev/tty true
	disk=$(find /dev -maxdepth 1 -type b | head -n 1)
	if [ -n "$disk" ]; then
		expect 125 pen --offline --dev "$disk" true
		has 'a disk is not shown to a pen'
	fi
	expect 125 pen --offline --dev /dev/no-such-device true
	has 'there is no such device'
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { dev = {"-/dev/no-such-device"} }' \
		>"$HOME/.config/pen/pen.conf"
	expect 0 pen --offline true
	equals ''
}

# with_gpu COMMAND… : on a host with two GPUs
with_gpu() {
	pen-ns --nested --system --proc /proc --dev /dev \
		--dev-bind /dev/null /dev/dri/renderD128 \
		--dev-bind /dev/zero /dev/dri/card0 \
		--dev-bind /dev/full /dev/nvidia0 \
		--dev-bind /dev/null /dev/nvidiactl \
		--dev-bind /dev/random /dev/kfd \
		--bind "$T/sys" /sys --ro-bind "$B" "$B" --bind "$T" "$T" "$@"
}

# hardware NAME NODE ID : a directory of /sys for it
hardware() {
	local at=$T/sys/devices/pci0000:00/$1
	mkdir -p "$at/drm/$2" "$T/sys/dev/char" "$T/sys/class/drm"
	echo "$1" >"$at/vendor"
	echo "$3" >"$at/drm/$2/dev"
	ln -s ../../../"$1" "$at/drm/$2/device"
	ln -s ../../../../../class/drm "$at/drm/$2/subsystem"
	ln -s "../../devices/pci0000:00/$1/drm/$2" "$T/sys/dev/char/$3"
	ln -s "../../devices/pci0000:00/$1/drm/$2" "$T/sys/class/drm/$2"
}

gpus() {
	hardware 0000:00:02.0 renderD128 1:3
	hardware 0000:00:03.0 card0 1:5
	mkdir -p "$T/sys/devices/pci0000:00/other" "$T/sys/module/nvidia"
	echo SECRET >"$T/sys/devices/pci0000:00/other/serial"
	echo 1.2 >"$T/sys/module/nvidia/version"
}

@test "gpu: render nodes, NVIDIA's and ROCm's, and what of /sys belongs to them" {
	gpus
	expect 0 with_gpu pen --offline --gpu sh -c '
		for d in dri/renderD128 nvidia0 nvidiactl kfd; do
			exec 3<>/dev/$d || echo "no $d"
		done
		cat /sys/dev/char/1:3/device/vendor /sys/class/drm/renderD128/dev
		cat /sys/module/nvidia/version
		ls /dev/dri'
	has "gpu (command line): what runs inside can attack the kernel"
	has $'0000:00:02.0\n1:3\n1.2\nrenderD128'
	lacks 'no '
	lacks card0
	expect 1 with_gpu pen --offline --gpu \
		cat /sys/devices/pci0000:00/other/serial
	expect 2 with_gpu pen --offline --gpu \
		sh -c 'echo x >/sys/class/drm/renderD128/dev'
}

@test "gpu = true in pen.conf, and a directory of nodes" {
	gpus
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { gpu = true }' >"$HOME/.config/pen/pen.conf"
	expect 0 with_gpu pen --offline sh -c 'exec 3<>/dev/nvidia0'
	echo 'profile default { dev = {"/dev/dri", "nvidia"} }' \
		>"$HOME/.config/pen/pen.conf"
	expect 0 with_gpu pen --offline sh -c \
		'exec 3<>/dev/dri/card0 4<>/dev/dri/renderD128 5<>/dev/nvidia0'
	expect 1 with_gpu pen --offline test -e /dev/kfd
}

@test "a host without a GPU is said to be one, and nothing is shown" {
	mkdir "$T/sys"
	expect 0 pen-ns --nested --system --proc /proc --dev /dev \
		--bind "$T/sys" /sys --ro-bind "$B" "$B" --bind "$T" "$T" \
		pen --offline --gpu true
	has 'this host has none that is known'
}
