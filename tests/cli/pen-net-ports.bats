# pen-net(1) --publish and --reach.

load ../lib/common

setup() {
	scratch
	export -f until_true answers ask
	export T
	base=$(free_ports 16)
	cat >"$T/server.py" <<-'PY'
		import socket, sys, threading
		port, text, where = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
		def serve(s):
		    while True:
		        c = s.accept()[0]
		        data = b""
		        while True:
		            more = c.recv(65536)
		            if not more:
		                break
		            data += more
		        c.sendall(text.encode() + b" %d\n" % len(data))
		        c.close()
		threads = [threading.Thread(target=serve, args=(socket.create_server(
		    (a, port), family=socket.AF_INET6 if ":" in a else socket.AF_INET),))
		    for a in where]
		for t in threads:
		    t.start()
		print("serving", flush=True)
	PY
	cat >"$T/ask.py" <<-'PY'
		import socket, sys
		try:
		    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
		    s.sendall(b"x" * int(sys.argv[3]))
		    s.shutdown(socket.SHUT_WR)
		    print(s.recv(100).decode().strip() or "nothing")
		except ConnectionRefusedError:
		    print("refused")
		except ConnectionResetError:
		    print("reset")
	PY
}

teardown() {
	local p
	for p in ${pid:-} ${server:-}; do
		kill -9 "$p" && wait "$p" || :
	done 2>/dev/null
}

ask() {
	python3 "$T/ask.py" "$1" "$2" "${3:-1}"
}

answers() {
	[ "$(ask "$1" "$2")" = "$3" ]
}

# serve_host PORT ADDRESS…
serve_host() {
	local port=$1
	shift
	rm -f "$T/serving"
	python3 "$T/server.py" "$port" host "$@" >"$T/serving" 3>&- &
	server=$!
	until_true test -s "$T/serving"
}

# start OPTION… : a pen-net whose prog is a server on port $base, 127.0.0.1
start() {
	start_at 127.0.0.1 "$@"
}

# start_at ADDRESS OPTION…
start_at() {
	rm -f "$T/up"
	pen-net "${@:2}" -- python3 "$T/server.py" "$base" inside "$1" \
		>"$T/up" 2>"$T/err" 3>&- &
	pid=$!
	until_true test -s "$T/up"
}

forwarder_of() {
	local child
	for child in $(cat "/proc/$1/task/$1/children"); do
		[ "$(cat "/proc/$child/comm")" = pen-net-forward ] &&
			echo "$child" && return 0
	done
	return 1
}

@test "--publish makes a server inside reachable on 127.0.0.1 and ::1" {
	local a
	[ "$(ask 127.0.0.1 "$base")" = refused ]
	[ "$(ask ::1 "$base")" = refused ]
	start --publish "$base"
	for a in 127.0.0.1 ::1 localhost; do
		[ "$(ask $a "$base" 3000000)" = "inside 3000000" ]
	done
}

@test "a server inside that listens on ::1 alone is published on both" {
	local a
	start_at ::1 --publish "$base"
	for a in 127.0.0.1 ::1 localhost; do
		[ "$(ask $a "$base")" = "inside 1" ]
	done
}

@test "--publish HOSTPORT:PORT gives it another port outside" {
	start --publish "$((base + 1)):$base"
	[ "$(ask 127.0.0.1 "$((base + 1))")" = "inside 1" ]
	[ "$(ask 127.0.0.1 "$base")" = refused ]
}

@test "a range of ports is published, and one is reached" {
	serve_host "$((base + 3))" 127.0.0.1
	start --publish "$((base + 4))-$((base + 6)):$((base - 1))-$((base + 1))" \
		--reach "$((base + 2))-$((base + 3))"
	[ "$(ask 127.0.0.1 "$((base + 5))")" = "inside 1" ]
	expect 0 "$PROBE/net_enter" "$pid" \
		python3 "$T/ask.py" 127.0.0.1 "$((base + 3))" 1
	[ "$output" = "host 1" ]
}

