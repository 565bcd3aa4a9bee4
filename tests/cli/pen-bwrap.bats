#!/usr/bin/env bats
# A link to pen-ns that is called bwrap is pen-bwrap, bubblewrap: its defaults,
# its exit codes.  Where the host has the real one, both get the same words.

load ../lib/common

setup() {
	scratch
	mkdir "$T/ours"
	ln -s "$BIN/pen-ns" "$T/ours/bwrap"
	OURS=$T/ours/bwrap
	THEIRS=$(command -v bwrap) || :
	root=(--ro-bind / /)
	# newer ones: make check-bwrap
	IFS=: read -ra NEWER <<<"${BWRAPS:-}"
}

# same STATUS ARGS… : both end with it, and print the same on stdout
same() {
	local want=$1 b theirs
	shift
	[ -n "$THEIRS" ] || skip_missing bubblewrap
	for b in "$THEIRS" "$OURS"; do
		theirs=$output
		run --separate-stderr timeout 20 "$b" "$@"
		[ "$status" -eq "$want" ] || {
			printf 'wanted %s, got %s from: %s\n%s\n%s\n' "$want" \
				"$status" "$b $*" "$output" "$stderr" >&2
			return 1
		}
	done
	diff <(echo "$theirs") <(echo "$output")
}

@test "as bwrap: the namespaces that are asked for, and no other" {
	local n all='for n in user mnt pid ipc uts cgroup net; do
		readlink /proc/self/ns/$n; done'
	expect 0 "$OURS" "${root[@]}" sh -c "$all"
	ours=$output
	for n in pid ipc uts cgroup net; do
		[[ $ours == *"$(readlink "/proc/self/ns/$n")"* ]]
	done
	for n in user mnt; do
		[[ $ours != *"$(readlink "/proc/self/ns/$n")"* ]]
	done
	expect 0 "$OURS" "${root[@]}" --unshare-all --proc /proc sh -c "$all"
	for n in user mnt pid ipc uts cgroup net; do
		lacks "$(readlink "/proc/self/ns/$n")"
	done
	expect 0 "$OURS" "${root[@]}" --unshare-all --share-net sh -c "$all"
	has "$(readlink /proc/self/ns/net)"
}

@test "as bwrap: the environment and the descriptors are kept" {
	export KEPT=here
	exec 7<"$HOME/.ssh/id_ed25519"
	expect 0 "$OURS" "${root[@]}" sh -c 'echo $KEPT; cat <&7'
	[ "$output" = $'here\nPLANTED-KEY' ]
	exec 7<&-
	run bash -c '"$0" "$@" 5>info 6</dev/null' "$OURS" "${root[@]}" \
		--info-fd 5 --sync-fd 6 "$PROBE/ns_probe" descriptors
	lacks $'\n5'
	lacks $'\n6'
}

@test "as bwrap: no capability, no new privileges, the ids as they were" {
	same 0 "${root[@]}" sh -c 'grep -E "^(Cap|NoNew)" /proc/self/status
		cat /proc/self/uid_map; id -u; id -g; umask'
	same 0 "${root[@]}" --uid 0 --gid 7 id
	same 0 "${root[@]}" --unshare-user --cap-add CAP_KILL \
		grep ^Cap /proc/self/status
}

# sets WORDS… : the sets of prog, and those of pid 1, which shares its user
# namespace: inheritable, permitted, effective, bounding, ambient
sets() {
	expect 0 "$OURS" "${root[@]}" --proc /proc --unshare-user --unshare-pid \
		"$@" sh -c 'for p in self 1; do
			sed -n "s/^Cap...:\t0*\(.\)/\1/p" /proc/$p/status |
				paste -sd" "
		done'
}

@test "as bwrap: pid 1 has no capability in any set, prog what was asked for" {
	sets
	[ "$output" = $'0 0 0 0 0\n0 0 0 0 0' ]
	sets --cap-add CAP_NET_RAW
	[ "$output" = $'2000 2000 2000 2000 2000\n0 0 0 0 0' ]
	sets --cap-add ALL --cap-drop CAP_KILL
	local all last
	read -r last </proc/sys/kernel/cap_last_cap
	all=$(printf %x $(((2 << last) - 1 & ~0x20)))
	[ "$output" = "$all $all $all $all $all"$'\n0 0 0 0 0' ]
	# where prog has a user namespace of its own the set is full again there
	sets --disable-userns
	[ "$output" = $'0 0 0 0 0\n0 0 0 0 0' ]
}

