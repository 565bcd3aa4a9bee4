#!/usr/bin/env bats
# pen-check(1): what the host can enforce is tried, and what is missing is said.

load ../lib/common

setup() {
	scratch
	PATH=$BIN:/usr/bin:/bin
}

# state NAME : what the findings in $output say of it
state() {
	jq -r --arg n "$1" '.findings[] | select(.name == $n) | .state' <<<"$output"
}

# worst : the exit status that the findings in $output stand for
worst() {
	jq '[.findings[].state | {ok: 0, weaker: 1, missing: 2}[.]] | max' \
		<<<"$output"
}

@test "what is there is ok, and the status is the worst of the findings" {
	run pen-check --json
	[ "$status" -eq "$(worst)" ]
	for name in 'user namespaces' mounts 'new mount API' /proc /dev/pts \
		nf_tables seccomp pen-filter pen-ns pen-net pen-sni; do
		[ "$(state "$name")" = ok ]
	done
	[ "$(jq -r .kernel <<<"$output")" = "$(uname -r)" ]
	run pen-check
	has "works"
	[[ ${lines[-1]} =~ ^[0-9]+\ ok,\ [0-9]+\ weaker,\ [0-9]+\ missing$ ]]
}

@test "where user namespaces are refused they are missing, and the status is 2" {
	run -2 pen-filter -- pen-check --json
	[ "$(state 'user namespaces')" = missing ]
	[ "$(state pen-ns)" = missing ]
	[ "$(jq -r '.findings[] | select(.name == "user namespaces") | .advice' \
		<<<"$output")" != null ]
}

# member FIELD NAME : a member of what the findings in $output say of it
member() {
	jq -r --arg m "$1" --arg n "$2" \
		'.findings[] | select(.name == $n) | .[$m] // ""' <<<"$output"
}

# without NAME STATE WHAT-TO-DO : it has that state in $output, with a sentence that
# says why it matters, and what to do has these words
without() {
	local todo
	[ "$(state "$1")" = "$2" ]
	[ -n "$(member matters "$1")" ]
	todo=$(member advice "$1")$(member command "$1")
	[[ $todo == *"$3"* ]] || {
		echo "$1: to do: $todo" >&2
		return 1
	}
	[ "$status" -eq "$(worst)" ]
}

@test "a feature of the kernel that is not there is missing or weaker" {
	local want inject name todo
	while IFS='|' read -r want inject name todo; do
		run strace -f -qq -o /dev/null -e "inject=$inject" \
			pen-check --json
		without "$name" "$want" "$todo"
	done <<-'END'
		weaker|landlock_create_ruleset:error=ENOSYS|Landlock|a kernel with Landlock
		missing|mount_setattr:error=ENOSYS|new mount API|Linux 5.12 or newer
		missing|open_tree:error=ENOSYS|new mount API|Linux 5.12 or newer
		weaker|setxattr:error=EOPNOTSUPP|xattrs on tmpfs|Linux 6.6 or newer
		weaker|mount:error=ENODEV:when=2|overlayfs|modprobe overlay
		missing|mount:error=EPERM|mounts|pen-check tries the rest
		missing|mount:error=EPERM|/dev/pts|pen-check tries the rest
		missing|seccomp:error=EINVAL|seccomp|CONFIG_SECCOMP_FILTER
		missing|socket:error=EPROTONOSUPPORT|nf_tables|modprobe nf_tables
	END
}

@test "a kernel that is too old for pen is missing, with the one to use" {
	# of Linux 5.2 and 5.12
	run -2 strace -f -qq -o /dev/null -e \
		inject=open_tree,move_mount,fsopen,fsmount,fsconfig,mount_setattr:error=ENOSYS \
		pen-check --json
	without 'new mount API' missing 'Linux 5.12 or newer'
	[ "$(state pen-ns)" = missing ]
	[[ $(member found pen-ns) == *'needs Linux 5.12 or newer'* ]]
}

@test "no user namespace is left to be made: missing, with the sysctl" {
	run -2 unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
		exec pen-check --json'
	without 'user namespaces' missing 'sudo sysctl user.max_user_namespaces='
	[ "$(state pen-ns)" = missing ]
}

@test "a /proc that a container masks is missing, with the container's flag" {
	run -2 unshare -Urm sh -c 'mount -t tmpfs mask /proc/tty &&
		exec pen-check --json'
	without /proc missing '--security-opt systempaths=unconfined'
	[ "$(state 'user namespaces')" = ok ]
}

@test "a container's filter is missing, with its flag" {
	run -2 unshare -Urm sh -c 'mount -t tmpfs run /run &&
		touch /run/.containerenv && exec pen-filter -- pen-check --json'
	without 'user namespaces' missing 'podman run --security-opt seccomp=unconfined'
}

@test "without pasta and /dev/net/tun an open network is weaker" {
	local error todo
	PATH=$BIN run pen-check --json
	without pasta weaker 'Install the package passt'
	while read -r error todo; do
		run strace -f -qq -o /dev/null -P /dev/net/tun \
			-e "inject=openat,open:error=$error" pen-check --json
		without /dev/net/tun weaker "$todo"
	done <<-'END'
		EACCES sudo chmod 0666 /dev/net/tun
		ENOENT sudo modprobe tun
	END
}