@test "sixty-four ports are published, and sixty-four others reached" {
	base=$(free_ports 128)
	serve_host "$((base + 65))" 127.0.0.1
	start --publish "$base-$((base + 63))" \
		--reach "$((base + 64))-$((base + 127))"
	[ "$(ask ::1 "$base")" = "inside 1" ]
	[ "$(ask ::1 "$((base + 63))")" = reset ]
	expect 0 "$PROBE/net_enter" "$pid" \
		python3 "$T/ask.py" ::1 "$((base + 65))" 1
	[ "$output" = "host 1" ]
}

@test "a published port that nothing serves is a reset" {
	start --publish "$((base + 1))"
	[ "$(ask 127.0.0.1 "$((base + 1))")" = reset ]
	[ "$(ask ::1 "$((base + 1))")" = reset ]
}

@test "a published port is on no other address of the host" {
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	local a
	for a in $(ip -j addr show scope global |
		jq -r '.[].addr_info[].local // empty'); do
		[ "$(ask "$a" "$base")" = refused ]
	done
	[ "$(ask 127.0.0.2 "$base")" = refused ]
	# the same server on every address answers there
	serve_host "$((base + 1))" 0.0.0.0
	answers 127.0.0.2 "$((base + 1))" "host 1"
}

@test "--reach makes a server on the host's loopback reachable, and no other" {
	local there a
	python3 "$T/server.py" "$((base + 1))" other 127.0.0.1 >"$T/other" 3>&- &
	pid=$!
	until_true test -s "$T/other"
	answers 127.0.0.1 "$((base + 1))" "other 1"
	for there in 127.0.0.1 ::1; do
		serve_host "$base" "$there"
		for a in 127.0.0.1 ::1 localhost; do
			expect 0 pen-net python3 "$T/ask.py" $a "$base" 1
			[ "$output" = refused ]
			# at once: it listens before prog runs
			expect 0 pen-net --reach "$base" \
				python3 "$T/ask.py" $a "$base" 3000000
			[ "$output" = "host 3000000" ]
			expect 0 pen-net --reach "$base" \
				python3 "$T/ask.py" $a "$((base + 1))" 1
			[ "$output" = refused ]
		done
		kill -9 "$server" && wait "$server" || :
	done
}

@test "a server on another address of the host's loopback is not reached" {
	serve_host "$base" 127.0.0.2
	answers 127.0.0.2 "$base" "host 1"
	expect 0 pen-net --reach "$base" python3 "$T/ask.py" 127.0.0.1 "$base" 1
	[ "$output" = reset ]
	expect 0 pen-net --reach "$base" python3 "$T/ask.py" 127.0.0.2 "$base" 1
	[ "$output" = refused ]
}

@test "with ports, prog's network is loopback all the same, and no rights" {
	serve_host "$base" 127.0.0.1
	cat >"$T/inside" <<-SH
		python3 "$T/ask.py" 127.0.0.1 $base 1
		ip -br addr | cut -d' ' -f 1
		ip route
		ip -6 route
		grep Cap /proc/self/status | sort -u -k 2
	SH
	expect 0 pen-net --reach "$base" bash "$T/inside"
	[ "$output" = $'host 1\nlo\nCapInh:\t0000000000000000' ]
}

@test "neither pasta nor /dev/net/tun is needed" {
	command -v bwrap >/dev/null || skip_missing bwrap
	mkdir "$T/bin"
	ln -s "$(type -P python3)" "$T/bin/python3"
	serve_host "$base" 127.0.0.1
	PATH=$T/bin expect 0 "$(type -P bwrap)" --dev-bind / / --tmpfs /dev/net \
		-- "$BIN/pen-net" --reach "$base" --publish "$((base + 1))" \
		python3 "$T/ask.py" 127.0.0.1 "$base" 1
	[ "$output" = "host 1" ]
}

