# pen-ctl ports, publish and reach: ports of a pen that runs already.
load ../lib/common
load ../lib/session

setup() {
	scratch
	unshare -Urn true 2>/dev/null || skip_missing "user namespaces"
	base=$(free_ports 16)
	export -f ask answers until_true
	export T
	cat >"$T/server.py" <<-'PY'
		import ctypes, socket, sys
		address, port, text = sys.argv[1], int(sys.argv[2]), sys.argv[3]
		s = socket.create_server((address, port), family=socket.AF_INET6
		                         if ":" in address else socket.AF_INET)
		if "--hidden" in sys.argv:
		    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
		if "--named" in sys.argv:
		    ctypes.CDLL(None).prctl(15, b"sshd", 0, 0, 0)
		print("serving", flush=True)
		while True:
		    c = s.accept()[0]
		    c.sendall(text.encode())
		    if "--hold" in sys.argv:
		        c.recv(1)
		    c.close()
	PY
	cat >"$T/ask.py" <<-'PY'
		import socket, sys
		try:
		    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 5)
		    print(s.recv(100).decode() or "nothing")
		except ConnectionRefusedError:
		    print("refused")
		except ConnectionResetError:
		    print("reset")
	PY
}

teardown() {
	exec 8>&-
	[ -z "${server:-}" ] || kill "$server" 2>/dev/null || :
	[ ! -e "$T/pids" ] || xargs kill <"$T/pids" 2>/dev/null || :
}

ask() {
	python3 "$T/ask.py" "$1" "$2"
}

answers() {
	[ "$(ask "$1" "$2")" = "$3" ]
}

# pen OPTION… : pen-sni and pen-net in the background, and a shell that takes
# commands in them, as lib/session's; $PEN has options of pen-net
PEN=()
start() {
	local commands=$T/commands
	LOG=$T/log
	mkfifo "$commands"
	pen-sni --control --log "$LOG" "${PEN[@]}" -- pen-net "${PEN[@]}" -- \
		bash -c 'while IFS= read -r line; do
				out=${line%% *}
				bash -c "${line#* }" >"$out.text" 2>&1
				echo $? >"$out.status.part"
				mv "$out.status.part" "$out.status"
			done' <"$commands" 3>&- &
	PID=$!
	SESSION=$PID
	SOCKET=$XDG_RUNTIME_DIR/pen/$SESSION/control
	exec 8>"$commands"
	until_true test -S "$SOCKET"
	inside true
}

# serve ADDRESS PORT [OPTION] : a server inside; $T/pids has the pids of all
serve() {
	inside "python3 $T/server.py $1 $2 inside ${3:-} >$T/up.$2 2>&1 8>&- & echo \$! >>$T/pids"
	until_true grep -qs serving "$T/up.$2"
}

serve_host() {
	python3 "$T/server.py" 127.0.0.1 "$1" host >"$T/host" 3>&- 8>&- &
	server=$!
	until_true grep -qs serving "$T/host"
}

# row PORT : that line of the last output, with single blanks
row() {
	output=$(tr -s ' ' <<<"$output" | grep "^$1 ")
}

forwarders() {
	local p
	for p in /proc/[0-9]*; do
		[ "$(stat -c %U "$p" 2>/dev/null)" ] &&
			grep -qsz -- --join "$p/cmdline" &&
			grep -qsz -- "$1" "$p/cmdline" && echo "${p#/proc/}"
	done
	return 0
}

no_forwarder() {
	[ -z "$(forwarders "$1")" ]
}

@test "publish shows the host a server that was started later, on loopback only, and unpublish ends it" {
	local a
	start
	serve 127.0.0.1 "$base"
	for a in 127.0.0.1 ::1; do
		[ "$(ask $a "$base")" = refused ]
	done
	run -0 pen-ctl publish "$base"
	[ -z "$output" ]
	for a in 127.0.0.1 ::1 localhost; do
		[ "$(ask $a "$base")" = inside ]
	done
	[ "$(ss -Hltn "sport = $base" | awk '{print $4}' | sort | xargs)" = \
		"127.0.0.1:$base [::1]:$base" ]
	run -0 pen-ctl unpublish "$base"
	for a in 127.0.0.1 ::1; do
		until_true answers $a "$base" refused
	done
	until_true no_forwarder "$base"
	session_end
}

