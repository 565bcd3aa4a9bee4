# pen-net(1): the closed namespace, its sockets, and what pen-net leaves alone.
# Published and reached ports are in pen-net-ports.bats.

load ../lib/common

setup() {
	scratch
	export -f until_true
}

# inside_start: runs pen-net with a prog that waits; its pid in $pid
inside_start() {
	pen-net "$@" -- sh -c 'echo up >"$0"; exec tail -f /dev/null' "$T/up" 3>&- &
	pid=$!
	until_true test -s "$T/up"
}

teardown() {
	local p
	for p in ${pid:-} ${world:-}; do
		kill -9 "$p" && wait "$p" || :
	done 2>/dev/null
}

# host COMMAND…: on a "host" of its own, which has the address 192.0.2.1
host() {
	unshare -Un --map-current-user --keep-caps bash -c '
		ip link add wire type veth && ip link set lo up &&
		ip addr add 192.0.2.1/24 dev wire && ip link set wire up &&
		exec setpriv --inh-caps -all --ambient-caps -all "$@"' - "$@"
}

# dial.py: says how connecting went and whether it took less than a second
cat_dial() {
	cat <<'PY'
import errno, socket, sys, time
kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                  socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
s.settimeout(float(sys.argv[4]) if len(sys.argv) > 4 else 5)
start = time.monotonic()
try:
    s.connect((address, port))
    if kind == "udp":
        s.send(b"x")
        s.recv(1)
    said = "connected"
except socket.timeout:
    said = "timeout"
except OSError as e:
    said = errno.errorcode[e.errno]
print(said, "at once" if time.monotonic() - start < 1 else "late")
PY
}

@test "the kernel has exactly the rules that --print-rules prints" {
	[ -x /usr/sbin/nft ] || skip_missing nft
	inside_start
	expect 0 pen-net --print-rules
	local printed=$output
	expect 0 "$PROBE/net_enter" "$pid" /usr/sbin/nft list ruleset
	[ "$output" = "$printed" ]
}

@test "--print-rules prints what nft can load" {
	[ -x /usr/sbin/nft ] || skip_missing nft
	pen-net --print-rules >"$T/rules"
	expect 0 unshare -rn /usr/sbin/nft -c -f "$T/rules"
}

@test "prog has loopback and 198.18.0.0/15, and no other interface" {
	expect 0 pen-net ip -br addr
	[ "${#lines[@]}" -eq 1 ]
	has 127.0.0.1/8
	has 198.18.0.1/15
	has ::1/128
	expect 0 pen-net ip route get 198.19.255.254
	has "local 198.19.255.254 dev lo"
	expect 0 pen-net ip route show
	[ -z "$output" ]
}

@test "ping: loopback answers, lo does not answer in place of a name's server" {
	command -v ping || skip_missing ping
	cp "$(command -v ping)" "$T/ping" # without its file capability
	expect 0 pen-net "$T/ping" -c 1 127.0.0.1
	expect 0 pen-net "$T/ping" -c 1 ::1
	for address in 198.18.0.1 198.18.0.7 198.19.255.254; do
		expect 1 pen-net "$T/ping" -c 1 $address
		has 'Packet filtered'
		lacks 'bytes from'
	done
	# the same address, and no rule
	expect 0 unshare -Urn sh -c 'ip link set lo up &&
		ip addr add 198.18.0.1/15 dev lo && "$0" -c 1 198.18.0.7' "$T/ping"
	has 'bytes from 198.18.0.7'
}

@test "only ICMP echo is refused to a name's address, not ICMP errors" {
	cat_dial >"$T/dial.py"
	expect 0 pen-net python3 "$T/dial.py" udp 198.18.0.7 9
	[ "$output" = 'ECONNREFUSED at once' ]
}

@test "prog keeps the process id" {
	expect 0 sh -c 'echo $$; exec pen-net sh -c "echo \$\$"'
	[ "${lines[0]}" = "${lines[1]}" ]
}

@test "the exit status is prog's" {
	expect 0 pen-net true
	expect 7 pen-net sh -c 'exit 7'
	expect 137 pen-net sh -c 'kill -9 $$'
}

@test "prog that is not there is 127, one that cannot be executed 126" {
	run -127 pen-net "$T/none"
	[ "$output" = "pen-net: cannot execute '$T/none': No such file or directory" ]
	: >"$T/plain"
	expect 126 pen-net "$T/plain"
	expect 126 pen-net "$T"
}

