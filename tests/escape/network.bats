# Attacks on the network from inside a whole pen.  They all run once outside,
# in a namespace that plays the host and where each must reach its target, and
# once in a pen on that host; then a test for each says what came of it.

load ../lib/common

setup_file() {
	export T=$BATS_FILE_TMPDIR
	export HOME=$T/home XDG_RUNTIME_DIR=$T/run
	mkdir -p "$HOME/project"
	mkdir -m 700 "$XDG_RUNTIME_DIR"
	cp "$ROOT/tests/lib/net_attack.py" "$HOME/project"
	export -f until_true
	cat >"$T/host" <<-'SH'
		set -eu
		ip link set lo up
		ip link add wire type veth peer name other
		ip link set other up
		ip link set wire up
		for a in 192.0.2.1/24 10.0.0.1/24 203.0.113.1/24 \
			169.254.169.254/32 fd00:ec2::254/64 2001:db8::1/64; do
			ip addr add $a dev wire $([[ $a != *:* ]] || echo nodad)
		done
		ip route add default via 192.0.2.9
		attack=$HOME/project/net_attack.py
		echo 0 >/proc/sys/net/ipv4/ip_unprivileged_port_start
		python3 $attack world "$T/run" 3>&- & world=$!
		python3 "$ROOT/tests/lib/tls_server.py" "$HOME/project" \
			--name allowed.test --name other.test >"$T/tls" </dev/null 3>&- & tls=$!
		trap 'kill $world $tls' EXIT
		until_true test -e "$T/run/ready"
		until_true grep -q ready "$T/tls"
		read -r _ port <"$T/tls"
		cd "$HOME/project"
		unset PEN
		nft add table inet pen
		# outside: with a helper to be seen, a namespace to be joined, and
		# every capability over the one it is in
		exec 8<>/dev/tcp/127.0.0.1/8000 9<>/dev/tcp/127.0.0.1/8000
		pen-sni tail -f /dev/null 8<&- 9<&- & helper=$!
		unshare -n tail -f /dev/null 8<&- 9<&- & joined=$!
		trap 'kill $world $tls $helper $joined' EXIT
		HELD=8 python3 net_attack.py attack "$HOME/project" $port >"$T/outside"
		setpriv --inh-caps -all --ambient-caps -all \
			pen --profile default --allow allowed.test \
			--connect-to allowed.test:443:127.0.0.1:$port \
			python3 net_attack.py attack "$HOME/project" $port >"$T/inside"
	SH
	ROOT=$ROOT timeout 120 unshare -Un --map-current-user --keep-caps bash "$T/host" \
		>"$T/said" 2>&1 3>&- || {
		cat "$T/said" >&2
		return 1
	}
}

setup() {
	T=$BATS_FILE_TMPDIR
}

# fate NAME INSIDE : NAME succeeds outside, and gives INSIDE in the pen
fate() {
	expect 0 grep "^$1: " "$T/outside"
	[ "$output" = "$1: reached" ] || {
		echo "vacuous: $output outside" >&2
		return 1
	}
	expect 0 grep "^$1: " "$T/inside"
	# shellcheck disable=SC2053 # a pattern
	[[ ${output#*: } == $2 ]] || {
		echo "wanted $2, got $output inside" >&2
		return 1
	}
}

HOSTS="loopback-other loopback-v6 lan private internet metadata metadata-v6
	internet-v6"

# everywhere KIND RESULT… : the fate of KIND for each of the host's addresses
everywhere() {
	local kind=$1 host local=$2 other=$3
	for host in $HOSTS; do
		case $host in
		loopback*) fate "$kind $host" "$local" ;;
		*) fate "$kind $host" "$other" ;;
		esac
	done
}

@test "TCP reaches no address of the host, its LAN, a cloud or the internet" {
	fate 'tcp loopback' ECONNREFUSED
	everywhere tcp ECONNREFUSED ENETUNREACH
}

@test "UDP reaches no address of the host, its LAN, a cloud or the internet" {
	fate 'udp loopback' ECONNREFUSED
	everywhere udp ECONNREFUSED ENETUNREACH
}

@test "no resolver is reached but pen-sni, which answers nothing but queries" {
	fate 'dns-udp loopback' timeout
	fate 'dns-tcp loopback' timeout
	everywhere dns-udp ECONNREFUSED ENETUNREACH
	everywhere dns-tcp ECONNREFUSED ENETUNREACH
}

@test "0.0.0.0 and IPv4-mapped addresses do not lead to the host" {
	fate 'tcp any' ECONNREFUSED
	fate 'tcp mapped' ECONNREFUSED
	fate 'tcp mapped-lan' ENETUNREACH
}

@test "Fast Open, unconnected sockets and bound addresses do not reach the LAN" {
	fate 'tcp fastopen' ENETUNREACH
	fate 'udp unconnected' ENETUNREACH
	fate 'tcp bound-address' ENETUNREACH
}

@test "multicast and broadcast do not leave" {
	fate multicast ENETUNREACH
	fate broadcast ENETUNREACH
}

@test "abstract sockets of the host are not there, stream or datagram" {
	fate 'unix abstract' ECONNREFUSED
	fate 'unix abstract-dgram' ECONNREFUSED
}

@test "named sockets of the host are not there, stream or datagram" {
	fate 'unix path' ENOENT
	fate 'unix path-dgram' ENOENT
}

@test "a connection that the caller left open is closed" {
	fate inherited EBADF
}

@test "a tunnel device cannot be opened" {
	fate tun ENOENT
}

@test "the network namespace of another process cannot be found" {
	fate namespaces 'none in sight'
}

@test "the processes of the chain that hold sockets are out of sight" {
	fate helpers 'none in sight'
}

@test "addresses, interfaces, packet filter and settings cannot be changed" {
	fate address EPERM
	fate link EPERM
	fate nftables EAFNOSUPPORT
	fate sysctl E*
}

@test "packets cannot be made by hand" {
	fate 'raw icmp' EPERM
	fate 'raw icmp6' EPERM
	fate 'raw any' EPERM
	fate 'raw packet' EAFNOSUPPORT
}

@test "the ports of the resolver and of TLS cannot be taken over" {
	fate 'port 53' EACCES
	fate 'port 443' EACCES
}

@test "an allowed name is reached by TLS, and only under its own server name" {
	fate 'tls allowed' reached
	fate 'tls other-name' alert
	fate 'tls no-name' '*UNRECOGNIZED_NAME*'
	fate 'tls literal' ECONNRESET
}

@test "other names do not exist, below an allowed one neither: no tunnel" {
	fate 'name other' NXDOMAIN
	fate 'name tunnel' NXDOMAIN
}
