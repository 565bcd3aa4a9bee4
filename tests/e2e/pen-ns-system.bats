#!/usr/bin/env bats
# pen-ns --system on systems that are not this one: root trees that look like
# NixOS, a split FHS and openSUSE, entered by a pen-ns around the one tested.

load ../lib/common

setup() {
	scratch
	R=$T/root
	mkdir -p "$R"/{proc,dev,tmp,home/user/.ssh,root,var/secret,srv,mnt}
	mkdir -p "$R/etc" "$R/run/secret" "$R/pen"
	echo PLANTED | tee "$R/home/user/.ssh/key" "$R/var/secret/f" \
		"$R/run/secret/f" "$R/srv/f" "$R/root/f" >"$R/mnt/f"
	install -m 755 "$BIN/pen-ns" "$R/pen/"
	libraries "$BIN/pen-ns"
}

# libraries PROGRAM : what a program that is not static needs, where it looks
libraries() {
	local lib
	for lib in $(ldd "$1" 2>/dev/null | grep -o '/[^ )]*'); do
		install -D -m 755 "$lib" "$R$lib"
	done
}

# put FILE : the probe as $R/FILE
put() {
	install -D -m 755 "$PROBE/ns_probe" "$R/$1"
	libraries "$PROBE/ns_probe"
}

# enter ARGS… : pen-ns --system ARGS… with $R as the root directory
enter() {
	pen-ns --nested --bind "$R" / --proc /proc --dev /dev --chdir / \
		--clearenv --setenv PATH "$path" \
		--setenv ASAN_OPTIONS detect_leaks=0 \
		/pen/pen-ns --system --proc /proc --dev /dev "$@"
}

nixos() {
	local s=$R/nix/store
	put nix/store/aaa-coreutils/bin/probe
	put nix/store/bbb-bash/bin/sh
	mkdir -p "$s/ccc-system/sw" "$s/ddd-etc/etc/ssl" "$R/etc/static"
	ln -s /nix/store/aaa-coreutils/bin "$s/ccc-system/sw/bin"
	echo host-passwd >"$R/etc/passwd"
	echo TLS >"$s/ddd-etc/etc/ssl/ca.crt"
	rmdir "$R/etc/static"
	ln -s /nix/store/ddd-etc/etc "$R/etc/static"
	ln -s /etc/static/ssl "$R/etc/ssl"
	echo SHADOW >"$R/etc/shadow"
	ln -s /nix/store/ccc-system "$R/run/current-system"
	mkdir -p "$R/run/wrappers/wrappers.x1" "$R/usr/bin" "$R/bin"
	put run/wrappers/wrappers.x1/sudo
	ln -s /run/wrappers/wrappers.x1 "$R/run/wrappers/bin"
	ln -s /nix/store/aaa-coreutils/bin/probe "$R/usr/bin/env"
	ln -s /nix/store/bbb-bash/bin/sh "$R/bin/sh"
	mkdir -p "$R/nix/var/nix/profiles" "$R/nix/var/nix/db"
	ln -s /nix/store/aaa-coreutils "$R/nix/var/nix/profiles/default"
	echo PLANTED >"$R/nix/var/nix/db/secret"
	path=/run/wrappers/bin:/run/current-system/sw/bin
}

@test "NixOS: programs run by PATH, by profile, as /bin/sh and /usr/bin/env" {
	nixos
	for p in probe /run/current-system/sw/bin/probe /bin/sh /usr/bin/env \
		/nix/var/nix/profiles/default/bin/probe sudo; do
		expect 0 enter "$p" cat /etc/ssl/ca.crt
		[ "$output" = TLS ]
	done
	expect 0 enter probe cat /etc/passwd
	[ "$output" = host-passwd ]
}

@test "NixOS: nothing else is there, and /etc/shadow is masked" {
	nixos
	for f in home/user/.ssh/key var/secret/f run/secret/f srv/f root/f \
		mnt/f nix/var/nix/db/secret; do
		[ -s "$R/$f" ]
		expect 1 enter probe cat "/$f"
		has "/$f: No such file or directory"
	done
	expect 1 enter probe cat /etc/shadow
	has '/etc/shadow: Permission denied'
}

@test "NixOS: the store, the wrappers and /etc are read-only and nosuid" {
	nixos
	expect 0 enter probe cat /proc/self/mountinfo
	for d in /nix/store /run/wrappers /etc /usr /bin; do
		line=$(grep " $d " <<<"$output")
		[[ $line == *" $d ro,nosuid,nodev"* ]]
	done
}

@test "a split FHS: /bin, /sbin and /lib are bound as directories" {
	put bin/probe
	put sbin/probe2
	put usr/bin/probe3
	path=/bin:/sbin:/usr/bin
	for p in probe probe2 probe3; do
		expect 0 enter $p cat /proc/self/comm
		[ "$output" = $p ]
	done
	expect 0 enter probe cat /proc/self/mountinfo
	has ' /bin ro,'
	has ' /sbin ro,'
}

@test "a merged /usr: /bin and /lib64 are the links that they are" {
	put usr/bin/probe
	for d in bin lib lib64; do
		mkdir -p "$R/$d" "$R/usr/$d"
		cp -r "$R/$d/." "$R/usr/$d"
		rm -r "${R:?}/$d"
		ln -s usr/$d "$R/$d"
	done
	path=/bin
	expect 0 enter probe cat /proc/self/mountinfo
	lacks ' /bin '
	has ' /usr ro,'
}

@test "openSUSE: the certificates in /var are there, and nothing else of it" {
	put bin/probe
	path=/bin
	mkdir -p "$R/var/lib/ca-certificates/pem" "$R/etc/ssl"
	echo CERT >"$R/var/lib/ca-certificates/pem/a.pem"
	ln -s ../../var/lib/ca-certificates/pem "$R/etc/ssl/certs"
	expect 0 enter probe cat /etc/ssl/certs/a.pem
	[ "$output" = CERT ]
	expect 1 enter probe cat /var/secret/f
}

@test "the secrets of /etc are masked, files and directories, and no others" {
	put bin/probe
	path=/bin
	mkdir -p "$R"/etc/{ssh,sudoers.d,ssl/private,NetworkManager/system-connections}
	for f in shadow- gshadow sudoers sudoers.d/x ssh/ssh_host_rsa_key \
		ssl/private/key krb5.keytab \
		NetworkManager/system-connections/wifi; do
		echo SECRET >"$R/etc/$f"
	done
	echo open >"$R/etc/ssh/ssh_config"
	for f in shadow- gshadow sudoers sudoers.d/x ssh/ssh_host_rsa_key \
		ssl/private/key krb5.keytab \
		NetworkManager/system-connections/wifi; do
		expect 1 enter probe cat "/etc/$f"
		lacks SECRET
	done
	expect 0 enter probe cat /etc/ssh/ssh_config
	[ "$output" = open ]
}

@test "a system without /etc, /opt and /sys is no error" {
	put bin/probe
	path=/bin
	rm -r "$R/etc"
	expect 0 enter probe cat /proc/self/comm
}
