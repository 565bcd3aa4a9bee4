# pen on systems that are not this one: root trees that look like ostree's, and
# hosts with Nix, Guix, Homebrew and snaps, entered by a pen-ns around the pen.
load ../lib/common

setup() {
	scratch
	R=$T/root
	U=$T/upper # over /usr
	H=/home/user
	mkdir -p "$R"/{proc,dev,tmp,run,etc,usr,var/tmp,nix,gnu} "$U" "$T/work"
	home=$R/home/user
	path=/usr/local/bin:/usr/bin:/bin
}

# home_in DIR : the user's home is there in the tree
home_in() {
	home=$R$1
	mkdir -p "$home/src/project" "$home/.ssh"
	echo SECRET >"$home/.ssh/key"
	echo here >"$home/src/project/file"
}

# script FILE TEXT : a program that says TEXT
script() {
	mkdir -p "$(dirname "$1")"
	printf '#!/bin/sh\necho %s\n' "$2" >"$1"
	chmod 755 "$1"
}

# on_host COMMAND… : in the tree, whose /usr is this one's under $U
on_host() {
	local links=() d
	for d in bin sbin lib lib32 lib64 libx32; do
		[ ! -L /$d ] || links+=(--symlink "$(readlink /$d)" /$d)
	done
	pen-ns --nested --bind "$R" / --overlay-src /usr \
		--overlay "$U" "$T/work" /usr "${links[@]}" \
		--ro-bind /etc /etc --ro-bind "$B" "$B" --proc /proc --dev /dev \
		--setenv HOME "$H" --setenv PATH "$BIN:$path" \
		--setenv XDG_RUNTIME_DIR /run --chdir "$H/src/project" "$@"
}

# both WHAT COMMAND… : says WHAT on the host and inside
both() {
	expect 0 on_host "${@:2}"
	equals "$1"
	expect 0 on_host pen --offline "${@:2}"
	equals "$1"
}

ostree() {
	mkdir -p "$R"/var/{home,opt,mnt,roothome,usrlocal,srv}
	ln -s var/home "$R/home"
	ln -s var/opt "$R/opt"
	ln -s var/mnt "$R/mnt"
	ln -s var/roothome "$R/root"
	ln -s ../var/usrlocal "$U/local"
	home_in /var/home/user
}

@test "ostree: programs of /usr/local and /opt, by each of their names" {
	ostree
	script "$R/var/usrlocal/bin/ltool" local
	script "$R/var/opt/tool/bin/otool" opt
	both local ltool
	both local /var/usrlocal/bin/ltool
	both opt /opt/tool/bin/otool
	path=/var/opt/tool/bin:$path
	both opt otool
	expect 0 on_host sh -c 'echo x >/opt/x'
	expect 2 on_host pen --offline sh -c 'echo x >/opt/y'
	has 'Read-only file system'
}

@test "ostree: the home directory by either name, and nothing else of it" {
	ostree
	script "$home/bin/htool" home
	both here cat /home/user/src/project/file
	both here cat /var/home/user/src/project/file
	H=/var/home/user both here cat /home/user/src/project/file
	expect 0 on_host cat /home/user/.ssh/key
	expect 1 on_host pen --offline cat /home/user/.ssh/key
	path=/home/user/bin:$path
	expect 0 on_host pen --offline --ro /home/user/bin htool
	equals home
	path=/var/home/user/bin:/usr/bin:/bin
	expect 0 on_host pen --offline --ro /home/user/bin htool
	equals home
}

@test "a link that leads to the homes, or to \"/\", shows neither" {
	home_in /home/user
	mkdir -p "$R/home/other"
	echo SECRET >"$R/home/other/f"
	for target in home / home/user/opt; do
		mkdir -p "$home/opt"
		echo SECRET >"$home/opt/f"
		ln -sfn $target "$R/opt"
		expect 0 on_host cat /home/other/f
		expect 1 on_host pen --offline cat /home/other/f
		expect 1 on_host pen --offline cat /opt/f
	done
	expect 0 on_host pen --offline --ro $H/opt cat $H/opt/f
}

@test "ostree: nothing more of /var, and no other home, is there" {
	ostree
	mkdir -p "$R/var/home/other" "$R/var/log" "$R/var/mnt/disk"
	echo SECRET | tee "$R"/var/{home/other,log,mnt/disk,roothome}/f
	for f in home/other/f var/home/other/f var/log/f mnt/disk/f root/f; do
		expect 0 on_host cat /$f
		expect 1 on_host pen --offline cat /$f
	done
}

@test "Nix on another distribution: programs of the user's profile run" {
	home_in /home/user
	script "$R/nix/store/aaa-tool/bin/ntool" nix
	mkdir -p "$R/nix/store/bbb-env" "$home/.local/state/nix/profiles"
	ln -s /nix/store/aaa-tool/bin "$R/nix/store/bbb-env/bin"
	ln -s .local/state/nix/profiles/profile "$home/.nix-profile"
	ln -s profile-7-link "$home/.local/state/nix/profiles/profile"
	ln -s /nix/store/bbb-env "$home/.local/state/nix/profiles/profile-7-link"
	echo SECRET >"$home/.local/state/nix/other"
	path=/home/user/.nix-profile/bin:$path
	both nix ntool
	both nix sh -c ntool
	expect 1 on_host pen --offline cat $H/.local/state/nix/other
}

