# pen-net(1) --publish and --reach with the real pasta, and with stand-ins that
# play other versions of it.

load ../lib/common

setup() {
	scratch
	[ -c /dev/net/tun ] || skip_missing /dev/net/tun
	command -v pasta >/dev/null || skip_missing pasta
	export -f until_true answers ask
	export T
	# ports of this test's own; the suites run in parallel
	base=$((20000 + (BATS_TEST_NUMBER * 16 + $$ % 500 * 20) % 10000))
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
	python3 "$T/server.py" "$port" host "$@" >"$T/serving" 3>&- &
	server=$!
	until_true test -s "$T/serving"
}

# start OPTION… : a pen-net whose prog is a server on port $base, 127.0.0.1
start() {
	pen-net "$@" -- python3 "$T/server.py" "$base" inside 127.0.0.1 \
		>"$T/up" 2>"$T/err" 3>&- &
	pid=$!
	until_true test -s "$T/up"
}

# family PID: it and all its descendants
family() {
	local child
	echo "$1"
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do
		family "$child"
	done
}

none_of() {
	local p
	for p in "$@"; do
		[ ! -e "/proc/$p" ] || return 1
	done
}

keeper_of() {
	local child
	for child in $(cat "/proc/$1/task/$1/children"); do
		[ "$(cat "/proc/$child/comm")" = pen-net-keeper ] &&
			echo "$child" && return 0
	done
	return 1
}

@test "--publish makes a server inside reachable on 127.0.0.1" {
	[ "$(ask 127.0.0.1 "$base")" = refused ]
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	[ "$(ask 127.0.0.1 "$base" 3000000)" = "inside 3000000" ]
}

@test "--publish HOSTPORT:PORT gives it another port outside" {
	start --publish "$((base + 1)):$base"
	until_true answers 127.0.0.1 "$((base + 1))" "inside 1"
	[ "$(ask 127.0.0.1 "$base")" = refused ]
}

@test "a range of ports is published, and one is reached" {
	serve_host "$((base + 3))" 127.0.0.1
	start --publish "$((base + 4))-$((base + 6)):$((base - 1))-$((base + 1))" \
		--reach "$((base + 2))-$((base + 3))"
	until_true answers 127.0.0.1 "$((base + 5))" "inside 1"
	expect 0 "$PROBE/net_enter" "$pid" \
		python3 "$T/ask.py" 127.0.0.1 "$((base + 3))" 1
	[ "$output" = "host 1" ]
}

@test "a published port is refused on ::1, so that clients go on to 127.0.0.1" {
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	[ "$(ask ::1 "$base")" = refused ]
	answers localhost "$base" "inside 1"
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
	serve_host "$base" 127.0.0.1
	expect 0 pen-net python3 "$T/ask.py" 127.0.0.1 "$base" 1
	[ "$output" = refused ]
	cat >"$T/inside" <<-SH
		until_true answers localhost $base "host 1"
		python3 "$T/ask.py" 127.0.0.1 $base 3000000
		python3 "$T/ask.py" 127.0.0.1 $((base + 1)) 1
	SH
	python3 "$T/server.py" "$((base + 1))" other 127.0.0.1 >"$T/other" 3>&- &
	pid=$!
	until_true test -s "$T/other"
	answers 127.0.0.1 "$((base + 1))" "other 1"
	expect 0 pen-net --reach "$base" bash "$T/inside"
	[ "$output" = $'host 3000000\nrefused' ]
}

@test "with ports, prog's network has no address but loopback's" {
	serve_host "$base" 127.0.0.1
	cat >"$T/inside" <<-SH
		until_true answers 127.0.0.1 $base "host 1"
		ip -j addr | jq -r '.[] | select(.ifname != "lo") |
			.operstate, (.addr_info | length)'
		ip route
		ip -6 route
		grep Cap /proc/self/status | sort -u -k 2
	SH
	expect 0 pen-net --reach "$base" bash "$T/inside"
	[ "$output" = $'DOWN\n0\nCapInh:\t0000000000000000' ]
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
	# glibc's words have "already" in them, musl's do not
	[ "${output/already /}" = "pen-net: cannot publish on 127.0.0.1:$base: Address in use" ]
	[ ! -e "$T/ran" ]
}

