#!/usr/bin/env bats
# The attacks of pen-attack(1) on a pen, all of them once, on a host with every
# kind of address and a home with every kind of secret: each succeeds outside, or
# is one of those that this host cannot have, and none of them inside.

load ../lib/common

setup_file() {
	local dir
	T=$BATS_FILE_TMPDIR
	export T HOME=$T/home XDG_RUNTIME_DIR=$T/run
	for dir in .ssh .aws .gnupg .kube .docker .mozilla .password-store .cache \
		.local/bin .local/share/keyrings .local/state .config/gh \
		.config/pen .config/fish .config/git .config/google-chrome \
		.config/systemd/user .config/autostart; do
		mkdir -p "$HOME/$dir"
		echo planted >"$HOME/$dir/x"
	done
	for dir in .netrc .git-credentials .bash_history .zsh_history; do
		echo planted >"$HOME/$dir"
	done
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	: >"$XDG_RUNTIME_DIR/x"
	cat >"$T/host" <<-'SH'
		set -eu
		ip link set lo up
		ip link add wire type veth peer name other
		ip link set other up
		ip link set wire up
		for a in 192.0.2.1/24 10.0.0.1/24 169.254.169.254/32 \
			fd00:ec2::254/64 2001:db8:1::1/64; do
			ip addr add $a dev wire $([[ $a != *:* ]] || echo nodad)
		done
		ip route add default via 192.0.2.9
		ip route add default via 2001:db8:1::9 dev wire
		echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
		exec setpriv --inh-caps -all --ambient-caps -all \
			pen-attack --json >"$T/json"
	SH
	timeout 150 unshare -Un --map-current-user --keep-caps bash "$T/host" \
		>"$T/said" 2>&1 3>&- || :
	[ "$(jq '.entries | length' "$T/json")" -gt 400 ] || {
		cat "$T/said" >&2
		return 1
	}
}

setup() {
	T=$BATS_FILE_TMPDIR
}

# held GROUP [NAME…] : every attack of the group succeeded outside and was held,
# but for these, which may have no control
held() {
	local group=$1 lines without
	shift
	without=" $* "
	lines=$(jq -r --arg g "$group" '.entries[] | select(.group == $g) |
		[.name, .control, .inside, .result] | @tsv' "$T/json")
	[ -n "$lines" ]
	while IFS=$'\t' read -r name control inside result; do
		case $result in
		held) continue ;;
		'no control') [[ $without != *" $name "* ]] || continue ;;
		esac
		echo "$group/$name: $result: outside $control, inside $inside" >&2
		return 1
	done <<<"$lines"
}

@test "files and links" {
	# devices that few hosts have, or only root's
	held files device-fuse device-kvm device-net-tun device-dri-renderd128 \
		device-snd-timer device-vhost-vsock device-kmsg device-uinput \
		move-block
}

@test "races at the start" {
	held races
}

@test "processes of the host" {
	held processes
}

@test "descriptors that the caller left open" {
	held descriptors
}

@test "the caller's environment" {
	held environment
}

@test "terminals" {
	# a pty is no console; TIOCSTI may be the host's to refuse (Linux 6.2)
	held terminals tioclinux kdskbmode vt-activate vt-lockswitch tioccons \
		tiocsti tiocsti-dirty type
}

@test "system calls and foreign ABIs" {
	# new, root's, or not in every kernel
	held calls listns listmount statmount open-tree-attr memfd-secret bpf iopl \
		x32-getpid i386-socket i386-getpid modify-ldt perf-event-open \
		userfaultfd io-uring-setup mbind set-mempolicy move-pages \
		migrate-pages kcmp process-madvise quotactl unshare-time
}

@test "sockets" {
	# of which few kernels have all
	held sockets vsock vsock-dirty alg key bluetooth can tipc rds xdp smc \
		qipcrtr nfc sctp dccp mptcp udplite xfrm audit system-bus docker
}

@test "addresses of the host, its LAN, a cloud and the internet" {
	held network tun resolver-udp resolver-tcp
	# refused at once: nothing hangs
	run jq -r '.entries[] | select(.group == "network" and
		(.inside == "ETIMEDOUT" or .inside == "EAGAIN")) | .name' "$T/json"
	# pen-sni listens on these two, and answers nothing but queries
	[ "$output" = $'dns-udp-loopback\ndns-tcp-loopback' ]
}

@test "names" {
	held names
}

@test "hellos and requests to a name that is allowed" {
	held hellos
	held http
}

@test "what a run leaves in a project" {
	held handover mercurial mercurial-config
}

@test "keys" {
	held keys
}

@test "what persists" {
	held persists
}

@test "resources" {
	held resources processes shm-memory tmp-memory tmp shm core
}

@test "pen-filter alone refuses each call with the answer that programs expect" {
	local want
	cd "$BATS_TEST_TMPDIR"
	export HOME=$PWD
	# by one who is root in namespaces, or it is the kernel that refuses
	pen-attack --json --with 'unshare -Urmun pen-filter --' \
		--only 'calls/*' --only 'sockets/*' --only 'terminals/tio*' \
		--only 'files/set-id-*' --only 'files/move-block' \
		--only 'keys/keyring' >json || :
	while read -r name answer; do
		want=EPERM
		case $name in
		fsopen | fspick | open-tree* | move-mount | mount-setattr | clone3 | \
			io-uring* | statmount | listmount | listns | memfd-secret | \
			set-id-4-openat2) want=ENOSYS ;;
		i386-* | x32-*) want='signal 31' ;;
		vsock* | alg | key | bluetooth | can | tipc | rds | xdp | smc | \
			qipcrtr | nfc | packet | netfilter | uevent | sock-diag | \
			xfrm | audit | generic) want=EAFNOSUPPORT ;;
		move-block) want=ENOTTY ;;
		keyring) want=ENOENT ;;
		abstract* | path* | runtime | tmp) continue ;;
		# of a directory it may be: git init --shared
		set-id-2-chmod) want=succeeded ;;
		esac
		[ "$answer" = "$want" ] || {
			echo "$name: $answer, not $want" >&2
			return 1
		}
	done < <(jq -r '.entries[] | select(.control == "succeeded") |
		.name + " " + .inside' json)
	[ "$(jq '[.entries[] | select(.result == "held")] | length' json)" -gt 60 ]
}