@test "as bwrap: the exit status is prog's, or 1" {
	same 7 "${root[@]}" sh -c 'exit 7'
	same 137 "${root[@]}" sh -c 'kill -9 $$'
	same 143 "${root[@]}" --unshare-pid sh -c 'kill -15 $$'
	same 1 "${root[@]}" no-such-program
	same 1 "${root[@]}" /etc/passwd
	same 1 --no-such-option
	same 1 --bind /none /x true
	same 1 "${root[@]}" --chdir /none true
	same 1 --dir
	same 1 "${root[@]}" --uid x true
}

@test "as bwrap: without a command the usage line, and 1" {
	run --separate-stderr "$OURS" "${root[@]}"
	[ "$status" -eq 1 ]
	[ -z "$output" ]
	[[ $stderr == 'usage: bwrap [OPTIONS...] [--] COMMAND [ARGS...]'* ]]
	[ -z "$THEIRS" ] || {
		run --separate-stderr "$THEIRS" "${root[@]}"
		[ "$status" -eq 1 ]
		[[ $stderr == 'usage: '*'bwrap [OPTIONS...] [--] COMMAND '* ]]
	}
	expect 0 "$OURS" --help
	[[ $output == 'usage: bwrap '* ]]
	has --argv0
	expect 0 "$OURS" --version
	[ "$output" = 'bubblewrap 0.13.1' ]
}

# says MESSAGE ARGS… : the first line begins with this, after "bwrap: ", with status 1; and
# of the newer programs, too, where they are there.  Descriptors 5 and 6 are a
# file, 7 a directory.
says() {
	local want=$1 b
	shift
	for b in "${NEWER[@]}" "$OURS"; do
		timeout 20 "$b" "$@" >out 2>&1 5<file 6<file 7<dir && {
			echo "passed: $b $*" >&2
			return 1
		}
		[[ $(head -1 out) == "bwrap: $want"* ]] || {
			printf 'wanted %s, got this from: %s\n' "$want" "$b $*" >&2
			cat out >&2
			return 1
		}
	done
}

@test "as bwrap: messages about the command line are bwrap's" {
	echo text >file
	mkdir dir
	local t=("${root[@]}" --tmpfs /tmp) option
	for option in seccomp add-seccomp-fd sync-fd info-fd args; do
		says 'Invalid fd: -1' "${t[@]}" --$option -1 true
	done
	says 'Invalid fd: 0a' "${t[@]}" --bind-data 0a /tmp/x true
	says 'Invalid uid: x' "${t[@]}" --unshare-user --uid x true
	says 'Invalid gid: -1' "${t[@]}" --unshare-user --gid -1 true
	says '--bind does not take an empty path argument' "${t[@]}" \
		--bind '' /tmp/x true
	says '--ro-bind does not take an empty path argument' "${t[@]}" \
		--ro-bind / '' true
	says '--tmpfs does not take an empty path argument' --tmpfs '' true
	says '--symlink does not take an empty path argument' "${t[@]}" \
		--symlink '' /tmp/x true
	says '--chdir does not take an empty path argument' "${t[@]}" \
		--chdir '' true
	says '--lock-file does not take an empty path argument' "${t[@]}" \
		--lock-file '' true
	says '--overlay-src does not take an empty path argument' "${t[@]}" \
		--overlay-src '' --tmp-overlay /tmp/x true
	says 'Unknown option --nonsense' --nonsense true
	says 'Unknown option -x' -x true
	says '--bind takes two arguments' --bind /tmp
	says '--tmpfs takes an argument' --tmpfs
	says '--overlay takes three arguments' --overlay a
	says '--perms takes an octal argument <= 07777' --perms 9 --dir /x true
	says '--perms given twice for the same action' --perms 0700 --perms 0700
	says '--perms must be followed by an option that creates a file' \
		--perms 0700 --bind / / true
	says '--size takes a non-zero number of bytes' --size 0 --tmpfs /x
	says '--size takes a non-zero number of bytes' --size x --tmpfs /x
	says '--size given twice for the same action' --size 4096 --size 4096
	says '--size must be followed by --tmpfs' --size 4096 --dir /x
	says '--overlay-src must be followed by another --overlay-src or one of --overlay, --tmp-overlay, or --ro-overlay' \
		--overlay-src dir --ro-bind / / true
	says '--argv0 used multiple times' --argv0 a --argv0 b true
	says 'unknown cap: NOPE' --cap-add NOPE true
	says 'Invalid seccomp data, must be multiple of 8' "${root[@]}" \
		--seccomp 5 true
	says '--disable-userns requires --unshare-user' "${root[@]}" \
		--disable-userns true
	says '--userns is not compatible with --unshare-user' "${root[@]}" \
		--unshare-user --userns 5 true
	says 'Specifying --as-pid-1 and --lock-file is not permitted' \
		"${root[@]}" --unshare-pid --as-pid-1 --lock-file file true
	says 'creation of new user namespaces was not disabled as requested' \
		"${root[@]}" --assert-userns-disabled true
}

