# pen-sni as an SNI proxy, its peers, and load on any of them: for
# tests/cli/pen-sni-load.bats and make bench, which have $ROOT, $PROBE and a
# scratch directory $T, and tests/lib/wait.bash and ports.bash.
#
#   serve          net_load's server, for load.test; its port in $SERVER, and in
#                  $ENDS a free one, for ends.test, where sni_ends.py serves
#   pen_sni PORT   becomes pen-sni, as a proxy on that port of 127.0.0.1
#   proxies        pen-sni, nginx, HAProxy and sniproxy, one worker each, those
#                  that are here: ${PROXIES[@]}, the first being pen-sni
#   use NAME       one of them: its pid is $PROXY, its port $PORT
#   add NAME PORT [PID]
#                  one more
#   LIMIT=N …      with so many descriptors
#   ended          all that was started here is killed

LOAD=$PROBE/net_load
declare -gA PORTS=() PIDS=() # of the proxies
PROXIES=() STARTED=() HELD=()

# what a worker may have open
descriptors() {
	local n
	n=${LIMIT:-$(ulimit -n)}
	[ "$n" != unlimited ] && [ "$n" -lt 20000 ] || n=20000
	echo "$n"
}

# start OUTPUT COMMAND… : in the background, its pid in $!
start() {
	"${@:2}" <>"${INPUT:-/dev/null}" >"$1" 2>&1 3>&- &
	STARTED+=($!)
}

ended() {
	[ ${#STARTED[@]} -eq 0 ] || kill "${STARTED[@]}" || :
	rm -f "$T"/held.*
	STARTED=() HELD=() PROXIES=()
} 2>/dev/null

serve() {
	start "$T/serve" "$LOAD" serve 127.0.0.1
	until_true grep -qs ready "$T/serve"
	read -r _ SERVER <"$T/serve"
	ENDS=$(free_ports)
}

pen_sni() {
	exec pen-sni --listen "127.0.0.1:$1" --allow load.test \
		--connect-to "load.test:443:127.0.0.1:$SERVER" --allow ends.test \
		--connect-to "ends.test:443:127.0.0.1:$ENDS"
}

listens() {
	: 2>/dev/null <>"/dev/tcp/127.0.0.1/$1"
}

limited() {
	[ -z "${LIMIT:-}" ] || ulimit -n "$LIMIT"
	"$@"
}

# proxy NAME PORT COMMAND… : starts it, a function that becomes it; nginx's
# worker is its child
proxy() {
	local pid
	start "$T/$1.log" limited "${@:3}"
	pid=$!
	until_true listens "$2" || {
		cat "$T/$1.log" >&2
		return 1
	}
	[ "$1" != nginx ] || pid=$(pgrep -P "$pid" | head -n 1)
	add "$1" "$2" "$pid"
}

add() {
	PROXIES+=("$1") PORTS[$1]=$2 PIDS[$1]=${3:-}
}

use() {
	PORT=${PORTS[$1]} PROXY=${PIDS[$1]}
}

nginx_conf() {
	local module
	module=$(find /usr/lib/nginx /usr/lib64/nginx -name ngx_stream_module.so \
		2>/dev/null | head -n 1)
	cat <<-END
		${module:+load_module $module;}
		daemon off; worker_processes 1; pid $T/nginx.pid;
		worker_rlimit_nofile $(descriptors); error_log $T/nginx.error;
		events { worker_connections 20000; }
		stream {
			map \$ssl_preread_server_name \$to {
				load.test 127.0.0.1:$SERVER;
				ends.test 127.0.0.1:$ENDS;
			}
			server { listen 127.0.0.1:$1 backlog=4096; ssl_preread on;
				proxy_pass \$to; }
		}
	END
}

haproxy_conf() {
	cat <<-END
		global
			nbthread 1
			maxconn $(($(descriptors) * 9 / 20))
		defaults
			mode tcp
			timeout connect 10s
			timeout client 1h
			timeout server 1h
		frontend in
			bind 127.0.0.1:$1 backlog 4096
			tcp-request inspect-delay 5s
			tcp-request content accept if { req_ssl_hello_type 1 }
			use_backend load if { req_ssl_sni load.test }
			use_backend ends if { req_ssl_sni ends.test }
		backend load
			server s 127.0.0.1:$SERVER
		backend ends
			server s 127.0.0.1:$ENDS
	END
}

sniproxy_conf() {
	cat <<-END
		error_log { filename $T/sniproxy.error }
		listener 127.0.0.1:$1 { proto tls }
		table {
			load.test 127.0.0.1:$SERVER
			ends.test 127.0.0.1:$ENDS
		}
	END
}

# peer NAME FILE : becomes it
peer() {
	case $1 in
	nginx) exec nginx -p "$T" -e "$T/nginx.error" -c "$2" ;;
	haproxy) exec haproxy -db -f "$2" ;;
	sniproxy) exec sniproxy -f -c "$2" ;;
	esac
}

