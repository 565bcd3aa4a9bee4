# pen-sni under load, alone (--listen) and as it is in the chain: bounded in
# memory, descriptors and time, and a fresh connection works.
load ../lib/common
load ../lib/proxies

setup() {
	scratch
	local hard
	hard=$(ulimit -Hn)
	[ "$hard" = unlimited ] || [ "$hard" -ge 14000 ] ||
		skip_missing "a hard limit of 14000 descriptors"
	serve
}

teardown() {
	ended
}

# alone: the proxy, whose pid is $PROXY, on port $PORT
alone() {
	PORT=$(free_ports)
	start "$T/alone" pen_sni "$PORT"
	PROXY=$!
	until_true listens "$PORT"
}

fresh() {
	[ "$("$LOAD" bulk 127.0.0.1 "$PORT" load.test 100000 1 | wc -l)" -eq 1 ]
}

# under KB : it has less than that in memory
under() {
	[ -n "${SAN:-}" ] || [ "$(resident)" -lt "$1" ]
}

@test "5000 idle connections cost 0.25 KB each, and a fresh one works" {
	alone
	idle_5000
	fresh
	echo "$EACH bytes each"
	[ -n "${SAN:-}" ] || [ "$EACH" -le 256 ]
	release
	until_true under 4000
}

@test "an idle proxy, fresh or once 20000 connections are gone, is under 2 MB, or 4" {
	local before
	alone
	before=$(resident)
	under 2000
	expect 0 timeout 100 "$LOAD" count 127.0.0.1 "$PORT" load.test 20000 64
	echo "$before KB fresh, $(resident) KB then"
	under 4000
	fresh
}

@test "what comes over loopback is not paced, whatever the host does elsewhere" {
	alone
	held 1 idle
	run ss -Hnti state established "sport = :$PORT" # the client's
	[ "$(grep -cw reno <<<"$output")" -eq 1 ]
	run ss -Hnti state established "dport = :$SERVER" # what it dialled
	[ "$(grep -cw reno <<<"$output")" -eq 1 ]
}

@test "2000 connections that say nothing leave a fresh one working" {
	alone
	held 2000 half
	fresh
}

@test "unfinished ClientHellos take 48 MB at most, and a fresh one works" {
	alone
	hold "$ROOT/tests/lib/sni_client.py" crumbs "$PORT" 2000 30000
	fresh
	echo "$(resident) KB"
	[ -n "${SAN:-}" ] || [ "$(resident)" -lt 40000 ]
}

@test "idle connections cost no CPU time" {
	local before
	alone
	held 2000 idle
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
	held 60 idle # 64 are taken
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
	alone
	expect 0 ends dies 20
	[ "$output" = 20 ]
}

@test "each side's half may end first, and gets all of the other's" {
	alone
	expect 0 ends server-first 20 3000000
	[ "$output" = 20 ]
	expect 0 ends client-first 20 3000000
	[ "$output" = 20 ]
}

@test "servers that never read leave a fresh connection working" {
	alone
	hold ends mute 20
	fresh
}

@test "the proxy killed: what is inside is closed, never open, and the log says so" {
	echo nameserver 127.0.0.1 >"$T/resolv"
	expect 0 killed "$T/log" "$PROBE/sni_handover" "$T/resolv"
	[ "${lines[0]}" = "NOERROR 198.18.0.2" ]
	[ "${lines[1]}" = 1 ]
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