@test "no prog, an unknown option or a bad port is 125 and a line" {
	expect 125 pen-net
	expect 125 pen-net --nope true
	for port in 0 65536 x -1 +1 ' 1' 1x '' 1:2:3 :80 80:; do
		expect 125 pen-net "--publish=$port" true
		has "is not a port"
		expect 125 pen-net "--reach=$port" true
		has "is not a port"
	done
	for port in 1-65536 5-4 1-2:3 1:2-3 1- -2 1-2-3 1--2; do
		expect 125 pen-net "--publish=$port" true
		expect 125 pen-net "--reach=$port" true
	done
	for port in '' 443 127.0.0.1 127.0.0.1: 127.0.0.1:0 127.0.0.1:65536 \
		:443 localhost:443 192.0.2.1:443 0.0.0.0:443 [::]:443 ::1:443 \
		[::1] 127.1:443 127.0.0.1:443x ' 127.0.0.1:443' \
		126.255.255.255:1 128.0.0.1:1; do
		expect 125 pen-net "--proxy=$port" true
		has "--proxy: "
	done
	expect 125 pen-net --publish 1000-1064 true
	has "it is too many ports"
	expect 125 pen-net --publish 8080:80 --publish 8080:81 true
	has "host port 8080 is given twice"
}

@test "prog sees the caller's user and group" {
	expect 0 pen-net sh -c 'id -u; id -g'
	[ "$output" = "$(id -u)"$'\n'"$(id -g)" ]
}

@test "descriptors pen-net does not know stay, its own do not" {
	ls /proc/self/fd >"$T/before" 7</dev/null
	pen-net ls /proc/self/fd >"$T/after" 7</dev/null
	diff "$T/before" "$T/after"
	grep -qx 7 "$T/after"
}

@test "standard descriptors that are closed stay closed" {
	cat >"$T/state" <<-'SH'
		for fd in 0 1 2; do
			[ -e /proc/$$/fd/$fd ] && echo "$fd is open" >&2
		done
	SH
	run bash -c 'pen-net sh "$0" <&- >&-' "$T/state"
	[ "$output" = "2 is open" ]
}

@test "the environment stays but for PEN_SNI_FD" {
	export PYTHONCOERCECLOCALE=0 # what runs pen-net may add LC_CTYPE
	env >"$T/before"
	"$ROOT/tests/lib/net_handover.py" "$T/got" 443 pen-net env >"$T/after"
	until_true test -s "$T/got"
	diff <(grep -v ^_= "$T/before") <(grep -v ^_= "$T/after")
}

@test "umask, working directory, ignored signals and limits stay" {
	umask 027
	cat >"$T/state" <<-'SH'
		umask; pwd; ulimit -a
		grep -E '^Sig(Blk|Ign)' /proc/self/status
	SH
	(trap '' PIPE HUP; sh "$T/state") >"$T/before"
	(trap '' PIPE HUP; pen-net sh "$T/state") >"$T/after"
	diff "$T/before" "$T/after"
}

@test "prog has no capability, and none to gain" {
	expect 0 pen-net grep ^Cap /proc/self/status
	for set in Inh Prm Eff Bnd Amb; do
		has "Cap$set:	0000000000000000"
	done
}

@test "ambient capabilities of the caller do not pass" {
	expect 0 unshare -U --map-current-user --keep-caps \
		grep CapAmb /proc/self/status
	lacks 0000000000000000
	expect 0 unshare -U --map-current-user --keep-caps \
		pen-net grep CapAmb /proc/self/status
	has 0000000000000000
}

@test "prog cannot change the interface, the rules or the namespace" {
	inside_start
	# the owner of the namespace can
	expect 0 "$PROBE/net_enter" "$pid" ip link set lo mtu 60000
	expect 2 pen-net ip link set lo mtu 60000
	has "Operation not permitted"
	expect 1 pen-net nsenter -n"/proc/$$/ns/net" true
	has "Permission denied"
	if [ -x /usr/sbin/nft ]; then
		expect 0 "$PROBE/net_enter" "$pid" /usr/sbin/nft flush ruleset
		expect 1 pen-net /usr/sbin/nft flush ruleset
		has "Operation not permitted"
	fi
}

