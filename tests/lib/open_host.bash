# A host of its own for pen-net --open with the real pasta; its only neighbour
# plays the rest of the world.  For tests/e2e/pen-net-open.bats and make bench,
# which have $ROOT, $PROBE and a scratch directory $T, and tests/lib/wait.bash.

WORLD=$ROOT/tests/lib/net_world.py
PATH=$PATH:/usr/sbin

# host_lacks: says what is missing here
host_lacks() {
	if [ ! -c /dev/net/tun ]; then
		echo /dev/net/tun
	elif ! command -v pasta >/dev/null; then
		echo pasta
	elif ! unshare -Urn ip link add v0 type veth peer name v1 2>/dev/null; then
		echo "ip, or veth interfaces"
	fi
}

# host COMMAND… : runs it where the world is 93.184.216.34 and everything else
host() {
	local world="9.9.9.9 2620:fe::9 10.9.9.9 192.168.7.7 172.20.0.1
		169.254.169.254 100.100.100.200 fd00::9"
	world=$(xargs <<<"$world")
	rm -f "$T"/{there,go,world,here}
	mkfifo "$T/there" "$T/go"
	echo nameserver 93.184.216.34 >"$T/resolv.conf"
	cat >"$T/neighbour" <<-EOF
		echo >"$T/there"
		read -r _ <"$T/go"
		ip addr add 93.184.216.34/24 dev v1
		ip -6 addr add 2606:4700::34/64 dev v1 nodad
		ip link set v1 up
		ip link set lo up
		for a in $world; do
			ip addr add \$a dev lo
		done
		exec "$WORLD" serve 93.184.216.34 $world >"$T/world" 2>&1
	EOF
	cat >"$T/host" <<-EOF
		$(declare -f until_true)
		mount --bind "$T/resolv.conf" /etc/resolv.conf
		ip link set lo up
		unshare -n bash "$T/neighbour" 3>&- &
		trap "kill \$! 2>/dev/null" EXIT
		neighbour=\$!
		read -r _ <"$T/there"
		ip link add v0 type veth peer name v1 netns \$neighbour
		ip addr add 93.184.216.1/24 dev v0
		ip -6 addr add 2606:4700::1/64 dev v0 nodad
		ip link set v0 up
		ip route add default via 93.184.216.34
		ip -6 route add default via 2606:4700::34
		echo >"$T/go"
		until_true grep -qs ready "$T/world"
		"$WORLD" serve 93.184.216.1 2606:4700::1 >"$T/here" 3>&- &
		trap "kill \$neighbour \$! 2>/dev/null" EXIT
		until_true grep -qs ready "$T/here"
		setpriv --inh-caps -all --ambient-caps -all "\$@"
	EOF
	timeout 60 unshare -Unm --map-current-user --keep-caps \
		bash "$T/host" "$@" 3>&-
}

# keeper COMMANDS… : on a host, with a pen-net --open that waits for its end as
# $pid, its keeper as $keeper and pasta as $pasta
keeper() {
	host bash -c "
		$(declare -f until_true family none_of)
		pen-net --open sh -c 'echo up >\"$T/up\"; exec tail -f /dev/null' \
			2>'$T/err' &
		pid=\$!
		until_true test -s '$T/up'
		keeper=\$((\$(cat /proc/\$pid/task/\$pid/children)))
		[ \$(cat /proc/\$keeper/comm) = pen-net-keeper ]
		pasta=\$((\$(cat /proc/\$keeper/task/\$keeper/children)))
		all=\$(family \$pid)
		$1
		kill -9 \$pid 2>/dev/null || :"
}

# pasta_killed: it is, between two looks from inside at the world, and the second
# at the host, too; what they see is printed, and "on" if prog runs on
pasta_killed() {
	keeper "look=\"$PROBE/net_enter \$pid $WORLD try\"
		\$look tcp/9.9.9.9
		kill -9 \$pasta
		until_true test -s '$T/err'
		\$look tcp/9.9.9.9 udp/9.9.9.9 tcp/2620:fe::9 tcp/93.184.216.1 \
			tcp/10.9.9.9 tcp/192.0.2.3
		kill -0 \$pid && echo on"
}