@test "a host without any route or address can publish and reach" {
	cat >"$T/host" <<-SH
		ip link set lo up
		python3 "$T/server.py" $((base + 1)) host 127.0.0.1 >"$T/serving" &
		host=\$!
		setpriv --inh-caps -all --ambient-caps -all pen-net \
			--publish $base --reach $((base + 1)) \
			python3 "$T/server.py" $base inside 127.0.0.1 >"$T/up" &
		inside=\$!
		until_true answers 127.0.0.1 $base "inside 1"
		"$PROBE/net_enter" \$inside python3 "$T/ask.py" 127.0.0.1 $((base + 1)) 1
		kill -9 \$host \$inside
	SH
	expect 0 timeout 20 unshare -Un --map-current-user --keep-caps \
		bash "$T/host" 3>&-
	has "host 1"
}

@test "a host port that is taken is 125, one line, and prog does not run" {
	serve_host "$base" 127.0.0.1
	expect 125 pen-net --publish "$base" touch "$T/ran"
	[ "${output/already /}" = "pen-net: cannot publish on 127.0.0.1:$base: Address in use" ] # musl has no "already"
	[ ! -e "$T/ran" ]
}

@test "a privileged host port is 125 with a hint, for uid 0 too" {
	expect 125 pen-net --publish 80 true
	has "cannot publish on 127.0.0.1:80: Permission denied"
	has "hint: "
	expect 125 unshare -Urn sh -c 'ip link set lo up; exec pen-net --publish 80 true'
	has "Permission denied"
}

@test "a host port that is taken on ::1 alone is 125 as well" {
	serve_host "$base" ::1
	expect 125 pen-net --publish "$base" touch "$T/ran"
	[ "${output/already /}" = "pen-net: cannot publish on [::1]:$base: Address in use" ] # musl has no "already"
	[ ! -e "$T/ran" ]
}

@test "a port is free again when prog has ended" {
	local i
	for i in {1..20}; do
		expect 0 pen-net --publish "$base" true
		[ -z "$output" ]
	done
}

@test "where there is no IPv6, 127.0.0.1 does" {
	cat >"$T/host" <<-SH
		echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
		ip link set lo up
		python3 "$T/server.py" $base host 127.0.0.1 >"$T/serving" &
		trap 'kill -9 \$!' EXIT
		until_true test -s "$T/serving"
		pen-net --reach $base --publish $((base + 1)) \
			python3 "$T/ask.py" 127.0.0.1 $base 1
	SH
	expect 0 timeout 20 unshare -Urn bash "$T/host" 3>&-
	[ "$output" = "host 1" ]
}

@test "--reach takes a low port, and one that is taken inside is 125" {
	expect 0 pen-net --reach 80 python3 "$T/ask.py" 127.0.0.1 80 1
	[ "$output" = reset ]
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" 443 \
		pen-net --reach 443 true
	has "--reach 443: pen-sni has it inside"
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" , \
		pen-net --reach 53 true
	has "--reach 53: pen-sni has it inside"
	expect 125 pen-net --reach "$base" --publish "$((base + 1)):$base" true
	[ "$output" = "pen-net: --publish $base: --reach has it inside" ]
}

@test "uid 0 of a user namespace can publish" {
	cat >"$T/host" <<-SH
		ip link set lo up
		pen-net --publish $base python3 "$T/server.py" $base inside \
			127.0.0.1 >"$T/up" &
		server=\$!
		trap 'kill -9 \$server' EXIT
		until_true answers 127.0.0.1 $base "inside 1"
	SH
	expect 0 timeout 20 unshare -Urn bash "$T/host" 3>&-
}

@test "prog ends, or is killed: its forwarders and the ports are gone" {
	local signal all
	for signal in TERM KILL; do
		start --publish "$base" --reach "$((base + 1))"
		answers 127.0.0.1 "$base" "inside 1"
		all=$(family "$pid")
		[ "$(wc -w <<<"$all")" -eq 5 ] # and each has a witness
		kill -$signal "$pid"
		wait "$pid" || :
		until_true none_of $all
		[ "$(ask 127.0.0.1 "$base")" = refused ]
		[ ! -s "$T/err" ]
	done
}

