# pen-net(1) --open with the real pasta, on a host of its own whose only
# neighbour plays the rest of the world; and with stand-ins for pasta.

load ../lib/common

setup() {
	scratch
	[ -c /dev/net/tun ] || skip_missing /dev/net/tun
	command -v pasta >/dev/null || skip_missing pasta
	PATH=$PATH:/usr/sbin
	unshare -Urn ip link add v0 type veth peer name v1 2>/dev/null ||
		skip_missing "ip, or veth interfaces"
	# says "echo ADDRESS" by TCP and UDP to whoever says anything, and
	# answers every name with an address of the world's
	cat >"$T/world.py" <<-'PY'
		import socket, sys, threading
		def tcp(family, where):
		    s = socket.create_server((where, 5000), family=family)
		    while True:
		        c = s.accept()[0]
		        c.recv(1)
		        c.sendall(b"tcp " + c.getsockname()[0].encode())
		        c.close()
		def udp(family, where, port):
		    s = socket.socket(family, socket.SOCK_DGRAM)
		    s.bind((where, port))
		    while True:
		        data, peer = s.recvfrom(4096)
		        if port == 53:
		            end = data.index(0, 12) + 5
		            data = (data[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + data[12:end] +
		                b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + bytes([93, 184, 216, 34]))
		            if data[end - 4:end - 2] != b"\0\1":
		                data = data[:6] + b"\0\0" + data[8:end]
		        s.sendto(data, peer)
		jobs = [(tcp, socket.AF_INET, "0.0.0.0"), (tcp, socket.AF_INET6, "::")]
		for a in sys.argv[1:]:
		    v6 = ":" in a
		    jobs.append((udp, socket.AF_INET6 if v6 else socket.AF_INET, a,
		                 5000))
		if sys.argv[1] != "93.184.216.1":
		    jobs.append((udp, socket.AF_INET, "0.0.0.0", 53))
		for job, *args in jobs:
		    threading.Thread(target=job, args=args, daemon=True).start()
		print("ready", flush=True)
		threading.Event().wait()
	PY
	cat >"$T/try.py" <<-'PY'
		import errno, socket, sys
		for where in sys.argv[1:]:
		    kind, address = where.split("/")
		    family = socket.AF_INET6 if ":" in address else socket.AF_INET
		    s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp"
		                      else socket.SOCK_DGRAM)
		    s.settimeout(5)
		    try:
		        s.connect((address, 5000))
		        s.send(b"x")
		        s.recv(100)
		        print(where, "yes")
		    except OSError as e:
		        print(where, errno.errorcode.get(e.errno, "timeout"))
	PY
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
		exec python3 "$T/world.py" 93.184.216.34 $world >"$T/world" 2>&1
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
		python3 "$T/world.py" 93.184.216.1 2606:4700::1 >"$T/here" 3>&- &
		trap "kill \$neighbour \$! 2>/dev/null" EXIT
		until_true grep -qs ready "$T/here"
		setpriv --inh-caps -all --ambient-caps -all "\$@"
	EOF
	timeout 60 unshare -Unm --map-current-user --keep-caps \
		bash "$T/host" "$@" 3>&-
}

@test "--open reaches public addresses, by TCP and UDP, IPv4 and IPv6" {
	expect 0 host pen-net --open python3 "$T/try.py" tcp/9.9.9.9 \
		udp/9.9.9.9 tcp/93.184.216.34 udp/93.184.216.34 \
		tcp/2620:fe::9 udp/2620:fe::9
	[ "$(grep -c yes <<<"$output")" -eq 6 ]
}

@test "--open refuses the host, private networks and metadata, at once" {
	local a to=()
	for a in 93.184.216.1 2606:4700::1 10.9.9.9 192.168.7.7 172.20.0.1 \
		169.254.169.254 100.100.100.200 fd00::9; do
		to+=("tcp/$a" "udp/$a")
	done
	expect 0 host python3 "$T/try.py" "${to[@]}"
	[ "$(grep -c yes <<<"$output")" -eq 16 ]
	expect 0 host pen-net --open python3 "$T/try.py" "${to[@]}" \
		tcp/fe80::1%pasta tcp/192.0.2.1 tcp/192.0.2.3 udp/192.0.2.3 \
		tcp/127.0.0.1 tcp/::1 tcp/64:ff9b::a09:909 tcp/2002:a09:909::1
	lacks yes
	lacks timeout
}

@test "--open forwards names to the host's resolver, and nothing but names" {
	echo nameserver 192.0.2.3 >"$T/inside.conf"
	expect 0 host pen-net --open unshare -Urm sh -c "
		mount --bind '$T/inside.conf' /etc/resolv.conf &&
		getent ahostsv4 any.example.org"
	has 93.184.216.34
}

@test "with --open prog starts when the network is there" {
	for _ in 1 2 3; do
		expect 0 host pen-net --open python3 "$T/try.py" tcp/9.9.9.9
		has yes
	done
}

@test "the kernel has exactly the rules that --open --print-rules prints" {
	[ -x /usr/sbin/nft ] || skip_missing nft
	host bash -c "
		$(declare -f until_true)
		pen-net --open --print-rules >'$T/printed'
		pen-net --open sh -c 'echo up >\"$T/up\"; exec tail -f /dev/null' &
		pid=\$!
		until_true test -s '$T/up'
		'$PROBE/net_enter' \$pid /usr/sbin/nft list ruleset >'$T/loaded'
		kill -9 \$pid"
	diff "$T/printed" "$T/loaded"
	grep -q 'ip daddr 93.184.216.1 goto refuse' "$T/loaded"
}