@test "Guix: programs of the user's profile run" {
	home_in /home/user
	script "$R/gnu/store/aaa-profile/bin/gtool" guix
	mkdir -p "$R/var/guix/profiles/per-user/user"
	ln -s guix-profile-1-link "$R/var/guix/profiles/per-user/user/guix-profile"
	ln -s /gnu/store/aaa-profile \
		"$R/var/guix/profiles/per-user/user/guix-profile-1-link"
	ln -s /var/guix/profiles/per-user/user/guix-profile "$home/.guix-profile"
	path=/home/user/.guix-profile/bin:$path
	both guix sh -c gtool
}

@test "Homebrew: its programs run, its databases are not shown" {
	home_in /home/user
	brew=$R/home/linuxbrew/.linuxbrew
	script "$brew/Cellar/btool/1/bin/btool" brew
	mkdir -p "$brew/bin" "$brew/var/postgres"
	ln -s ../Cellar/btool/1/bin/btool "$brew/bin/btool"
	echo SECRET >"$brew/var/postgres/f"
	path=/home/linuxbrew/.linuxbrew/bin:$path
	both brew sh -c btool
	expect 0 on_host cat /home/linuxbrew/.linuxbrew/var/postgres/f
	expect 1 on_host pen --offline \
		cat /home/linuxbrew/.linuxbrew/var/postgres/f
	expect 2 on_host pen --offline \
		sh -c 'echo x >/home/linuxbrew/.linuxbrew/bin/x'
}

@test "a snap is said to be one, and what is in it can be run" {
	home_in /home/user
	script "$U/bin/snap" snapd
	script "$R/snap/stool/current/bin/stool" snap
	mkdir -p "$R/snap/bin"
	ln -s /usr/bin/snap "$R/snap/bin/stool"
	path=/snap/bin:$path
	expect 0 on_host stool
	equals snapd
	expect 125 on_host pen --offline stool
	has 'is a snap'
	has 'hint: '
	both snap /snap/stool/current/bin/stool
}

@test "a link to the system that a run can have made is not followed" {
	home_in /home/user
	script "$R/nix/store/aaa-tool/bin/ntool" nix
	mkdir "$home/open"
	ln -s /nix/store/aaa-tool/bin "$home/open/bin"
	path=$H/open/bin:$path
	both nix sh -c ntool
	echo 'SECRET' >"$home/open/f"
	expect 0 on_host pen --offline --rw $H/open sh -c ntool
	expect 0 on_host pen --offline sh -c 'ls ~'
	lacks f
}

@test "/var/lib of the system's packages is there where everybody may read it" {
	home_in /home/user
	mkdir -p "$R"/var/lib/{texmf/web2c,ghc/package.conf.d,aspell,pacman/local} \
		"$R"/var/lib/{postgresql,dpkg/info} "$R/var/cache/man"
	mkdir -m 750 "$R/var/lib/rpm"
	for f in texmf/web2c ghc/package.conf.d aspell pacman/local dpkg/info \
		postgresql rpm; do
		echo data >"$R/var/lib/$f/f"
	done
	for f in texmf/web2c ghc/package.conf.d aspell pacman/local dpkg/info; do
		both data cat /var/lib/$f/f
	done
	for f in postgresql rpm; do
		expect 0 on_host cat /var/lib/$f/f
		expect 1 on_host pen --offline cat /var/lib/$f/f
	done
	expect 2 on_host pen --offline sh -c 'echo x >/var/lib/dpkg/info/f'
}

@test "Fedora: the data base of packages behind its link" {
	home_in /home/user
	mkdir -p "$U/lib/sysimage/rpm" "$R/var/lib"
	echo data >"$U/lib/sysimage/rpm/rpmdb.sqlite"
	ln -s ../../usr/lib/sysimage/rpm "$R/var/lib/rpm"
	both data cat /var/lib/rpm/rpmdb.sqlite
}

@test "sessions of php are private" {
	home_in /home/user
	mkdir -p "$R/var/lib/php/modules"
	mkdir -m 1733 "$R/var/lib/php/sessions"
	echo SECRET >"$R/var/lib/php/sessions/sess_1"
	expect 0 on_host pen --offline sh -c \
		'echo x >/var/lib/php/sessions/sess_2; ls /var/lib/php'
	has modules
	[ ! -e "$R/var/lib/php/sessions/sess_2" ]
	expect 0 on_host cat /var/lib/php/sessions/sess_1
	expect 1 on_host pen --offline cat /var/lib/php/sessions/sess_1
}

@test "the package tools of this system read their data bases" {
	programs=0
	if command -v dpkg >/dev/null; then
		expect 0 dpkg -s libc6
		outside=$output
		expect 0 pen --offline dpkg -s libc6
		equals "$outside"
		expect 0 pen --offline apt-cache policy libc6
		programs=1
	fi
	if command -v rpm >/dev/null && rpm -q glibc >/dev/null 2>&1; then
		expect 0 pen --offline rpm -q glibc
		programs=1
	fi
	[ "$programs" = 1 ] || skip_missing 'a package manager that is known here'
}