proxies() {
	local p name
	p=$(free_ports)
	proxy pen-sni "$p" pen_sni "$p"
	for name in nginx haproxy sniproxy; do
		command -v "$name" >/dev/null || continue
		p=$(free_ports)
		"${name}_conf" "$p" >"$T/$name.conf"
		proxy "$name" "$p" peer "$name" "$T/$name.conf"
	done
}

# ---- load, on $PORT ----

# hold COMMAND… : something that says "ready", in $SAID, and stays until "release"
hold() {
	local i
	SAID=$T/held.${#STARTED[@]}
	[ -p "$T/in" ] || mkfifo "$T/in"
	INPUT=$T/in start "$SAID" "$@" # no end: it has the other one, too
	HELD+=($!)
	for ((i = 0; i < ${PATIENCE:-10}; i++)); do
		until_true grep -qs ^ready "$SAID" && return 0
	done
	return 1
}

# held N KIND : that many connections, idle or half
held() {
	local name=()
	[ "$2" = half ] || name=(load.test)
	hold "$LOAD" "$2" 127.0.0.1 "$PORT" "${name[@]}" "$1"
}

few_left() {
	[ "$(ss -Htn state established state close-wait "sport = :$PORT" |
		wc -l)" -le 20 ]
}

# until the proxy has closed them, too
release() {
	kill "${HELD[@]}" || :
	wait "${HELD[@]}" || :
	HELD=()
	until_true few_left || :
} 2>/dev/null

# idle_5000: holds so many; each of the last 4000 costs $EACH bytes of its own
idle_5000() {
	local first
	held 1000 idle || return 1
	first=$(own)
	held 4000 idle || return 1
	EACH=$((($(own) - first) * 1024 / 4000))
}

# ends KIND N [BYTES] : becomes tests/lib/sni_ends.py there
ends() {
	exec "$ROOT/tests/lib/sni_ends.py" "$1" "$ENDS" "$PORT" "${@:2}"
}

# ---- what it costs $PROXY; nothing, where there is none ----

# resident: kilobytes; own: those that are not pages of its file, which come and
# go; ticks: CPU time in 1/100 s
kilobytes() {
	[ -n "$PROXY" ] || { echo 0; return; }
	awk -v k="$1:" '$1 == k { print $2 }' "/proc/$PROXY/status"
}
resident() {
	kilobytes VmRSS
}
own() {
	kilobytes RssAnon
}
ticks() {
	[ -n "$PROXY" ] || { echo 0; return; }
	awk '{ print $14 + $15 }' "/proc/$PROXY/stat"
}

# killed LOG PEN-NET… : in a chain with that in it pen-sni's proxy is, between two
# looks at load.test; what they see is printed: an address and 1, and then "closed"
# and "no name"
killed() {
	cat >"$T/inside" <<-'SH'
		proxy=$(ps -o pid=,comm= --ppid $$ | awk '/pen-sni/ { print $1 }')
		count() {
			timeout 20 "$PROBE/net_load" count 198.18.0.2 443 load.test 1 1
		}
		"$ROOT/tests/lib/sni_client.py" ask load.test A
		count
		kill -9 "$proxy"
		until_true grep -q '^State:.Z' "/proc/$proxy/status"
		count || echo closed
		timeout 20 getent hosts load.test || echo "no name"
	SH
	export ROOT PROBE
	export -f until_true
	pen-sni --allow load.test --connect-to ":443:127.0.0.1:$SERVER" \
		--log "$1" "${@:2}" bash "$T/inside"
}