@test "what prog sent last arrives, though it has ended" {
	cat >"$T/last.py" <<-'PY'
		import os, signal, socket, sys
		s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		print("serving", flush=True)
		c = s.accept()[0]
		c.recv(1)
		c.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
		c.sendall(b"y" * 1000000)
		os.kill(os.getpid(), signal.SIGKILL)
	PY
	cat >"$T/first.py" <<-'PY'
		import os, socket, sys
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.sendall(b"x")
		n = 0
		while os.path.exists("/proc/" + sys.argv[2] + "/exe"):
		    pass # of a zombie it is a link to nothing
		while more := s.recv(65536):
		    n += len(more)
		print(n)
	PY
	pen-net --publish "$base" -- python3 "$T/last.py" "$base" >"$T/up" 3>&- &
	pid=$!
	until_true test -s "$T/up"
	expect 0 timeout 10 python3 "$T/first.py" "$base" "$pid"
	[ "$output" = 1000000 ]
}

@test "a client that does not read does not keep the forwarder" {
	local all
	pen-net --publish "$base" -- python3 -c "
import socket, time
s = socket.create_server(('127.0.0.1', $base))
print('serving', flush=True)
c = s.accept()[0]
c.settimeout(1)
try:
    while True: c.send(bytes(65536))
except TimeoutError:
    print('full', flush=True)
time.sleep(60)" >"$T/up" 3>&- &
	pid=$!
	until_true test -s "$T/up"
	exec {client}<>"/dev/tcp/127.0.0.1/$base"
	until_true grep -q full "$T/up"
	all=$(family "$pid")
	kill -KILL "$pid"
	wait "$pid" || :
	until_true none_of $all
	exec {client}>&-
}

@test "prog that cannot be executed leaves no forwarder" {
	# its standard error is this pipe until it is confined
	run -127 timeout 10 pen-net --publish "$base" --reach 80 "$T/none"
	[ "${#lines[@]}" -eq 1 ]
	[ "$(ask 127.0.0.1 "$base")" = refused ]
}

@test "a forwarder that is killed takes its ports along, prog runs on" {
	start --publish "$base"
	answers 127.0.0.1 "$base" "inside 1"
	local forwarder
	forwarder=$(forwarder_of "$pid")
	kill -KILL "$forwarder"
	answers 127.0.0.1 "$base" refused || until_true answers 127.0.0.1 \
		"$base" refused
	kill -0 "$pid"
	until_true grep -q "pen-net: a forwarder was killed: its ports are closed" \
		"$T/err"
}

@test "signals for the terminal's foreground do not reach the forwarder" {
	start --publish "$base"
	local forwarder
	forwarder=$(forwarder_of "$pid")
	[ "$(ps -o sid= -p "$forwarder")" -ne "$(ps -o sid= -p "$pid")" ]
	kill -INT "$forwarder"
	kill -TERM "$forwarder"
	kill -HUP "$forwarder"
	answers 127.0.0.1 "$base" "inside 1"
}

@test "a forwarder has no capability, cannot be looked into, and is filtered" {
	start --publish "$base" --reach "$((base + 1))"
	answers 127.0.0.1 "$base" "inside 1"
	local child n=0
	for child in $(cat "/proc/$pid/task/$pid/children"); do
		until_true grep -q $'^Seccomp:\t2' "/proc/$child/status"
		expect 0 grep -E '^Cap(Eff|Prm|Inh|Amb)' "/proc/$child/status"
		[ "$(grep -c 0000000000000000 <<<"$output")" -eq 4 ]
		grep -q $'^NoNewPrivs:\t1' "/proc/$child/status"
		[ "$(stat -c %U "/proc/$child/environ")" = root ]
		n=$((n + 1))
	done
	[ "$n" -eq 2 ]
}