@test "sysctls that help who attacks the host are weaker, with the one to set" {
	local name bad good which
	for which in bad good; do
		rm -f values mounts
		while read -r name bad good; do
			[ -e "/proc/sys/$name" ] || continue
			echo "${!which}" >"value.${name##*/}"
			echo "mount --bind value.${name##*/} /proc/sys/$name" >>mounts
		done <<-'END'
			kernel/kptr_restrict 0 1
			kernel/dmesg_restrict 0 1
			kernel/unprivileged_bpf_disabled 0 2
			kernel/io_uring_disabled 0 2
			dev/tty/legacy_tiocsti 1 0
			kernel/yama/ptrace_scope 0 1
		END
		[ "$(wc -l <mounts)" -ge 3 ]
		run unshare -Urm bash -ec 'source ./mounts && exec pen-check --json'
		for name in value.*; do
			name=${name#value.}
			if [ $which = good ]; then
				[ "$(state "$name")" = ok ]
			else
				without "$name" weaker "$name="
			fi
		done
	done
}

@test "a file system without times that can be believed is weaker" {
	# the type, little-endian: vfat, a server's
	local type
	for type in 444d 6969; do
		run strace -f -qq -o /dev/null -P "$HOME" -e \
			"inject=statfs:poke_exit=@arg2=${type}000000000000" \
			pen-check --json
		without 'home directory' weaker 'on a local file system'
	done
}

@test "nothing is weaker: the status is 0" {
	[ "$(landlock_abi)" -ge 6 ] || skip_missing 'Landlock ABI 6 (Linux 6.12)'
	: 2>/dev/null <>/dev/net/tun || skip_missing /dev/net/tun
	mkdir stubs
	printf '#!/bin/sh\n' >stubs/systemd-run
	chmod +x stubs/systemd-run
	mkdir -p "$HOME/.config/fish"
	pen --shell bash | tee "$HOME/.bashrc" "$HOME/.zshrc" \
		>"$HOME/.config/fish/config.fish"
	# systemd is there, and so are the sysctls, also Yama's where it is not; and
	# a whole /proc beside the one with files over it
	echo 1 >one
	echo 0 >zero
	cat >world <<-'END'
		mount -t proc proc /proc
		mkdir -p whole
		mount -t proc proc whole
		for name in {kptr,dmesg}_restrict unprivileged_bpf_disabled \
			io_uring_disabled; do
			mount --bind one /proc/sys/kernel/$name
		done
		mount --bind zero /proc/sys/dev/tty/legacy_tiocsti
		# the other path is /proc/self/fd/9
		exec strace -f -qq -o /dev/null -P /run/systemd/system \
			-e inject=access,faccessat,faccessat2:retval=0 \
			-P /proc/sys/kernel/yama/ptrace_scope -e inject=openat,open:\
		poke_enter=@arg2=2f70726f632f73656c662f66642f3900 "$@" 9<one
	END
	PATH=$PATH:$PWD/stubs run -0 unshare -Urmpf bash -e ./world pen-check --json
	[ "$(worst)" = 0 ]
	[ "$(member found 'cgroup v2')" = 'by systemd-run --user --scope' ]
	# and one that is weaker is 1
	echo 2 >zero
	PATH=$PATH:$PWD/stubs run -1 unshare -Urmpf bash -e ./world pen-check --json
	[ "$(worst)" = 1 ]
	without legacy_tiocsti weaker 'sudo sysctl dev.tty.legacy_tiocsti=0'
}

@test "a link of the chain that does not work is missing" {
	local name
	mkdir links
	cp "$BIN"/pen* links
	for name in pen-filter pen-ns pen-net pen-key pen-sni; do
		mv "links/$name" away
		printf '#!/bin/sh\necho "hint: mend it"\nexit 9\n' >"links/$name"
		chmod +x "links/$name"
		run -2 links/pen-check --json
		without "$name" missing 'mend it'
		[[ $(member found "$name") == 'status 9'* ]]
		mv away "links/$name"
	done
}

@test "a control group that is not the user's is weaker, without systemd's help" {
	run strace -f -qq -o /dev/null -P /run/systemd/system \
		-P "/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/cgroup.procs" \
		-e inject=access,faccessat,faccessat2:error=EACCES pen-check --json
	without 'cgroup v2' weaker 'systemd 244'
}

# lack ERROR STATE NAME FOUND WHAT-TO-DO : the sysctl of that name
# cannot be opened, with that error
lack() {
	local path
	path=$(find /proc/sys -name "$3" -print -quit 2>/dev/null)
	run strace -f -qq -o /dev/null \
		-P "${path:-/proc/sys/kernel/yama/$3}" \
		-e "inject=openat,open:error=$1" pen-check --json
	[[ $(member found "$3") == "$4"* ]]
	if [ "$2" = ok ]; then
		[ "$(state "$3")" = ok ]
	else
		without "$3" "$2" "$5"
		[ -z "$(member command "$3")" ]
	fi
}

@test "a sysctl that the kernel lacks is weaker where it has what that turns off" {
	lack ENOENT ok kptr_restrict 'not in this kernel' ''
	lack ENOENT ok unprivileged_bpf_disabled 'not in this kernel' ''
	lack ENOENT weaker legacy_tiocsti 'not in this kernel' 'Linux 6.2 or newer'
	lack ENOENT weaker ptrace_scope 'not in this kernel' Yama
	lack EACCES weaker kptr_restrict 'cannot be read: Permission denied' /proc/sys
	# io_uring is asked for itself
	if [ "$(cat /proc/sys/kernel/io_uring_disabled)" = 0 ]; then
		lack ENOENT weaker io_uring_disabled 'not in this' 'Linux 6.6 or newer'
	else
		lack ENOENT ok io_uring_disabled 'not in this' ''
	fi
	run unshare -Urm sh -c 'mount -t tmpfs none /proc/sys && exec pen-check --json'
	without io_uring_disabled weaker /proc/sys
}

@test "an agent is found with its version, and is not run" {
	mkdir -p "$T/bin" "$T/lib/node_modules/codex/bin"
	printf '#!/bin/sh\ntouch "%s/RAN"\n' "$T" \
		>"$T/lib/node_modules/codex/bin/codex"
	chmod +x "$T/lib/node_modules/codex/bin/codex"
	echo '{"version": "1.2.3"}' >"$T/lib/node_modules/codex/package.json"
	ln -s ../lib/node_modules/codex/bin/codex "$T/bin/codex"
	PATH=$T/bin:$PATH run pen-check
	has "codex                      $T/bin/codex, 1.2.3"
	[ ! -e "$T/RAN" ]
	"$T/bin/codex"
	[ -e "$T/RAN" ]
}

@test "a shell that does not read pen's functions is weaker" {
	run pen-check --json
	[ "$(state bash)" = weaker ]
	pen --shell bash >"$HOME/.bashrc"
	run pen-check --json
	[ "$(state bash)" = ok ]
}

@test "--fix prints what mends it, and runs nothing without a terminal" {
	run pen-check --fix </dev/null
	[ "$status" -lt 125 ]
	lacks './install.sh' # the project's, if it has one
	run pen-check
	has 'install.sh --shell bash, where pen came from'
	[ ! -e "$HOME/.bashrc" ]
}

@test "what it was given wrongly is 125" {
	expect 125 pen-check prog
	has 'it takes no operands'
	expect 125 pen-check --json --fix
	has 'exclude each other'
}

@test "the examples of the page work" {
	pen-check --json | jq -r '.findings[] | select(.state != "ok") | .name' \
		>names
	grep -qx bash names
	run -1 grep -x mounts names
}

@test "--attack attacks a pen, or what another launcher makes" {
	expect 125 pen-check --agent claude
	has 'go with --attack'
	expect 125 pen-check --attack --fix
	has 'exclude each other'
	expect 125 pen-check --attack --with false --json
	has 'the launcher did not run the attacks'
}

# found NAME : what the findings in $output say of it
found() {
	jq -r --arg n "$1" '.findings[] | select(.name == $n) | .found' <<<"$output"
}

@test "an agent's state, key and first request are told" {
	mkdir -p "$T/bin" "$HOME/.config/pen" "$HOME/.codex"
	printf '#!/bin/sh\ntouch "%s/RAN"\n' "$T" | tee "$T/bin/claude" \
		>"$T/bin/codex"
	chmod +x "$T/bin"/*
	PATH=$T/bin:$PATH
	echo k >"$HOME/.codex/auth.json"
	ANTHROPIC_API_KEY=k run pen-check --json
	[ "$(found 'claude key')" = \
		'env:ANTHROPIC_API_KEY, outside: pen-key puts it on requests' ]
	[ "$(found 'claude state')" = 'none yet' ]
	[ "$(found 'claude requests')" = \
		'api.anthropic.com is reached by pen-key' ]
	[ "$(found 'codex key')" = "$HOME/.codex/auth.json, inside" ]
	[ "$(state 'codex requests')" = ok ]
	# what a configuration takes away
	echo 'agent claude { allow = {"claude.ai"} }
		profile default { deny = {"api.openai.com"} }' \
		>"$HOME/.config/pen/pen.conf"
	run pen-check --json
	[ "$(state 'claude requests')" = weaker ]
	[ "$(found 'claude requests')" = 'api.anthropic.com is not allowed' ]
	[ "$(found 'claude key')" = 'none is found: sign in once, in a pen' ]
	[ "$(found 'codex requests')" = 'api.openai.com is denied' ]
	# and another API's address is what counts
	ANTHROPIC_BASE_URL=https://claude.ai/v1 run pen-check --json
	[ "$(found 'claude requests')" = 'claude.ai is allowed' ]
	echo 'no' >"$HOME/.config/pen/pen.conf"
	run -2 pen-check --json
	[ "$(state 'claude settings')" = missing ]
	[ ! -e "$T/RAN" ]
}
