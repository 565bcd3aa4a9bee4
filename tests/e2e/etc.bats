# The files of /etc that pen makes itself, on hosts that are not this one: what
# is mounted over this host's /etc for the time of a test.
load ../lib/common

setup() {
	scratch
	host=()
}

# host_has PATH TEXT : the host's file
host_has() {
	printf '%s\n' "${@:2}" >"$T/host${1//\//_}"
	host+=(--ro-bind "$T/host${1//\//_}" "$1")
}

# on_host COMMAND…
on_host() {
	pen-ns --nested --dev-bind / / "${host[@]}" "$@"
}

me() {
	echo "${1:-me}:x:$(id -u):$(id -g):Me:$HOME:/bin/sh"
}

@test "localhost is what it is on the host" {
	host_has /etc/hosts '127.0.0.1 localhost' '198.51.100.7 db.corp.example'
	expect 0 on_host getent ahosts localhost
	outside=$output
	lacks ::1
	expect 0 on_host getent hosts db.corp.example
	expect 0 on_host pen --offline getent ahosts localhost
	equals "$outside"
	expect 2 on_host pen --offline getent hosts db.corp.example
	expect 0 on_host pen --offline getent hosts pen
	expect 0 on_host pen --offline cat /etc/hosts
	lacks corp
}

@test "a file that pen makes is the host's when it is asked for" {
	host_has /etc/hosts '127.0.0.1 localhost' '198.51.100.7 db.corp.example'
	host_has /etc/resolv.conf 'nameserver 192.0.2.9'
	host_has /etc/nsswitch.conf 'hosts: files' 'passwd: files'
	host_has /etc/passwd "$(me)" 'other:x:4000:4000::/:/bin/sh'
	host_has /etc/group "g:x:$(id -g):" 'other:x:4000:'
	host_has /etc/subuid 'other:100000:65536'
	for f in hosts resolv.conf nsswitch.conf passwd group subuid; do
		expect 0 on_host cat /etc/$f
		outside=$output
		run on_host pen --offline cat /etc/$f
		[ "$output" != "$outside" ]
		expect 0 on_host pen --offline --ro /etc/$f cat /etc/$f
		equals "$outside"
	done
	expect 125 on_host pen --offline --ro /etc true
	has 'but for the files that pen makes itself'
	has 'hint: name the file: --ro /etc/hosts'
}

@test "root, system accounts, nobody and the user are there, and no other people" {
	host_has /etc/passwd 'root:x:0:0:root:/root:/bin/sh' \
		'daemon:x:1:1::/:/usr/sbin/nologin' \
		'alice:x:4000:4000:Alice Secret:/home/alice:/bin/sh' \
		"$(me)" 'nobody:x:65534:65534::/:/usr/sbin/nologin'
	host_has /etc/group 'root:x:0:' 'adm:x:4:alice,me' 'alice:x:4000:' \
		"mine:x:$(id -g):" 'nogroup:x:65534:'
	for f in passwd- group- subuid subgid; do
		[ ! -e /etc/$f ] || host_has /etc/$f "alice:100000:65536"
	done
	expect 0 on_host getent passwd alice
	expect 2 on_host pen --offline getent passwd alice
	expect 0 on_host pen --offline sh -c \
		'id -un; id -gn; getent passwd 0 1 65534 | cut -d: -f1'
	equals $'me\nmine\nroot\ndaemon\nnobody'
	run on_host pen --offline sh -c 'cat /etc/passwd /etc/group \
		/etc/passwd- /etc/group- /etc/subuid /etc/subgid'
	has nobody
	lacks alice
	expect 0 on_host pen --offline getent group adm
	equals adm:x:4:me
}

@test "a user of a directory service has the name, the home and the shell of there" {
	host_has /etc/passwd 'root:x:0:0:root:/root:/bin/sh'
	host_has /etc/group 'root:x:0:'
	mkdir "$T/bin"
	cat >"$T/bin/getent" <<-END
		#!/bin/sh
		case \$1:\$2 in
		passwd:$(id -u)) echo 'ldap:*:$(id -u):$(id -g):L:/home/l:/bin/ksh' ;;
		group:$(id -g)) echo 'staff:*:$(id -g):ldap,other' ;;
		*) exit 2 ;;
		esac
	END
	chmod +x "$T/bin/getent"
	PATH=$T/bin:$PATH expect 0 on_host pen --offline sh -c \
		"cat /etc/passwd; id -gn"
	has "ldap:*:$(id -u):$(id -g):L:/home/l:/bin/ksh"
	has staff
}

@test "a user whom no service knows is who USER says" {
	host_has /etc/passwd 'root:x:0:0:root:/root:/bin/sh'
	host_has /etc/group 'root:x:0:'
	export USER=someone LOGNAME=someone
	expect 1 on_host id -un
	expect 0 on_host pen --offline sh -c 'id -un; id -gn; whoami; echo ~'
	equals $'someone\nsomeone\nsomeone\n'"$HOME"
	USER=root LOGNAME=root expect 1 on_host pen --offline id -un
	USER='x:0:0' LOGNAME='-' expect 1 on_host pen --offline id -un
}