@test "a forwarder has no descriptor of ours: a pipe ends with prog's own end" {
	mkfifo "$T/pipe"
	pen-net --publish "$base" --reach "$((base + 1))" -- sh -c \
		'exec 7>&- >/dev/null 2>&1; exec tail -f /dev/null' \
		7>"$T/pipe" 1>&7 2>&7 3>&- &
	pid=$!
	expect 0 timeout 10 cat "$T/pipe"
	[ -z "$output" ]
	[ "$(wc -w <"/proc/$pid/task/$pid/children")" -eq 2 ]
}

@test "prog's wait does not see a forwarder" {
	cat >"$T/wait.py" <<-'PY'
		import os
		try:
		    os.wait()
		except ChildProcessError:
		    print("no children")
	PY
	expect 0 timeout 10 pen-net --publish "$base" python3 "$T/wait.py"
	[ "$output" = "no children" ]
}

@test "it works when the caller ignores SIGPIPE and SIGCHLD" {
	(
		trap '' PIPE CHLD
		exec pen-net --publish "$base" python3 "$T/server.py" "$base" \
			inside 127.0.0.1 >"$T/up" 2>"$T/err" 3>&-
	) &
	pid=$!
	until_true test -s "$T/up"
	answers 127.0.0.1 "$base" "inside 1"
}

@test "half-closes are passed on, both ways, and a reset as one" {
	cat >"$T/ends.py" <<-'PY'
		import socket, struct, sys
		s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
		print("serving", flush=True)
		for _ in range(3):
		    c = s.accept()[0]
		    kind = c.recv(1)
		    if kind == b"r":
		        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
		                     struct.pack("ii", 1, 0))
		    elif kind == b"s":
		        c.shutdown(socket.SHUT_WR)
		        print(len(c.recv(100, socket.MSG_WAITALL)), flush=True)
		    c.close()
	PY
	pen-net --publish "$base" -- python3 "$T/ends.py" "$base" >"$T/up" 3>&- &
	pid=$!
	until_true test -s "$T/up"
	expect 0 timeout 10 python3 -c "
import socket
def go(kind):
    s = socket.create_connection(('127.0.0.1', $base))
    s.sendall(kind)
    try:
        print(s.recv(10))
    except ConnectionResetError:
        print('reset')
    return s
go(b'e')
go(b'r')
go(b's').sendall(b'z' * 100)"
	[ "$output" = $'b\'\'\nreset\nb\'\'' ]
	until_true grep -qx 100 "$T/up"
}

# paced_by FILTER : the congestion control of the one connection that ss finds
paced_by() {
	ss -Hnti state established "$1" | sed -n 's/^\s*\([a-z]*\) .*/\1/p'
}

@test "what goes over loopback is not paced, whatever the host does elsewhere" {
	serve_host "$((base + 1))" 127.0.0.1
	pen-net --publish "$base" --reach "$((base + 1))" -- bash -c '
		cat /proc/sys/net/ipv4/tcp_congestion_control
		exec 9<>"/dev/tcp/127.0.0.1/$1"
		exec python3 "$T/server.py" "$2" inside 127.0.0.1' - \
		"$((base + 1))" "$base" >"$T/up" 3>&- &
	pid=$!
	until_true grep -qs serving "$T/up"
	[ "$(head -n 1 "$T/up")" = reno ]
	exec 8<>"/dev/tcp/127.0.0.1/$base"
	# of the forwarders': what one took, and what the other dialled
	[ "$(paced_by "sport = :$base")" = reno ]
	[ "$(paced_by "dport = :$((base + 1))")" = reno ]
	exec 8>&-
}

@test "with few descriptors connections wait their turn, and are all served" {
	(
		ulimit -n 224
		exec pen-net --publish "$base" python3 "$T/server.py" "$base" \
			inside 127.0.0.1 >"$T/up" 2>"$T/err" 3>&-
	) &
	pid=$!
	until_true test -s "$T/up"
	expect 0 timeout 20 python3 -c "
import socket
a = [socket.create_connection(('127.0.0.1', $base)) for _ in range(60)]
for s in a:
    s.sendall(b'x')
    s.shutdown(socket.SHUT_WR)
    s.settimeout(10)
    assert s.recv(100) == b'inside 1\n'
    s.close()"
}