@test "publish before the server is there, to another port, and a range" {
	start
	run -0 pen-ctl publish "$((base + 1)):$base" "$((base + 2))-$((base + 4))"
	[ "$(ask 127.0.0.1 "$((base + 1))")" = reset ]
	serve ::1 "$base"
	serve 127.0.0.1 "$((base + 3))"
	[ "$(ask 127.0.0.1 "$((base + 1))")" = inside ]
	[ "$(ask ::1 "$((base + 3))")" = inside ]
	[ "$(ask 127.0.0.1 "$base")" = refused ]
	session_end
	until_true no_forwarder "$base"
	[ "$(ask 127.0.0.1 "$((base + 1))")" = refused ]
}

@test "reach shows the inside a port of the host's, and unreach takes it away" {
	start
	serve_host "$base"
	inside "ask 127.0.0.1 $base; ask ::1 $base"
	equals $'refused\nrefused'
	run -0 pen-ctl reach "$base"
	inside "ask 127.0.0.1 $base; ask ::1 $base; ask 127.0.0.1 $((base + 1))"
	equals $'host\nhost\nrefused'
	run -0 pen-ctl ports
	row "$base"
	equals "$base - - localhost:$base (reached)"
	run -0 pen-ctl unreach "$base"
	inside "until_true answers 127.0.0.1 $base refused"
	[ "$status" -eq 0 ]
	session_end
}

@test "unpublish ends the connections that are open" {
	start
	serve 127.0.0.1 "$base" --hold
	run -0 pen-ctl publish "$base"
	exec 7<>"/dev/tcp/127.0.0.1/$base"
	read -r -N 6 output <&7
	equals inside
	run -0 pen-ctl unpublish "$base"
	run -1 timeout 20 cat <&7
	exec 7>&-
	session_end
}