@test "as bwrap: messages about the view and the program are bwrap's" {
	echo text >file
	mkdir dir
	local t=("${root[@]}" --tmpfs /tmp) o
	for o in bind ro-bind dev-bind; do
		says "Can't find source path /none: No such file or directory" \
			"${t[@]}" --$o /none /tmp/x true
	done
	says 'Destination is not a directory /tmp/f' "${t[@]}" \
		--file 5 /tmp/f --ro-bind dir /tmp/f true
	says 'Destination is not a file /tmp/d' "${t[@]}" --dir /tmp/d \
		--ro-bind file /tmp/d true
	says "Can't mkdir parents for /tmp/f/d: Not a directory" "${t[@]}" \
		--file 5 /tmp/f --dir /tmp/f/d true
	says "Can't create file $PWD/x: Read-only file system" "${root[@]}" \
		--ro-bind file "$PWD/x" true
	says "Can't make symlink at /tmp/l: existing destination is /usr" \
		"${t[@]}" --symlink /usr /tmp/l --symlink /etc /tmp/l true
	says "Can't make symlink at /tmp/l: destination exists and is not a symlink" \
		"${t[@]}" --dir /tmp/l --symlink /etc /tmp/l true
	says "Can't open /tmp/none: No such file or directory" "${t[@]}" \
		--chmod 0700 /tmp/none true
	says "Can't mount mqueue on /tmp/m: Operation not permitted" "${t[@]}" \
		--mqueue /tmp/m true
	says "Unable to open lock file /none: No such file or directory" \
		"${t[@]}" --lock-file /none true
	says "Can't chdir to /none: No such file or directory" "${t[@]}" \
		--chdir /none true
	says "execvp /none: No such file or directory" "${root[@]}" /none
	says "execvp /etc/passwd: Permission denied" "${root[@]}" /etc/passwd
}

@test "as bwrap: a mount is refused where the destination is a link" {
	echo text >file
	mkdir dir
	local l=("${root[@]}" --tmpfs /tmp --dir /tmp/d --symlink d /tmp/l)
	local m="Can't mount on symlink destination /tmp/l"
	says "$m" "${l[@]}" --bind dir /tmp/l true
	says "$m" "${l[@]}" --ro-bind dir /tmp/l true
	says "$m" "${l[@]}" --dev-bind dir /tmp/l true
	says "$m" "${l[@]}" --bind-fd 7 /tmp/l true
	says "$m" "${l[@]}" --ro-bind file /tmp/l true
	says "$m" "${l[@]}" --bind-data 5 /tmp/l true
	says "$m" "${l[@]}" --tmpfs /tmp/l true
	says "$m" "${l[@]}" --proc /tmp/l true
	says "$m" "${l[@]}" --dev /tmp/l true
	says "$m" "${l[@]}" --overlay-src dir --tmp-overlay /tmp/l true
	says "$m" "${l[@]}" --remount-ro /tmp/l true
	says 'Destination is not a directory /tmp/l' "${l[@]}" --dir /tmp/l true
	says "Can't create file /tmp/l: " \
		"${l[@]}" --file 5 /tmp/l true
	# by its own name pen-ns follows it, in the new tree; and bwrap on the way
	expect 0 pen-ns "${l[@]}" --bind dir /tmp/l test -d /tmp/d
	for b in "${NEWER[@]}" "$OURS"; do
		expect 0 "$b" "${l[@]}" --ro-bind file /tmp/l/f cat /tmp/d/f
		[ "$output" = text ]
	done
}

@test "as bwrap: of an option that is given twice the last counts, and it says so" {
	local b
	for b in "${NEWER[@]}" "$OURS"; do
		expect 0 "$b" "${root[@]}" --chdir / --chdir /usr pwd
		[ "$output" = $'bwrap: Only the last --chdir option will take effect\n/usr' ]
		expect 0 "$b" "${root[@]}" --unshare-uts --hostname a \
			--hostname b uname -n
		[ "${lines[-1]}" = b ]
		expect 0 "$b" "${root[@]}" --uid 1 --uid 2 id -u
		[ "$output" = $'bwrap: Only the last --uid option will take effect\n2' ]
	done
}

