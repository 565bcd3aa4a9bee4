#!/usr/bin/env bats
# install.sh --apparmor: for a pen that only root can change, and the profiles.
# AppArmor itself, and root, are played: /sys and /etc are the test's own, and the
# user is uid 0 there.

load ../lib/common

setup() {
	scratch
	mkdir -p "$T/etc" "$T/local/bin" "$T/local/share" "$T/stubs"
	echo Y >"$T/enabled"
	cp -R "$ROOT/install.sh" "$ROOT/install" "$T/"
	# as a release that is built: there is no Makefile
	mkdir "$T/bin" "$T/src" "$T/share"
	cp "$ROOT/src/manifest" "$T/src/"
	cp "$BIN/pen" "$T/bin/"
	cp "$ROOT"/packaging/apparmor/* "$T/share/"
	printf '%s\n' '755 bin/pen bin/pen' \
		'644 share/pen share/pen/apparmor/pen' \
		'644 share/pen.stacked share/pen/apparmor/pen.stacked' >"$T/files"
	cat >"$T/stubs/apparmor_parser" <<-'END'
		#!/bin/sh
		echo "$*" >>/t/calls
		[ ! -e /t/broken ]
	END
	chmod +x "$T/stubs/apparmor_parser"
	host=(pen-ns --system --uid 0 --gid 0 --proc /proc --dev /dev
		--tmpfs /tmp --tmpfs /opt --bind "$T/local" /opt/pen --tmpfs /etc
		--ro-bind-try /etc/alternatives /etc/alternatives
		--bind "$T/etc" /etc/apparmor.d --bind "$T" /t --chdir /t
		--setenv HOME /t/home --unsetenv TMPDIR
		--setenv PATH /t/stubs:/usr/bin:/bin:/usr/sbin
		--ro-bind "$T/enabled" /sys/module/apparmor/parameters/enabled --)
}

# install_sh ARGUMENT… : there, as uid 0
install_sh() {
	"${host[@]}" ./install.sh "$@"
}

@test "the profile is installed for root's copy, and goes with it" {
	expect 0 install_sh --prefix /opt/pen --apparmor
	has "AppArmor has a profile for pen: /etc/apparmor.d/pen"
	grep -q '^profile pen /' "$T/etc/pen"
	[ "$(tail -n 1 "$T/calls")" = '-r /etc/apparmor.d/pen' ]
	expect 0 install_sh --prefix /opt/pen --apparmor=stacked
	grep -q '^profile pen_inside' "$T/etc/pen"
	expect 0 install_sh --uninstall --prefix /opt/pen
	has "removed /etc/apparmor.d/pen"
	[ "$(tail -n 1 "$T/calls")" = '-R /etc/apparmor.d/pen' ]
	[ ! -e "$T/etc/pen" ]
}

@test "for a copy that the user can change there is none" {
	expect 1 install_sh --prefix /t/p --apparmor
	has 'a profile is for a pen that only root can change: --prefix /usr/local'
	chmod 775 "$T/local/bin"
	expect 1 install_sh --prefix /opt/pen --apparmor
	has 'that only root can change'
	chmod 755 "$T/local/bin"
	# every program that the profile names, not the first alone
	expect 0 install_sh --prefix /opt/pen
	cp "$T/local/bin/pen" "$T/local/bin/pen-ns"
	chmod 775 "$T/local/bin/pen-ns"
	expect 1 install_sh --prefix /opt/pen --apparmor
	has 'that only root can change'
	chmod 755 "$T/local/bin/pen-ns"
	expect 0 install_sh --prefix /opt/pen --apparmor
	[ -e "$T/etc/pen" ]
}

@test "without --apparmor nothing is loaded, and it says what would" {
	expect 0 install_sh --prefix /opt/pen
	has '--apparmor gives pen a profile'
	[ ! -e "$T/etc/pen" ]
	expect 0 install_sh --prefix /t/p
	lacks '--apparmor'
}

@test "on a terminal it asks" {
	local answer
	for answer in n y; do
		run -0 python3 -c 'import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
said = b""
try:
    while True:
        part = os.read(fd, 4096)
        if not part:
            break
        said += part
        if said.endswith(b"[y/N] "):
            os.write(fd, sys.argv[1].encode() + b"\n")
except OSError:
    pass
print(said.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))' "$answer" \
			"${host[@]}" ./install.sh --prefix /opt/pen --no-shell
		has 'AppArmor: give pen a profile'
		[ $answer = y ] || [ ! -e "$T/etc/pen" ]
	done
	[ -e "$T/etc/pen" ]
}

@test "where AppArmor is off, or its parser older, nothing is loaded" {
	touch "$T/broken"
	expect 1 install_sh --prefix /opt/pen --apparmor
	has 'the parser here cannot read the profile'
	expect 0 install_sh --prefix /opt/pen
	[ ! -e "$T/etc/pen" ]
	rm "$T/broken"
	echo N >"$T/enabled"
	expect 0 install_sh --prefix /opt/pen --apparmor
	has 'there is no AppArmor here'
	[ ! -e "$T/etc/pen" ]
}

@test "a profile of a package's, or of the user's own, is left alone" {
	echo 'profile pen /usr/bin/pen {}' >"$T/etc/pen"
	expect 0 install_sh --prefix /opt/pen --apparmor
	has "is there and not install.sh's: left alone"
	expect 0 install_sh --uninstall --prefix /opt/pen
	[ "$(cat "$T/etc/pen")" = 'profile pen /usr/bin/pen {}' ]
}

@test "every program that makes a user namespace is in the profile, and no other" {
	local f names=
	for f in "$ROOT"/src/pen*/; do
		f=$(basename "$f")
		# pen-attack tries to make one as a user's program does
		case $f in pen | pen-attack) continue ;; esac
		# who joins one that is there makes none
		grep -rhE 'CLONE_NEWUSER|userns_enter' "$ROOT/src/$f" |
			grep -qv setns || continue
		names+="${f#pen},"
	done
	names=${names%,}
	expect 0 grep -F "bin/pen{,${names#,}} " "$ROOT/packaging/apparmor/pen"
}
