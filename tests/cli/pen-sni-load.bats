# pen-sni under load, alone (--listen) and as it is in the chain: bounded in
# memory, descriptors and time, and a fresh connection works.
load ../lib/common

setup() {
	scratch
	LOAD=$PROBE/net_load
	local hard
	hard=$(ulimit -Hn)
	[ "$hard" = unlimited ] || [ "$hard" -ge 14000 ] ||
		skip_missing "a hard limit of 14000 descriptors"
	"$LOAD" serve 127.0.0.1 >"$T/serve" 3>&- &
	echo $! >"$T/pids"
	until_true grep -qs ready "$T/serve"
	SERVER=127.0.0.1:$(cut -d' ' -f2 "$T/serve")
	PORT=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
}

teardown() {
	xargs kill 2>/dev/null <"$T/pids" || :
}

# alone OPTION… : the proxy, whose pid is $PROXY, on port $PORT
alone() {
	pen-sni --listen "127.0.0.1:$PORT" --allow load.test \
		--connect-to ":443:$SERVER" "$@" 3>&- &
	PROXY=$!
	echo $PROXY >>"$T/pids"
	until_true socat -u /dev/null "TCP:127.0.0.1:$PORT" 2>/dev/null
}

# held N KIND… : N connections of that kind, until "release"
held() {
	rm -f "$T/in" "$T/held"
	mkfifo "$T/in"
	"$LOAD" "$2" 127.0.0.1 "$PORT" "${@:3}" "$1" <"$T/in" >"$T/held" 3>&- &
	echo $! >>"$T/pids"
	exec 7>"$T/in"
	local i
	for i in {1..10}; do
		until_true grep -qs ready "$T/held" && return 0
	done
	return 1
}

release() {
	exec 7>&-
}

fresh() {
	[ "$("$LOAD" bulk 127.0.0.1 "$PORT" load.test 100000 1 | wc -l)" -eq 1 ]
}

# hello : writes a ClientHello for load.test, as Python's HELLO in $T/hello.py
hello() {
	cat >"$T/hello.py" <<-'PY'
		name = b"load.test"
		ext = b"\0\0" + (len(name) + 5).to_bytes(2, "big") + \
		    (len(name) + 3).to_bytes(2, "big") + b"\0" + \
		    len(name).to_bytes(2, "big") + name
		body = b"\3\3" + b"r" * 32 + b"\0\0\2\x13\1\1\0" + \
		    len(ext).to_bytes(2, "big") + ext
		message = b"\1" + len(body).to_bytes(3, "big") + body
		HELLO = b"\x16\3\1" + len(message).to_bytes(2, "big") + message
	PY
}

# resident: kilobytes of the proxy; own: those that are not pages of its file,
# which come and go; ticks: its CPU time in 1/100 s
resident() {
	awk '/^VmRSS/ { print $2 }' "/proc/$PROXY/status"
}
own() {
	awk '/^RssAnon/ { print $2 }' "/proc/$PROXY/status"
}
ticks() {
	awk '{ print $14 + $15 }' "/proc/$PROXY/stat"
}

# idles: it is under 1 MB, now or ten seconds after the last connection
under_1_mb() {
	[ -n "${SAN:-}" ] || [ "$(resident)" -lt 1000 ]
}
idles() {
	until_true under_1_mb 2>/dev/null || until_true under_1_mb || {
		echo "$(resident) KB"
		return 1
	}
}

@test "5000 idle connections cost 0.25 KB each, and a fresh one works" {
	local first all
	alone
	under_1_mb
	held 1000 idle load.test
	first=$(own)
	release
	until_true bash -c "! ss -Htn 'sport = :$PORT' | grep -q ESTAB"
	held 5000 idle load.test
	all=$(own)
	fresh
	echo "$first KB with 1000, $all KB with 5000"
	[ -n "${SAN:-}" ] || [ $(((all - first) * 1024 / 4000)) -le 256 ]
	release
	idles
}

@test "an idle proxy, fresh or once 20000 connections are gone, is under 1 MB" {
	local before
	alone
	before=$(resident)
	under_1_mb
	expect 0 timeout 100 "$LOAD" count 127.0.0.1 "$PORT" load.test 20000 64
	echo "$before KB fresh, $(resident) KB then"
	idles
	fresh
	idles
}

@test "what comes over loopback is not paced, whatever the host does elsewhere" {
	alone
	held 1 idle load.test
	run ss -Hnti state established "sport = :$PORT" # the client's
	[ "$(grep -cw reno <<<"$output")" -eq 1 ]
	run ss -Hnti state established "dport = :${SERVER#*:}" # what it dialled
	[ "$(grep -cw reno <<<"$output")" -eq 1 ]
}

@test "2000 connections that say nothing leave a fresh one working" {
	alone
	held 2000 half
	fresh
}

@test "idle connections cost no CPU time" {
	local before
	alone
	held 2000 idle load.test
	before=$(ticks)
	read -rt 2 <> <(:) || :
	[ $(($(ticks) - before)) -le 2 ]
}