@test "as bwrap: a mount point that is made for a file has mode 0444" {
	local b
	echo text >file
	for b in "${NEWER[@]}" "$OURS" pen-ns; do
		rm -f new
		expect 0 "$b" --bind / / --ro-bind file "$PWD/new" true
		[ "$(stat -c %a new)" = 444 ]
	done
}

@test "as bwrap: several --sync-fd are held while something runs, --perms ends" {
	local b
	: >file
	for b in "${NEWER[@]}" "$OURS"; do
		exec 5> >(cat >one) 6> >(cat >two)
		expect 0 "$b" "${root[@]}" --unshare-pid --sync-fd 5 \
			--sync-fd 6 true
		exec 5>&- 6>&-
	done
	expect 0 "$OURS" "${root[@]}" --perms 0700 true
	expect 0 "$OURS" "${root[@]}" --not-a-security-boundary true
	expect 125 pen-ns "${root[@]}" --not-a-security-boundary true
}

@test "as bwrap: an allow-list without seccomp(2) can be the first of two filters" {
	local nr seccomp b
	case $(uname -m) in
	x86_64) nr='\x3f' seccomp='\x3d\x01' ;;
	aarch64) nr='\xa0' seccomp='\x15\x01' ;;
	esac
	# kills who calls seccomp(2); answers uname(2) with EPERM
	printf '\x20\0\0\0\0\0\0\0\x15\0\0\x01'$seccomp'\0\0\x06\0\0\0\0\0\0\x80\x06\0\0\0\0\0\xff\x7f' >first
	printf '\x20\0\0\0\0\0\0\0\x15\0\0\x01'$nr'\0\0\0\x06\0\0\0\x01\0\x05\0\x06\0\0\0\0\0\xff\x7f' >second
	for b in "${NEWER[@]}" "$OURS"; do
		run "$b" "${root[@]}" --add-seccomp-fd 5 --add-seccomp-fd 6 \
			sh -c 'uname || echo refused; grep Seccomp_f /proc/self/status' 5<first 6<second
		[ "$status" -eq 0 ]
		has refused
	done
}

@test "as bwrap: options that need another one" {
	same 1 "${root[@]}" --hostname x true
	same 1 "${root[@]}" --as-pid-1 true
	same 1 "${root[@]}" --disable-userns true
	same 1 "${root[@]}" --perms 0700 --bind / / true
	same 1 "${root[@]}" --userns-block-fd 0 true
	same 1 "${root[@]}" --unshare-user --userns-block-fd 0 true
	same 1 "${root[@]}" --unshare-user --userns 0 true
	same 1 "${root[@]}" --assert-userns-disabled true
	same 0 "${root[@]}" --unshare-user --disable-userns \
		--assert-userns-disabled true
}

@test "as bwrap: the file view of the same words is the same" {
	mkdir -p a/sub
	echo text >a/f
	same 0 --ro-bind /usr /usr --symlink usr/bin /bin \
		--symlink usr/lib /lib --symlink usr/lib64 /lib64 \
		--unshare-all --proc /proc --dev /dev --dir /x/y --bind a /a \
		--perms 0711 --tmpfs /t --ro-bind a /t/ro --remount-ro /t \
		--chmod 0750 /x/y --chdir /a --setenv V 1 --unsetenv HOME \
		--hostname h --new-session --die-with-parent sh -c '
		pwd; id; ls -l / | awk "{print \$1,\$NF}"; ls -l /dev |
			awk "{print \$1,\$3,\$NF}"; cat f
		uname -n; echo $V $PWD; touch /x/z /t/ro/z /t/no
		stat -c %a /t /x/y; echo /proc/[0-9]*'
	same 0 --bind / / --dev /dev --tmpfs "$HOME/.ssh" ls "$HOME/.ssh" /dev
}

@test "as bwrap: --proc without a pid namespace is the host's" {
	same 0 --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
		--symlink usr/lib64 /lib64 --proc /proc cat "/proc/$$/comm"
	[ "$output" = "$(cat /proc/$$/comm)" ]
}

