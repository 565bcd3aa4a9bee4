# pen-sni's log: what stays, and what is counted.
load ../lib/common

setup() {
	scratch
	cd "$T"
}

# sum KIND : the numbers of its events, added up over all files
sum() {
	jq -s "[.[] | select(.kind == \"$1\") | .count] | add // 0" log*
}

@test "the beginning stays, and what made room for the rest is counted" {
	expect 0 "$PROBE/unit/log" beginning
	head -n 1 log | grep -q '"name":"the-first.test"'
	cat log.1 log.2 | grep -q '"name":"the-last.test"'
	# nothing is missing without being counted: 20002 events
	[ "$(cat log* | grep -c '"verdict":"refused"')" -lt 20002 ]
	[ "$(($(cat log* | grep -c '"verdict":"refused"') + $(sum gap)))" \
		-eq 20002 ]
	expect 0 pen-log ./log ./log.1 ./log.2
	has "older events made room for newer ones"
	has "pen-log: the log is not whole: $(sum gap) events are not in it"
}

@test "what cannot be written is cut off, counted, and said once" {
	expect 0 "$PROBE/unit/log" full
	[ "$(grep -c "cannot write the log" <<<"$output")" -eq 1 ]
	has "cannot write the log 'log': File too large"
	has "7 events are not in it"
	run -0 jq -cs '[.[] | .name // .count]' log
	[ "$output" = '["before.test",7,"after.test"]' ]
}

@test "an open that fails is tried again" {
	expect 0 "$PROBE/unit/log" in-the-way
	has "cannot write the log 'log': Is a directory"
	run -0 jq -cs '[.[] | .name // .count]' log
	[ "$output" = '[1,"after.test"]' ]
}

@test "room is reserved at the first event, and given back at the end" {
	: >probe
	fallocate -n -l 3M probe || skip_missing "fallocate(2) in $T"
	expect 0 "$PROBE/unit/log" reserved
}

@test "a name that is none takes a bounded line, and tells its length" {
	expect 0 "$PROBE/unit/log" odd-names
	run -0 jq -cs '[.[] | .length, (.name | length)]' log
	[ "$output" = '[255,192,null,248]' ]
}
