# pen-net(1) --open with the real pasta, on a host of its own whose only
# neighbour plays the rest of the world; and with stand-ins for pasta.

load ../lib/common
load ../lib/open_host

setup() {
	scratch
	local lacks
	lacks=$(host_lacks)
	[ -z "$lacks" ] || skip_missing "$lacks"
}

@test "--open reaches public addresses, by TCP and UDP, IPv4 and IPv6" {
	expect 0 host pen-net --open "$WORLD" try tcp/9.9.9.9 \
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
	expect 0 host "$WORLD" try "${to[@]}"
	[ "$(grep -c yes <<<"$output")" -eq 16 ]
	expect 0 host pen-net --open "$WORLD" try "${to[@]}" \
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
		expect 0 host pen-net --open "$WORLD" try tcp/9.9.9.9
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

@test "pasta killed: one line says so, nothing is open, prog runs on" {
	expect 0 pasta_killed
	[ "${lines[0]}" = "tcp/9.9.9.9 yes" ]
	[ "$(grep -c yes <<<"$output")" -eq 1 ]
	lacks timeout
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