@test "20000 connections leave no descriptor and no memory behind" {
	local before
	ulimit -n 300 # one lost of 170 connections, and no other is taken
	alone
	expect 0 "$LOAD" count 127.0.0.1 "$PORT" load.test 2000 16
	before=$(own)
	expect 0 timeout 100 "$LOAD" count 127.0.0.1 "$PORT" load.test 20000 16
	[ "$output" = 20000 ]
	echo "$before KB, then $(own) KB"
	# one byte of each would be 20
	[ -n "${SAN:-}" ] || [ $(($(own) - before)) -lt 20 ]
	held 60 idle load.test # 64 are taken
	fresh
}

@test "more connections than descriptors wait without spinning, and come in" {
	local before
	ulimit -n 500
	alone
	held 250 half # 139 are taken
	before=$(ticks)
	read -rt 2 <> <(:) || :
	[ $(($(ticks) - before)) -le 5 ]
	release
	"$LOAD" rate 127.0.0.1 "$PORT" load.test 2 200 >"$T/rate"
	[ "$(cat "$T/rate")" -gt 100 ]
	fresh
}

@test "flows that no pipe is left for go on when there is one" {
	ulimit -n 300
	alone
	# 21 pipes: 60 downloads at a time want one each
	expect 0 "$LOAD" bulk 127.0.0.1 "$PORT" load.test 3000000 60
}

@test "a server's reset is passed on, never as an end" {
	cat >"$T/resets.py" <<-'PY'
		import socket, struct
		server = socket.create_server(("127.0.0.1", 0))
		print("ready", server.getsockname()[1], flush=True)
		while True:
		    s = server.accept()[0]
		    s.recv(4096)
		    s.sendall(b"x" * 1000)
		    s.recv(1)
		    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
		                 struct.pack("ii", 1, 0))
		    s.close()
	PY
	python3 "$T/resets.py" >"$T/resets" 3>&- &
	echo $! >>"$T/pids"
	until_true grep -qs ready "$T/resets"
	SERVER=127.0.0.1:$(cut -d' ' -f2 "$T/resets")
	alone
	hello
	PYTHONPATH=$T python3 - "$PORT" <<-'PY'
		import socket, sys
		from hello import HELLO
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.sendall(HELLO)
		s.recv(1000, socket.MSG_WAITALL)
		s.sendall(b"y")
		try:
		    while s.recv(1 << 20):
		        pass
		    sys.exit("it ended as if it were whole")
		except ConnectionResetError:
		    pass
	PY
}

@test "a server that ends its half first gets the rest of the client's" {
	cat >"$T/first.py" <<-'PY'
		import socket
		server = socket.create_server(("127.0.0.1", 0))
		print("ready", server.getsockname()[1], flush=True)
		while True:
		    s = server.accept()[0]
		    if not s.recv(4096):
		        continue
		    s.sendall(b"x" * 1000)
		    s.shutdown(socket.SHUT_WR)
		    n = 0
		    while data := s.recv(1 << 16):
		        n += len(data)
		    print("got", n, flush=True)
		    s.close()
	PY
	python3 "$T/first.py" >"$T/first" 3>&- &
	echo $! >>"$T/pids"
	until_true grep -qs ready "$T/first"
	SERVER=127.0.0.1:$(cut -d' ' -f2 "$T/first")
	alone
	hello
	PYTHONPATH=$T python3 - "$PORT" <<-'PY'
		import socket, sys
		from hello import HELLO
		s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
		s.sendall(HELLO)
		got = 0
		while data := s.recv(4096):
		    got += len(data)
		assert got == 1000, got
		s.sendall(b"y" * 3000000)
		s.close()
	PY
	until_true grep -qx "got 3000000" "$T/first"
}

@test "the proxy killed: what is inside is closed, never open, and the log says so" {
	echo nameserver 127.0.0.1 >"$T/resolv"
	cat >"$T/inside" <<-'SH'
		proxy=$(ps -o pid=,comm= --ppid $$ | awk '/pen-sni/ { print $1 }')
		"$ROOT/tests/lib/sni_client.py" ask load.test A
		kill -9 "$proxy"
		until_true grep -q '^State:.Z' "/proc/$proxy/status"
		timeout 20 "$PROBE/net_load" rate 198.18.0.2 443 load.test 1 1 || echo closed
		timeout 20 getent hosts load.test || echo "no name"
	SH
	export ROOT PROBE
	export -f until_true
	expect 0 pen-sni --allow load.test --connect-to ":443:$SERVER" \
		--log "$T/log" \
		"$PROBE/sni_handover" "$T/resolv" bash "$T/inside"
	[ "${lines[0]}" = "NOERROR 198.18.0.2" ]
	has closed
	has "no name"
	has "pen-sni: the proxy was killed"
	until_true grep -qs '"kind":"proxy","verdict":"failed","why":"the proxy was killed' "$T/log"
	# and does not where it was not
	expect 0 pen-sni --allow load.test --log "$T/whole" \
		"$PROBE/sni_handover" "$T/resolv" \
		"$ROOT/tests/lib/sni_client.py" ask load.test A
	[ "$output" = "NOERROR 198.18.0.2" ]
	grep -q '"kind":"dns"' "$T/whole"
	expect 1 grep '"kind":"proxy"' "$T/whole"
}