@test "a privileged host port is 125 with a hint, for uid 0 too" {
	expect 125 pen-net --publish 80 true
	has "cannot publish on 127.0.0.1:80: Permission denied"
	has "hint: "
	expect 125 unshare -Urn sh -c 'ip link set lo up; exec pen-net --publish 80 true'
	has "Permission denied"
}

@test "--reach takes a low port, and one that pen-sni has inside is 125" {
	cat >"$T/inside" <<-'SH'
		listening() { ss -Hltn | grep -q 127.0.0.1:80; }
		until_true listening
	SH
	expect 0 timeout 10 pen-net --reach 80 bash "$T/inside"
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" 443 \
		pen-net --reach 443 true
	has "--reach 443: pen-sni has it inside"
	expect 125 "$ROOT/tests/lib/net_handover.py" "$T/got" '' \
		pen-net --reach 53 true
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

@test "nothing waits for pasta" {
	mkdir "$T/bin"
	mkfifo "$T/never"
	printf '#!/bin/sh\nread x <%s\n' "$T/never" >"$T/bin/pasta"
	chmod +x "$T/bin/pasta"
	PATH=$T/bin:$PATH expect 0 timeout 5 pen-net --publish "$base" echo done
	[ "$output" = done ]
}

@test "prog ends: keeper, pasta and the port are gone" {
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	local all
	all=$(family "$pid")
	[ "$(wc -w <<<"$all")" -ge 3 ]
	kill -TERM "$pid"
	until_true none_of $all
	[ "$(ask 127.0.0.1 "$base")" = refused ]
	[ ! -s "$T/err" ]
}

@test "prog killed with SIGKILL: keeper, pasta and the port are gone" {
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	local all
	all=$(family "$pid")
	kill -KILL "$pid"
	wait "$pid" || :
	until_true none_of $all
	[ "$(ask 127.0.0.1 "$base")" = refused ]
}

@test "prog that cannot be executed leaves no keeper" {
	# the keeper's standard error is this pipe: it ends when all have
	run -127 timeout 10 pen-net --publish "$base" "$T/none"
	[ "${#lines[@]}" -eq 1 ]
}

@test "keeper killed with SIGKILL: pasta is gone, prog runs on" {
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	local keeper all
	keeper=$(keeper_of "$pid")
	all=$(family "$keeper")
	[ "$(wc -w <<<"$all")" -ge 2 ]
	kill -KILL "$keeper"
	until_true none_of ${all/$keeper/}
	[ "$(ask 127.0.0.1 "$base")" = refused ]
	kill -0 "$pid"
}

@test "pasta killed: one line says so, prog runs on" {
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	local keeper pasta
	keeper=$(keeper_of "$pid")
	pasta=$(($(cat "/proc/$keeper/task/$keeper/children")))
	kill -KILL "$pasta"
	until_true test -s "$T/err"
	[ "$(cat "$T/err")" = "pen-net: pasta: no message (signal 9); its ports are closed" ]
	kill -0 "$pid"
}

@test "signals for the terminal's foreground do not reach the keeper" {
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	local keeper
	keeper=$(keeper_of "$pid")
	[ "$(ps -o sid= -p "$keeper")" -ne "$(ps -o sid= -p "$pid")" ]
	kill -INT "$keeper"
	kill -TERM "$keeper"
	kill -HUP "$keeper"
	answers 127.0.0.1 "$base" "inside 1"
}

@test "the keeper has no descriptor of ours, and no capability" {
	local secret
	exec {secret}<"$HOME/.ssh/id_ed25519"
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	local keeper
	keeper=$(keeper_of "$pid")
	# null, null, stderr, the namespace, pasta's messages
	[ "$(ls "/proc/$keeper/fd" | wc -l)" -eq 5 ]
	run ls -l "/proc/$keeper/fd"
	lacks id_ed25519
	expect 0 grep -E '^Cap(Eff|Prm|Inh)' "/proc/$keeper/status"
	[ "$(grep -c 0000000000000000 <<<"$output")" -eq 3 ]
}

@test "prog's wait does not see the keeper" {
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

@test "pasta starts when the caller ignores SIGPIPE and SIGCHLD" {
	(
		trap '' PIPE CHLD
		exec pen-net --publish "$base" python3 "$T/server.py" "$base" \
			inside 127.0.0.1 >"$T/up" 2>"$T/err" 3>&-
	) &
	pid=$!
	until_true answers 127.0.0.1 "$base" "inside 1"
}

@test "no files are left in /tmp" {
	ls -A /tmp "$TMPDIR" "$HOME" >"$T/../before"
	start --publish "$base"
	until_true answers 127.0.0.1 "$base" "inside 1"
	kill -9 "$pid"
	wait "$pid" || :
	diff <(grep -i -e pasta -e passt "$T/../before") \
		<(ls -A /tmp "$TMPDIR" "$HOME" | grep -i -e pasta -e passt)
}

@test "pasta missing: 125, one line, a hint, and only when it is needed" {
	mkdir "$T/bin"
	ln -s "$(type -P true)" "$T/bin/true"
	ln -s "$BIN/pen-net" "$T/bin/pen-net"
	PATH=$T/bin expect 125 pen-net --publish "$base" true
	[ "${#lines[@]}" -eq 2 ]
	has "cannot find 'pasta' on PATH: No such file or directory"
	has "hint: "
	PATH=$T/bin expect 0 pen-net true
}

@test "a pasta in the working directory does not win" {
	printf '#!/bin/sh\ntouch %s/won\n' "$T" >pasta
	chmod +x pasta
	mkdir "$T/bin"
	ln -s "$BIN/pen-net" "$T/bin/pen-net"
	PATH=.::$T/bin: expect 125 pen-net --publish "$base" true
	has "cannot find 'pasta'"
	# the same file is a pasta where PATH names it in full
	PATH=$PWD:$PATH pen-net --publish "$base" tail -f /dev/null 2>"$T/err" 3>&- &
	pid=$!
	until_true test -e "$T/won"
}

@test "no /dev/net/tun: 125, one line, a hint, and only when it is needed" {
	command -v bwrap >/dev/null || skip_missing bwrap
	expect 125 bwrap --dev-bind / / --tmpfs /dev/net -- \
		"$BIN/pen-net" --publish "$base" true
	[ "${#lines[@]}" -eq 2 ]
	has "cannot open /dev/net/tun: No such file or directory"
	has "hint: "
	expect 0 bwrap --dev-bind / / --tmpfs /dev/net -- "$BIN/pen-net" true
}

# stand_in HELP LAST STATUS: a pasta with that help, which notes its arguments
stand_in() {
	mkdir -p "$T/bin"
	cat >"$T/bin/pasta" <<-SH
		#!/bin/sh
		[ "\$1" = --help ] && { echo "$1"; exit 0; }
		echo "\$@" >"$T/args.new"
		mv "$T/args.new" "$T/args"
		env >"$T/env"
		echo "first line" >&2
		echo "$2" >&2
		exit $3
	SH
	chmod +x "$T/bin/pasta"
	PATH=$T/bin:$PATH
}

@test "a pasta that fails says why in one line, and prog runs on" {
	stand_in "" "$(printf 'no \033[31mcolours')" 3
	pen-net --publish "$base" tail -f /dev/null 2>"$T/err" 3>&- &
	pid=$!
	until_true test -s "$T/err"
	[ "$(cat "$T/err")" = 'pen-net: pasta: no \x1b[31mcolours (exit status 3); its ports are closed' ]
	kill -0 "$pid"
	# and its environment is empty but for what sh itself sets
	[ "$(grep -cv -e ^PWD= -e ^_= -e ^SHLVL= "$T/env")" -eq 0 ]
}

@test "pasta since 2024-10-30 is told to dial loopback, an older one is not" {
	stand_in "  --host-lo-to-ns-lo	Translate host-loopback" x 0
	pen-net --publish "$base" --reach 99 tail -f /dev/null 2>/dev/null 3>&- &
	pid=$!
	until_true test -s "$T/args"
	grep -qe ' --host-lo-to-ns-lo ' "$T/args"
	kill -9 "$pid"
	rm "$T/args"
	stand_in "  --no-map-gw" x 0
	pen-net --publish "$base" --reach 99 tail -f /dev/null 2>/dev/null 3>&- &
	pid=$!
	until_true test -s "$T/args"
	run cat "$T/args"
	lacks host-lo
	has "-t 127.0.0.1/$base:$base -T 99:99 "
	has "-u none -U none"
}

@test "what is not forwarded is given as none, never left to auto" {
	stand_in "" x 0
	pen-net --reach 99 tail -f /dev/null 2>/dev/null 3>&- &
	pid=$!
	until_true test -s "$T/args"
	grep -qe ' -t none -T 99:99 ' "$T/args"
}