@test "--proxy carries port 443 of every address to the host's proxy, and no other" {
	local there a
	serve_host "$((base + 1))" 127.0.0.1
	answers 127.0.0.1 "$((base + 1))" "host 1"
	kill -9 "$server" && wait "$server" || :
	for there in 127.0.0.1 ::1; do
		serve_host "$base" "$there"
		[ $there = 127.0.0.1 ] && there=127.0.0.1:$base || there="[::1]:$base"
		for a in 198.18.0.1 198.19.255.254 127.0.0.1; do
			expect 0 pen-net --proxy "$there" python3 "$T/ask.py" \
				$a 443 3000000
			[ "$output" = "host 3000000" ]
		done
		# no other port, of the host or inside, and no address beyond
		for a in "127.0.0.1 $base" "::1 $base" "198.18.0.1 $base" \
			"198.18.0.1 80" "::1 443"; do
			# shellcheck disable=SC2086 # two words
			expect 0 pen-net --proxy "$there" python3 "$T/ask.py" $a 1
			[ "$output" = refused ]
		done
		expect 1 pen-net --proxy "$there" python3 "$T/ask.py" \
			93.184.216.34 443 1
		has "Network is unreachable"
		kill -9 "$server" && wait "$server" || :
	done
}

@test "a proxy that is not there is a reset, and on its own address alone" {
	serve_host "$base" ::1
	expect 0 pen-net --proxy "127.0.0.1:$base" python3 "$T/ask.py" \
		198.18.0.1 443 1
	[ "$output" = reset ]
	expect 0 pen-net --proxy "[::1]:$base" python3 "$T/ask.py" \
		198.18.0.1 443 1
	[ "$output" = "host 1" ]
}

@test "behind --proxy every name is at 198.18.0.1, and nothing else of it exists" {
	cat >"$T/inside" <<-SH
		while read -r name type; do
			"$ROOT/tests/lib/sni_client.py" ask \$name \$type
		done <<-'END'
		any.example.org A
		any.example.org AAAA
		any.example.org HTTPS
		any.example.org TXT
		a.localhost A
		1.0.18.198.in-addr.arpa PTR
		192.0.2.1 A
		END
	SH
	expect 0 pen-net --proxy "127.0.0.1:$base" bash "$T/inside"
	[ "$output" = "NOERROR 198.18.0.1
NOERROR
NOERROR
NOERROR
NOERROR 127.0.0.1
NXDOMAIN
NXDOMAIN" ]
	# without it nobody answers
	expect 1 pen-net python3 -c "import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(('127.0.0.1', 53))
s.send(b'x')
s.recv(1)"
	has ConnectionRefusedError
}

@test "datagrams that are no question do not hurt the resolver of --proxy" {
	cat >"$T/odd.py" <<-PY
		import glob, os, socket
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.connect(("127.0.0.1", 53))
		for f in glob.glob("$ROOT/tests/fuzz/corpus/dns/*"):
		    s.send(open(f, "rb").read()[:9000])
		for n in range(600):
		    s.send(os.urandom(n))
		s.send(bytes(60000))
	PY
	expect 0 pen-net --proxy "127.0.0.1:$base" sh -c \
		"python3 '$T/odd.py' && '$ROOT/tests/lib/sni_client.py' ask x.org A"
	[ "$output" = "NOERROR 198.18.0.1" ]
}

@test "--proxy excludes pen-sni, --open and what else would have its port" {
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" 22 \
		pen-net --proxy "127.0.0.1:$base" true
	has "--proxy excludes --open and pen-sni"
	expect 125 pen-net --proxy "127.0.0.1:$base" --open true
	expect 125 pen-net --proxy "127.0.0.1:$base" --reach 443 true
	[ "$output" = "pen-net: --reach 443: --proxy has it inside" ]
}