@test "prog cannot open a packet or raw socket" {
	inside_start
	cat >"$T/raw.py" <<-'PY'
		import socket
		for family, kind in ((socket.AF_PACKET, socket.SOCK_RAW),
		                     (socket.AF_INET, socket.SOCK_RAW)):
		    try:
		        socket.socket(family, kind, 1)
		        print("open")
		    except PermissionError:
		        print("refused")
	PY
	expect 0 "$PROBE/net_enter" "$pid" python3 "$T/raw.py"
	[ "$output" = $'open\nopen' ]
	expect 0 pen-net python3 "$T/raw.py"
	[ "$output" = $'refused\nrefused' ]
}

@test "prog cannot take the resolver's port or any below 1024" {
	cat >"$T/bind.py" <<-'PY'
		import socket, sys
		for port in (53, 443, 1024):
		    s = socket.socket()
		    try:
		        s.bind(("127.0.0.2", port))
		        print(port, "bound")
		    except PermissionError:
		        print(port, "refused")
	PY
	expect 0 pen-net python3 "$T/bind.py"
	[ "$output" = $'53 refused\n443 refused\n1024 bound' ]
}

@test "a server on the host is out of reach, at once" {
	cat_dial >"$T/dial.py"
	cat >"$T/host.sh" <<-'SH'
		python3 -c 'import socket
		for a in ("192.0.2.1", "127.0.0.1"):
		    s = socket.create_server((a, 8000)); globals()[a] = s
		open("ready", "w").close()
		import signal; signal.pause()' & server=$!
		until_true test -e ready
		for a in 192.0.2.1 127.0.0.1; do
			python3 dial.py tcp $a 8000
			pen-net python3 dial.py tcp $a 8000
		done
		pen-net python3 dial.py udp 192.0.2.1 8000
		pen-net python3 dial.py tcp 2001:db8::1 443
		pen-net python3 dial.py udp 2001:db8::1 443
		kill $server
	SH
	cd "$T"
	expect 0 host bash host.sh
	[ "$output" = "connected at once
ENETUNREACH at once
connected at once
ECONNREFUSED at once
ENETUNREACH at once
ENETUNREACH at once
ENETUNREACH at once" ]
}

# cable: a wire from the namespace to a "world" with a server at 192.0.2.1 and
# 2001:db8::1 and the default route over it: what pen-net never makes, to see
# what the rules alone do
cable() {
	cat_dial >"$T/dial.py"
	cat >"$T/world.py" <<-'PY'
		import select, socket
		tcp = [socket.create_server((a, 443), family=f) for a, f in (
		    ("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))]
		udp = [socket.socket(f, socket.SOCK_DGRAM)
		       for f in (socket.AF_INET, socket.AF_INET6)]
		udp[0].bind(("192.0.2.1", 53))
		udp[1].bind(("2001:db8::1", 53))
		open("serving", "w").close()
		while True:
		    for s in select.select(tcp + udp, [], [])[0]:
		        if s in tcp:
		            s.accept()[0].close()
		        else:
		            s.sendto(b"y", s.recvfrom(9)[1])
	PY
	inside_start
	mkfifo "$T/cable"
	"$PROBE/net_enter" "$pid" unshare -n sh -c '
		cd "$0" && echo up >world && read -r _ <cable &&
			exec python3 world.py' "$T" 3>&- &
	world=$!
	until_true test -s "$T/world"
	"$PROBE/net_enter" "$pid" sh -ec '
		ip link add wire type veth peer name wire netns "$1"
		ip addr add 192.0.2.2/24 dev wire
		ip addr add 2001:db8::2/64 dev wire nodad
		ip link set wire up
		in_world="nsenter --preserve-credentials -n -t $1"
		$in_world ip addr add 192.0.2.1/24 dev wire
		$in_world ip addr add 2001:db8::1/64 dev wire nodad
		$in_world ip link set wire up
		ip route add default via 192.0.2.1
		ip -6 route add default via 2001:db8::1
		echo >"$0/cable"' "$T" "$world"
	until_true test -e "$T/serving"
}

@test "with an interface and a route, nothing leaves and all fails at once" {
	[ -x /usr/sbin/nft ] || skip_missing nft
	cable
	local a
	for a in 192.0.2.1 2001:db8::1; do
		expect 0 "$PROBE/net_enter" "$pid" python3 "$T/dial.py" tcp $a 443
		[ "$output" = "ECONNREFUSED at once" ]
		expect 0 "$PROBE/net_enter" "$pid" python3 "$T/dial.py" udp $a 53
		[[ $output == E*" at once" ]]
	done
	# without the rules the same packets arrive
	"$PROBE/net_enter" "$pid" /usr/sbin/nft flush ruleset
	for a in 192.0.2.1 2001:db8::1; do
		expect 0 "$PROBE/net_enter" "$pid" python3 "$T/dial.py" tcp $a 443
		[[ $output == connected* ]]
		expect 0 "$PROBE/net_enter" "$pid" python3 "$T/dial.py" udp $a 53
		[[ $output == connected* ]]
	done
}

@test "with an interface, nothing comes in" {
	[ -x /usr/sbin/nft ] || skip_missing nft
	cable
	"$PROBE/net_enter" "$pid" python3 -c 'import signal, socket
s = socket.create_server(("192.0.2.2", 8000))
open("inside", "w").close()
signal.pause()' 3>&- &
	world+=" $!"
	until_true test -e inside
	expect 0 "$PROBE/net_enter" "${world% *}" \
		python3 "$T/dial.py" tcp 192.0.2.2 8000 0.3
	[ "$output" = "timeout at once" ]
	"$PROBE/net_enter" "$pid" /usr/sbin/nft flush ruleset
	expect 0 "$PROBE/net_enter" "${world% *}" \
		python3 "$T/dial.py" tcp 192.0.2.2 8000
	[[ $output == connected* ]]
}

@test "pen-sni gets the sockets of the resolver and of each port, in order" {
	expect 0 "$ROOT/tests/lib/net_handover.py" "$T/got" 22,443 pen-net true
	until_true test -s "$T/got"
	diff - "$T/got" <<-'EOF'
		dns-udp 53
		dns-tcp 53
		tcp 22
		tcp 443
		udp 127.0.0.1:53 listening=0 nonblocking
		tcp 127.0.0.1:53 listening=1 nonblocking
		tcp 0.0.0.0:22 listening=1 nonblocking
		tcp 0.0.0.0:443 listening=1 nonblocking
		then b''
	EOF
}

@test "no rule gives the resolver's sockets alone" {
	expect 0 "$ROOT/tests/lib/net_handover.py" "$T/got" , pen-net true
	until_true test -s "$T/got"
	[ "$(head -n 3 "$T/got" | tail -n 1)" = \
		"udp 127.0.0.1:53 listening=0 nonblocking" ]
}

@test "sixty-two ports fit, sixty-three are a clear error" {
	expect 0 "$ROOT/tests/lib/net_handover.py" "$T/got" \
		"$(seq -s , 65474 65535)" pen-net true
	until_true test -s "$T/got"
	[ "$(grep -c '^tcp [0-9.]*:' "$T/got")" -eq 63 ]
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" \
		"$(seq -s , 65473 65535)" pen-net true
	has "rules for more than 62 different ports"
}

@test "a connection to 198.18.x.y arrives with that address" {
	expect 0 "$ROOT/tests/lib/net_handover.py" "$T/got" 443 pen-net bash -c '
		exec 5<>/dev/tcp/198.18.7.9/443 && cat <&5
		exec 6<>/dev/udp/127.0.0.1/53 && echo hi >&6 && head -n 1 <&6'
	[ "$output" = $'tcp 198.18.7.9 443\nudp hi' ]
}

@test "a port without a rule is refused at once on 198.18.x.y" {
	cat_dial >"$T/dial.py"
	expect 0 "$ROOT/tests/lib/net_handover.py" "$T/got" 443 \
		pen-net python3 "$T/dial.py" tcp 198.18.7.9 80
	[ "$output" = "ECONNREFUSED at once" ]
	expect 0 "$ROOT/tests/lib/net_handover.py" "$T/got" 443 \
		pen-net python3 "$T/dial.py" udp 198.18.7.9 443
	[ "$output" = "ECONNREFUSED at once" ]
}

@test "the sockets are unreachable from the host" {
	cat_dial >"$T/dial.py"
	"$ROOT/tests/lib/net_handover.py" "$T/got" 61443 \
		pen-net tail -f /dev/null 3>&- &
	pid=$!
	until_true test -s "$T/got"
	expect 0 python3 "$T/dial.py" tcp 127.0.0.1 61443
	[ "$output" = "ECONNREFUSED at once" ]
	expect 0 "$PROBE/net_enter" "$pid" python3 \
		"$T/dial.py" tcp 127.0.0.1 61443
	[ "$output" = "connected at once" ]
}

@test "nonsense in PEN_SNI_FD, or for the ports, is 125" {
	for fd in x -1 99 99999999999 ''; do
		PEN_SNI_FD=$fd expect 125 pen-net true
		has "PEN_SNI_FD: "
	done
	PEN_SNI_FD=0 expect 125 pen-net true
	has "PEN_SNI_FD: descriptor 0"
	for ports in x 0 65536 443,22 22,22 22, ,22 ,, 22,,443 '22 443' $'22\n'; do
		expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" \
			"$ports" pen-net true
		has "is not a list of ports, ascending"
	done
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" 53 pen-net true
	has "port 53 is the resolver's"
}

@test "pen-sni that has ended is 125, and prog does not run" {
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" '' \
		pen-net touch "$T/ran"
	[ "$output" = "pen-net: pen-sni has ended" ]
	[ ! -e "$T/ran" ]
}

@test "pen-sni that ends before it serves is 125, and prog does not run" {
	HANDOVER=dies expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" 443 \
		pen-net touch "$T/ran"
	[ "$output" = "pen-net: pen-sni has ended" ]
	[ ! -e "$T/ran" ]
}

@test "what pen-sni has said is not said again: 125, and prog does not run" {
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" failed \
		pen-net touch "$T/ran"
	[ -z "$output" ]
	HANDOVER=failed expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" \
		443 pen-net touch "$T/ran"
	[ -z "$output" ]
	[ ! -e "$T/ran" ]
}

@test "--offline makes no sockets, whatever the environment says" {
	expect 0 "$ROOT/tests/lib/net_handover.py" "$T/got" 443 \
		pen-net --offline env
	lacks PEN_SNI
	until_true test -s "$T/got"
	[ "$(head -n 1 "$T/got")" = closed ]
	cat_dial >"$T/dial.py"
	expect 0 pen-net --offline python3 "$T/dial.py" udp 127.0.0.1 53
	[ "$output" = "ECONNREFUSED at once" ]
	expect 125 pen-net --offline --reach 80 true
	expect 125 pen-net --offline --publish 8080 true
	expect 125 pen-net --offline --proxy 127.0.0.1:8080 true
}

@test "user namespaces switched off: 125, one line, a hint" {
	expect 125 unshare -Ur sh -c '
		echo 0 >/proc/sys/user/max_user_namespaces && exec pen-net true'
	[ "${#lines[@]}" -eq 2 ]
	has "pen-net: cannot make a user namespace"
	has "hint: "
}

@test "network namespaces switched off: 125 and one line" {
	expect 125 unshare -Ur sh -c '
		echo 0 >/proc/sys/user/max_net_namespaces && exec pen-net true'
	has "pen-net: cannot make a"
}

@test "uid 0 keeps only what the next user namespace needs" {
	expect 0 unshare -Ur pen-net sh -c '
		grep -E "^Cap(Prm|Amb)" /proc/self/status
		unshare -Ur id -u
		ip link set lo down 2>&1 || :'
	has "CapPrm:	0000000080000000"
	has "CapAmb:	0000000000000000"
	has "Operation not permitted"
	[ "${lines[2]}" = 0 ]
}

@test "the examples of the manual page run" {
	local name line
	mkdir "$T/bin"
	for name in make python3 psql dig; do
		printf '#!/bin/sh\necho "%s $*"\n' "$name" >"$T/bin/$name"
		chmod +x "$T/bin/$name"
	done
	PATH=$T/bin:$PATH
	sed -n '/^.Sh EXAMPLES/,/^.Sh DIAGNOSTICS/s/^.Dl //p' \
		"$ROOT/man/pen-net.1" >"$T/examples"
	[ "$(wc -l <"$T/examples")" -ge 4 ]
	while read -r line; do
		expect 0 bash -c "$line"
		[ -n "$output" ]
	done <"$T/examples"
}