@test "--open excludes pen-sni and --offline, and needs a host with routes" {
	expect 125 pen-net --open --offline true
	expect 125 pen-sni pen-net --open true
	has "--open excludes pen-sni"
	expect 125 unshare -Urn pen-net --open true
	has "the host has no route to anywhere"
}

@test "in a pen, network = open resolves names by the host's resolver, and warns" {
	expect 0 host pen --open python3 -c "import socket
print(socket.gethostbyname('any.example.org'))
s = socket.create_connection(('any.example.org', 5000), 5)
s.send(b'x')
print(s.recv(99))"
	has "pen: network = open: "
	has "b'tcp 93.184.216.34'"
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

@test "prog ends, or is killed: keeper and pasta are gone" {
	local signal
	for signal in TERM KILL; do
		rm -f "$T/up"
		expect 0 keeper "kill -$signal \$pid; wait \$pid
			until_true none_of \$all && echo gone"
		has gone
		[ ! -s "$T/err" ]
	done
}

@test "keeper killed: pasta is gone, prog runs on" {
	expect 0 keeper "kill -9 \$keeper
		until_true none_of \$pasta && kill -0 \$pid && echo on"
	has on
}

@test "pasta killed: one line says so, prog runs on" {
	expect 0 keeper "kill -9 \$pasta
		until_true test -s '$T/err'; kill -0 \$pid && echo on"
	has on
	[ "$(cat "$T/err")" = "pen-net: pasta: no message (signal 9); nothing is reached any more" ]
}

@test "the keeper is out of the terminal's reach, and has no capability" {
	expect 0 keeper '[ $(ps -o sid= -p $keeper) -ne $(ps -o sid= -p $pid) ] &&
		kill -INT $keeper && kill -HUP $keeper && kill -0 $keeper &&
		ls /proc/$keeper/fd | wc -l
		grep -E "^Cap(Eff|Prm|Inh)" /proc/$keeper/status'
	# null, null, stderr, the pair, the namespace, pasta's messages
	[ "${lines[0]}" -eq 6 ]
	[ "$(grep -c 0000000000000000 <<<"$output")" -eq 3 ]
}

@test "pasta missing: 125, one line, a hint" {
	mkdir "$T/bin"
	PATH=$T/bin expect 125 "$BIN/pen-net" --open true
	[ "${#lines[@]}" -eq 2 ]
	has "cannot find 'pasta' on PATH: No such file or directory"
	has "hint: "
}

@test "a pasta in the working directory does not win" {
	printf '#!/bin/sh\ntouch %s/won\n' "$T" >pasta
	chmod +x pasta
	mkdir "$T/bin"
	PATH=.::$T/bin: expect 125 "$BIN/pen-net" --open true
	has "cannot find 'pasta'"
	[ ! -e "$T/won" ]
	# the same file is a pasta where PATH names it in full
	expect 125 host env PATH="$PWD:$PATH" pen-net --open true
	[ -e "$T/won" ]
}

@test "no /dev/net/tun: 125, one line, a hint" {
	command -v bwrap >/dev/null || skip_missing bwrap
	expect 125 bwrap --dev-bind / / --tmpfs /dev/net -- \
		"$BIN/pen-net" --open true
	[ "${#lines[@]}" -eq 2 ]
	has "cannot open /dev/net/tun: No such file or directory"
	has "hint: "
}

@test "a pasta that fails says why in one line, and prog does not run" {
	mkdir "$T/bin"
	cat >"$T/bin/pasta" <<-SH
		#!/bin/sh
		echo "\$@" >"$T/args"
		env >"$T/env"
		echo "first line" >&2
		printf 'no \033[31mcolours\n' >&2
		exit 3
	SH
	chmod +x "$T/bin/pasta"
	expect 125 host env PATH="$T/bin:$PATH" pen-net --open touch "$T/ran"
	has 'pen-net: pasta: no \x1b[31mcolours (exit status 3)'
	[ ! -e "$T/ran" ]
	# nothing is left to "auto", and its environment is sh's own
	grep -qe ' -t none -T none -u none -U none ' "$T/args"
	[ "$(grep -cv -e ^PWD= -e ^_= -e ^SHLVL= "$T/env")" -eq 0 ]
}

@test "ports are published and reached in an open network too" {
	expect 0 host bash -c "
		$(declare -f until_true)
		echo host >'$T/index.html'
		python3 -m http.server -d '$T' -b ::1 8001 >/dev/null 2>&1 &
		server=\$!
		trap 'kill \$server \$pid' EXIT
		until_true curl -sf -o /dev/null http://localhost:8001/
		pen-net --open --publish 8002:8000 --reach 8001 sh -c '
			curl -s http://127.0.0.1:8001/ >\"$T/reached\"
			exec python3 -m http.server -d \"$T\" -b 127.0.0.1 8000' \
			>/dev/null 2>&1 &
		pid=\$!
		until_true curl -sf http://[::1]:8002/reached"
	[ "$output" = host ]
}