@test "as bwrap: --info-fd and --json-status-fd have the same keys" {
	[ -n "$THEIRS" ] || skip_missing bubblewrap
	for b in "$THEIRS" "$OURS"; do
		for o in info-fd json-status-fd; do
			run bash -c '"$0" "$@" 5>>'"$(basename "$(dirname \
				"$b")").$o" "$b" "${root[@]}" --$o 5 \
				--unshare-all sh -c 'exit 3'
			[ "$status" -eq 3 ]
		done
	done
	for o in info-fd json-status-fd; do
		diff <(sed 's/: [0-9]\{2,\}/: N/g' "bin.$o") \
			<(sed 's/: [0-9]\{2,\}/: N/g' "ours.$o")
	done
}

@test "as bwrap: words of --args that follow the options are passed over" {
	printf '%s\0' --ro-bind / / -- echo no >words
	run bash -c '"$0" --args 5 echo yes 5<words' "$OURS"
	[ "$output" = yes ]
	[ -z "$THEIRS" ] || {
		run bash -c '"$0" --args 5 echo yes 5<words' "$THEIRS"
		[ "$output" = yes ]
	}
}

@test "as bwrap: --seccomp given twice is the last one" {
	local deny
	case $(uname -m) in
	x86_64) nr='\x3f' ;;
	aarch64) nr='\xa0' ;;
	esac
	printf '\x20\0\0\0\0\0\0\0\x15\0\0\x01'$nr'\0\0\0\x06\0\0\0\x01\0\x05\0\x06\0\0\0\0\0\xff\x7f' >deny
	printf '\x06\0\0\0\0\0\xff\x7f' >allow
	run bash -c '"$0" "$@" 5<deny 6<allow' "$OURS" "${root[@]}" \
		--seccomp 5 --seccomp 6 uname
	[ "$status" -eq 0 ]
	run bash -c '"$0" "$@" 5<deny 6<allow' "$OURS" "${root[@]}" \
		--seccomp 6 --seccomp 5 uname
	[ "$status" -eq 1 ]
}

@test "as bwrap: what prog left behind goes on, or not with --die-with-parent" {
	mkfifo fifo
	for b in ${THEIRS:+"$THEIRS"} "$OURS"; do
		timeout 20 "$b" --dev-bind / / --unshare-pid sh -c \
			'(read x <fifo; echo "$x" >>after) &' \
			>/dev/null 2>&1 3>&- 4>&-
		timeout 20 sh -c 'echo went-on >fifo'
		until_true test -s after
		rm after
	done
	"$OURS" --dev-bind / / --unshare-pid --die-with-parent --info-fd 5 \
		sh -c '(exec cat <>fifo) &' >/dev/null 2>&1 3>&- 4>&- 5>info
	pid=$(jq '."child-pid"' info)
	until_true test ! -e "/proc/$pid"
}

@test "as bwrap: a shell script without #! is given to sh" {
	echo 'echo ran' >script
	chmod +x script
	same 0 "${root[@]}" ./script
	[ "$output" = ran ]
}

@test "as bwrap: the caller's environment is not in /proc/1/environ" {
	export CALLERS=PLANTED-ENVIRONMENT
	look='tr "\0" "\n" </proc/1/environ | grep -c PLANTED; exit 0'
	[ -z "$THEIRS" ] || {
		expect 0 "$THEIRS" "${root[@]}" --unshare-pid --proc /proc \
			--unsetenv CALLERS sh -c "$look"
		[ "$output" = 1 ] # the control
	}
	expect 0 "$OURS" "${root[@]}" --unshare-pid --proc /proc --info-fd 2 \
		--unsetenv CALLERS sh -c "$look"
	[ "${lines[-1]}" = 0 ]
}

@test "the name decides and no variable does; a copy of pen-bwrap will do" {
	cp "$BIN/pen-bwrap" "$T/copy-bwrap"
	mkdir c
	mv "$T/copy-bwrap" c/bwrap
	cp "$BIN/pen-monitor" c/
	expect 1 c/bwrap --bind /none /x true
	for v in PEN PEN_BWRAP BWRAP ARGV0; do
		expect 125 env "$v=bwrap" pen-ns --bind /none /x true
		expect 1 env "$v=pen-ns" "$OURS" --bind /none /x true
	done
	expect 125 bash -c 'exec -a not-bwrap "$0" --bind /none /x true' "$OURS"
}

@test "the examples of the manual page work" {
	sed -n '/^\.Bd -lit/,/^\.Ed/p' "$ROOT/man/pen-bwrap.1" | grep -v '^\.' >one
	run -0 bash -e one
	[ "$output" = inside ]
}
