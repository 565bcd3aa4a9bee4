# pen-log: logs as pen-sni writes them, for people.
load ../lib/common
load ../lib/session

setup() {
	scratch
	export TZ=UTC
	LOGS=$HOME/.local/state/pen/log
	ASK=$ROOT/tests/lib/sni_client.py
	mkdir -p "$LOGS"
}

teardown() {
	exec 8>&-
	[ ! -e "$T/follow.pid" ] || kill "$(<"$T/follow.pid")" 2>/dev/null || :
}

# a log of a session: NAME TIME of its first line, then what is refused
written() {
	local name=$1 time=$2 host
	shift 2
	for host; do
		printf '{"time":"%s","kind":"dns","verdict":"refused","name":"%s","why":"not allowed","allow":"%s"}\n' \
			"$time" "$host" "$host"
	done >>"$LOGS/$name.jsonl"
}

@test "it shows the last session, a line for each decision" {
	written 20260101T000000Z-11 2026-01-01T00:00:00.000Z old.test
	session --log "$LOGS/20270101T000000Z-22.jsonl"
	inside "$ASK ask evil.test A"
	session_end
	run -0 pen-log
	[[ $output =~ ^[0-9-]+\ [0-9:]+\ \ refused\ \ dns\ \ \ evil.test:\ not\ allowed\ \ to\ allow\ it:\ evil.test$ ]]
	run -0 pen-log 11
	[ "$output" = "2026-01-01 00:00:00  refused  dns   old.test: not allowed  to allow it: old.test" ]
	run -0 pen-log --list
	[[ ${lines[0]} =~ ^SESSION\ +SINCE\ +EVENTS\ +REFUSED ]]
	[[ ${lines[1]} =~ ^20260101T000000Z-11\ +2026-01-01\ 00:00:00\ +1\ +1\ +old.test$ ]]
	[[ ${lines[2]} =~ ^20270101T000000Z-22\ +[0-9-]+\ [0-9:]+\ +1\ +1\ +evil.test$ ]]
	[ ${#lines[@]} -eq 3 ]
	run -125 pen-log 33
	has "no session '33' has a log in"
}

@test "what was refused by its address is shown with the address" {
	printf '{"time":"2026-01-01T00:00:00.000Z","kind":"tls","verdict":"refused","port":443,%s}\n' \
		'"name":"a.test","address":"10.0.0.1","why":"a private address"' \
		'"address":"198.18.77.77","why":"not the address of a name"' \
		>"$LOGS/20260101T000000Z-11.jsonl"
	run -0 pen-log
	equals "$output" "2026-01-01 00:00:00  refused  tls   a.test:443 at 10.0.0.1: a private address
2026-01-01 00:00:00  refused  tls   198.18.77.77:443: not the address of a name"
	run -0 pen-log --denied
	[[ ${lines[1]} =~ ^\ +1\ +198.18.77.77:443\ +not\ the\ address\ of\ a\ name$ ]]
	[[ ${lines[2]} =~ ^\ +1\ +a.test:443\ +a\ private\ address\ \(10.0.0.1\)$ ]]
}

@test "without any log there is nothing to show, and no error" {
	run -0 pen-log
	[ -z "$output" ]
	rm -r "$HOME/.local"
	run -0 pen-log
	[ -z "$output" ]
	run -0 pen-log --denied
	[ "$output" = "nothing was refused" ]
}

@test "--denied counts, and ends with lines that pen.conf takes" {
	local i
	session --log "$LOGS/20270101T000000Z-22.jsonl" --allow allowed.test
	for i in 1 2; do
		inside "$ASK ask evil.test A"
		inside "$ASK ask other.test A"
	done
	inside "$ASK ask evil.test A; $ASK ask allowed.test A; $ASK ask a..b A"
	session_end
	run -0 pen-log --denied
	[[ ${lines[1]} =~ ^\ +3\ \ evil.test\ +not\ allowed$ ]]
	[[ ${lines[2]} =~ ^\ +2\ \ other.test ]]
	lacks allowed.test
	mkdir -p "$HOME/.config/pen"
	sed -n '/^profile/,$p' <<<"$output" >"$HOME/.config/pen/pen.conf"
	run -0 pen --print=conf true
	has "allow = evil.test"
	has "allow = other.test"
}

@test "only what is a rule becomes text for pen.conf, whoever wrote the log" {
	printf '{"time":"2027-01-01T00:00:00.000Z","kind":"dns","verdict":"refused","name":"x","allow":"x\\"}\\nproject {"}\n' \
		>"$LOGS/20270101T000000Z-1.jsonl"
	printf '{"time":"2027-01-01T00:00:00.000Z","kind":"dns","verdict":"refused","name":"y\\u001b[2J","allow":"y.test"}\n{"torn' \
		>>"$LOGS/20270101T000000Z-1.jsonl"
	echo >>"$LOGS/20270101T000000Z-1.jsonl"
	run -0 pen-log --denied
	has 'allow += {"y.test"}'
	lacks 'project'
	lacks $'\e'
	has 'y\x1b[2J'
	has "1 lines of the log are no JSON"
}

@test "--json prints the events, --denied --json the refused ones" {
	session --log "$LOGS/20270101T000000Z-22.jsonl" --allow allowed.test
	inside "$ASK ask allowed.test A; $ASK ask evil.test A"
	session_end
	run -0 pen-log --json
	jq -se 'length == 2' <<<"$output"
	run -0 pen-log --json --denied
	jq -se 'length == 1 and .[0].name == "evil.test"' <<<"$output"
}

@test "--since is of every session, by an age or a date" {
	written 20260101T000000Z-11 2026-01-01T00:00:00.000Z old.test
	written 20260201T000000Z-12 "$(date -u +%Y-%m-%dT%H:%M:%S.000Z)" new.test
	run -0 pen-log --since 10m
	has new.test
	lacks old.test
	run -0 pen-log --since 2026-01-01
	has old.test
	has new.test
	run -0 pen-log --since 2026-01-01T00:01
	lacks old.test
	run -125 pen-log --since yesterday
	has "--since: 'yesterday' is neither"
}

@test "-f goes on with what is written, and with sessions that start later" {
	written 20260101T000000Z-11 2026-01-01T00:00:00.000Z old.test
	written 20260201T000000Z-12 2026-02-01T00:00:00.000Z one.test
	pen-log -f >"$T/seen" 3>&- &
	echo $! >"$T/follow.pid"
	until_true grep -q one.test "$T/seen"
	written 20260201T000000Z-12 2026-02-01T00:00:01.000Z two.test
	until_true grep -q two.test "$T/seen"
	written 20260301T000000Z-13 2026-03-01T00:00:00.000Z three.test
	until_true grep -q three.test "$T/seen"
	run -1 grep old.test "$T/seen"
	[ "$(wc -l <"$T/seen")" -eq 3 ]
}

@test "a file can be named, wherever it is" {
	written x 2026-01-01T00:00:00.000Z old.test
	mv "$LOGS/x.jsonl" "$T/elsewhere"
	run -0 pen-log "$T/elsewhere"
	has old.test
	run -125 pen-log ./nowhere
	has "cannot read './nowhere'"
	mkfifo "$T/fifo"
	run -125 pen-log "$T/fifo"
	has "cannot read"
}

@test "it says when something is not in the log, however it is looked at" {
	local view when=2027-01-01T00:00:00.000Z
	written 20270101T000000Z-22 $when seen.test
	printf '{"time":"%s","kind":"%s","count":%d,"refused":%d}\n' \
		$when gap 30 20 $when flood 4 1 $when gap 100 0 \
		>>"$LOGS/20270101T000000Z-22.jsonl"
	for view in --denied --json --since=2026-01-01; do
		run -0 pen-log "$view"
		has "the log is not whole: 134 events are not in it, 21 of them refusals"
	done
	run -0 pen-log --denied
	[[ $output =~ \ +21\ +\(other\ refusals\)\ +are\ not\ in\ the\ log ]]
	written 20270101T000000Z-22 $when another.test
	run -0 pen-log --since 2027-01-02
	lacks "not whole"
}

@test "a session's third file is read too, in its order" {
	written 20270101T000000Z-22 2027-01-01T00:00:00.000Z first.test
	written x 2027-01-01T00:00:09.000Z last.test
	mv "$LOGS/x.jsonl" "$LOGS/20270101T000000Z-22.jsonl.1"
	written x 2027-01-01T00:00:05.000Z middle.test
	mv "$LOGS/x.jsonl" "$LOGS/20270101T000000Z-22.jsonl.2"
	run -0 --separate-stderr bash -c "pen-log --json | jq -r .name"
	[ "$output" = $'first.test\nmiddle.test\nlast.test' ]
}

# ---- what pen does for it --------------------------------------------------

@test "the logs of the latest 100 runs are kept, and those of what still runs" {
	local i
	for i in {100..200}; do
		written "20200101T000${i}Z-999999999" 2020-01-01T00:00:00.000Z x
	done
	written "20190101T000000Z-$$" 2019-01-01T00:00:00.000Z mine
	: >"$LOGS/20200101T000100Z-999999999.jsonl.1"
	: >"$LOGS/20200101T000100Z-999999999.jsonl.2"
	: >"$LOGS/notes.jsonl"
	expect 0 pen --print true
	[ -e "$LOGS/20200101T000100Z-999999999.jsonl" ]
	expect 0 pen --offline true
	[ ! -e "$LOGS/20200101T000100Z-999999999.jsonl" ]
	[ ! -e "$LOGS/20200101T000100Z-999999999.jsonl.1" ]
	[ ! -e "$LOGS/20200101T000100Z-999999999.jsonl.2" ]
	[ -e "$LOGS/20200101T000102Z-999999999.jsonl" ]
	[ -e "$LOGS/20190101T000000Z-$$.jsonl" ]
	[ -e "$LOGS/notes.jsonl" ]
}

@test "what a pen was refused is there to be read" {
	expect 2 pen getent hosts evil.test
	run -0 pen-log --denied
	has 'allow += {"evil.test"}'
}

@test "the examples of the manual page run" {
	local line n=0 status_wanted
	written 20260101T000000Z-11 2026-01-01T00:00:00.000Z old.test
	while read -r line; do
		status_wanted=0
		# this one goes on until it is ended
		[ "$line" != 'pen-log -f' ] ||
			status_wanted=124 line="timeout 1 $line"
		expect "$status_wanted" bash -c "set -o pipefail; $line"
		n=$((n + 1))
	done < <(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/s/^\.Dl //p' \
		"$ROOT/man/pen-log.1" | sed 's/\\(dq/"/g')
	[ "$n" -eq 3 ]
}