@test "ports names what listens, as the kernel has it: the file, not what it calls itself" {
	local pid
	start
	run -0 pen-ctl ports
	[ -z "$output" ] # pen-sni's own are not there
	serve 127.0.0.1 "$base" --named
	pid=$(<"$T/pids")
	serve 0.0.0.0 "$((base + 1))"
	serve ::1 "$((base + 2))" --hidden
	run -0 pen-ctl publish "$((base + 9)):$((base + 1))" "$((base + 5))"
	run -0 pen-ctl ports
	[[ ${lines[0]} =~ ^PORT\ +LISTENS\ ON\ +PROGRAM\ \(PID\)\ +OUTSIDE$ ]]
	[ ${#lines[@]} -eq 5 ]
	all=$output
	row "$base"
	[[ $output =~ ^$base\ 127.0.0.1\ python3[.0-9]*\ \($pid\)\ -$ ]]
	output=$all
	row "$((base + 1))"
	[[ $output =~ \ \*\ python3.*\ localhost:$((base + 9))$ ]]
	output=$all
	row "$((base + 2))"
	[[ $output =~ \ ::1\ (\?|python3.*)\ -$ ]]
	output=$all
	row "$((base + 5))"
	equals "$((base + 5)) - nobody listens localhost:$((base + 5))"
	run -0 pen-ctl ports --json
	jq -es 'any(.way == "listens" and .port == '"$((base + 1))"' and
		.host == '"$((base + 9))"') and
		any(.way == "publish" and .inside == '"$((base + 5))"' and
		.start == false)' <<<"$output"
	session_end
}

@test "what is published and reached is in the log, and so is its end" {
	start
	serve_host "$((base + 1))"
	run -0 pen-ctl publish "$base"
	run -0 pen-ctl reach "$((base + 1))"
	run -0 pen-ctl unpublish "$base"
	run -0 pen-ctl unreach "$((base + 1))"
	[ "$(jq -r 'select(.kind == "control") | .verdict + " " + .rule' "$LOG")" = \
		"publish $base
reach $((base + 1))
unpublish $base
unreach $((base + 1))" ]
	run -0 pen-log "$LOG"
	has "publish  control $base"
	session_end
}

@test "what cannot be carried is said, and nothing stays of it" {
	serve_host "$base"
	start
	run -125 pen-ctl publish "$base"
	has "pen-net: cannot publish on 127.0.0.1:$base: Address "
	until_true grep -q '"unpublish"' "$LOG"
	serve 127.0.0.1 "$((base + 1))"
	run -125 pen-ctl reach "$((base + 1))"
	has "pen-net: cannot listen inside on 127.0.0.1:$((base + 1)): Address "
	run -0 pen-ctl publish "$((base + 1))"
	run -125 pen-ctl publish "$((base + 1)):$((base + 2))"
	has "pen-ctl: publish $((base + 1)):$((base + 2)): the host's port is published already"
	run -125 pen-ctl reach "$((base + 1))"
	has "the port is published: inside it is the program's"
	run -125 pen-ctl publish 443
	has "publish 443: pen-sni has that port inside: use another one"
	run -125 pen-ctl reach 8080:5432
	has "it is not a port from 1 to 65535"
	run -125 pen-ctl publish 0
	has "it is not a port from 1 to 65535"
	run -125 pen-ctl publish
	has "publish: no port is given"
	run -125 pen-ctl unpublish "$((base + 7))"
	has "there is no such port"
	session_end
}

@test "ports of the start are listed, and stay" {
	PEN=(--publish "$((base + 1)):$base")
	start
	serve 127.0.0.1 "$base"
	run -0 pen-ctl ports
	row "$base"
	[[ $output =~ \ localhost:$((base + 1))$ ]]
	run -125 pen-ctl unpublish "$((base + 1)):$base"
	has "the port is of the start, and stays"
	[ "$(ask 127.0.0.1 "$((base + 1))")" = inside ]
	session_end
}

@test "what carries a later port is confined as what carries those of the start" {
	local p
	start
	run -0 pen-ctl publish "$base"
	for p in $(forwarders "$base"); do
		run -0 cat "/proc/$p/status"
		has $'Seccomp:\t2'
		has $'NoNewPrivs:\t1'
		has $'CapEff:\t0000000000000000'
		has $'CapBnd:\t0000000000000000'
	done
	[ -n "$p" ]
	kill -KILL $(forwarders "$base")
	until_true grep -q '"unpublish"' "$LOG"
	run -0 pen-ctl ports
	[ -z "$output" ]
	session_end
}

@test "a session carries 64 later ports, and others can still ask it" {
	base=$(free_ports 164)
	start
	for ((i = 0; i < 64; i++)); do
		echo "publish $((base + 100 + i))"
	done >"$T/requests"
	python3 - "$SOCKET" "$T/requests" >"$T/kept" 3>&- 8>&- <<-'PY' &
		import os, socket, sys
		path, kept = sys.argv[1], []
		fd = os.open(os.path.dirname(path), os.O_PATH)
		for line in open(sys.argv[2]):
		    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    s.connect(f"/proc/self/fd/{fd}/control")
		    s.send(line.strip().encode())
		    print(s.recv(9999).decode(), flush=True)
		    kept.append(s)
		s.recv(1)
	PY
	server=$!
	all_kept() {
		[ "$(grep -c '"ok":true' "$T/kept")" -eq 64 ]
	}
	until_true all_kept
	run -125 pen-ctl publish "$base"
	has "the session carries too many ports"
	run -0 pen-ctl status
	kill "$server"
	published() {
		pen-ctl publish "$base" 2>/dev/null
	}
	until_true published
	session_end
}

@test "status says how much of /tmp and the home directory is used, and when it is full" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { tmp_size = 4M }' >"$HOME/.config/pen/pen.conf"
	mkfifo "$T/hold"
	pen sh -c 'head -c 5000000 /dev/zero >/tmp/f
		head -c 1048576 /dev/zero >~/f; echo >written; read x' \
		<"$T/hold" >/dev/null 2>&1 3>&- &
	server=$!
	exec 8>"$T/hold"
	until_true test -e written
	run -0 pen-ctl status
	has "FULL         4 of 4 MB in /tmp (tmp_size)"
	has "used         1 of 4 MB in $HOME (tmp_size)"
	exec 8>&-
	wait "$server" || :
}
