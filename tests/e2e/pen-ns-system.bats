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
	for p in pen-ns pen-system pen-monitor; do
		install -m 755 "$BIN/$p" "$R/pen/"
		libraries "$BIN/$p"
	done
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

# ssh with a configuration of foreign files: as links and binds of files that
# are root's on this host too, for a test can make none.
foreign_ssh() {
	install -D -m 755 /usr/bin/ssh "$R/usr/bin/ssh"
	libraries /usr/bin/ssh
	echo "user:x:$(id -u):$(id -g)::/home/user:/bin/sh" >"$R/etc/passwd"
	path=/usr/bin
	comments=
	for f in /etc/gai.conf /etc/sysctl.conf /etc/e2scrub.conf; do
		[ -z "$(grep -v '^#\|^ *$' $f 2>&1)" ] && comments=$f
	done
	[ -n "$comments" ]
	binds=()
}

# foreign SRC DEST : DEST in the tree is the host's SRC
foreign() {
	[ "$(stat -c %u "$1")" -eq 0 ]
	mkdir -p "$(dirname "$R$2")"
	touch "$R$2"
	binds+=(--ro-bind "$1" "$2")
}

# enter_ssh STATUS HOW… : ssh -G in the tree, HOW being how it is shown
enter_ssh() {
	expect "$1" pen-ns --nested --bind "$R" / --proc /proc --dev /dev \
		"${binds[@]}" --chdir / --clearenv --setenv PATH "$path" \
		--setenv ASAN_OPTIONS detect_leaks=0 --setenv HOME /home/user \
		/pen/pen-ns "${@:2}" --proc /proc --dev /dev ssh -vG host
}

@test "ssh, Fedora: the files of root's that its configuration includes are read" {
	foreign_ssh
	mkdir -p "$R/etc/ssh/ssh_config.d" "$R/etc/crypto-policies/back-ends"
	echo 'Include /etc/ssh/ssh_config.d/*.conf' >"$R/etc/ssh/ssh_config"
	printf 'Match final all\n\tInclude %s\n' \
		/etc/crypto-policies/back-ends/openssh.config \
		>"$R/etc/ssh/ssh_config.d/50-redhat.conf"
	foreign "$comments" /usr/share/crypto-policies/DEFAULT/openssh.txt
	ln -s /usr/share/crypto-policies/DEFAULT/openssh.txt \
		"$R/etc/crypto-policies/back-ends/openssh.config"
	enter_ssh 255 --ro-bind / /
	has 'Bad owner or permissions on /etc/crypto-policies'
	enter_ssh 0 --system
	has 'data /etc/crypto-policies/back-ends/openssh.config'
}

@test "ssh, systemd 256: its link in ssh_config.d is followed" {
	foreign_ssh
	mkdir -p "$R/etc/ssh/ssh_config.d"
	printf '# x\n  include "ssh_config.d/*.conf" other.conf\nUser me\n' \
		>"$R/etc/ssh/ssh_config"
	foreign "$comments" /usr/lib/systemd/ssh_config.d/20-systemd-ssh-proxy.conf
	ln -s ../../../usr/lib/systemd/ssh_config.d/20-systemd-ssh-proxy.conf \
		"$R/etc/ssh/ssh_config.d/20-systemd-ssh-proxy.conf"
	foreign "$comments" /etc/ssh/other.conf
	enter_ssh 255 --ro-bind / /
	has 'Bad owner'
	enter_ssh 0 --system
	has 'data /etc/ssh/ssh_config.d/20-systemd-ssh-proxy.conf'
	has 'data /etc/ssh/other.conf'
	has 'user me'
}

@test "ssh: what a file of root's includes is read as well" {
	foreign_ssh
	grep -q '^Include /etc/ssh/ssh_config.d' /etc/ssh/ssh_config ||
		skip_missing 'a configuration of ssh that includes others'
	echo 'Include=/etc/ssh/top' >"$R/etc/ssh_config"
	mkdir -p "$R/etc/ssh"
	mv "$R/etc/ssh_config" "$R/etc/ssh/ssh_config"
	foreign /etc/ssh/ssh_config /etc/ssh/top
	foreign "$comments" /etc/ssh/ssh_config.d/a.conf
	foreign "$comments" /etc/ssh/ssh_config.d/.hidden.conf
	enter_ssh 255 --ro-bind / /
	has 'Bad owner'
	enter_ssh 0 --system
	has 'hashknownhosts yes'
	has 'data /etc/ssh/ssh_config.d/a.conf'
}

@test "ssh: a file that includes itself, a thousand files and a FIFO are no harm" {
	foreign_ssh
	foreign /etc/ssh/ssh_config /etc/ssh/ssh_config
	foreign /etc/ssh/ssh_config /etc/ssh/ssh_config.d/a.conf
	mkfifo "$R/etc/ssh/ssh_config.d/b.conf"
	for i in $(seq 1000); do : >"$R/etc/ssh/ssh_config.d/$i.conf"; done
	put bin/probe
	path=/bin
	expect 0 pen-ns --nested --bind "$R" / --proc /proc --dev /dev \
		"${binds[@]}" --chdir / --clearenv --setenv PATH /bin \
		--setenv ASAN_OPTIONS detect_leaks=0 \
		/pen/pen-ns --system --proc /proc --dev /dev \
		probe cat /proc/self/comm
}
