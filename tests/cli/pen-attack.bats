#!/usr/bin/env bats
# pen-attack(1): every attack beside its control.  What a pen holds of them is in
# tests/escape/attack.bats.

load ../lib/common

setup() {
	scratch
}

# clean : nothing is left of it
clean() {
	[ -z "$(find "$HOME" -name '.pen-attack*')" ]
	[ -z "$(ls "$XDG_RUNTIME_DIR" | grep -v '^pen$')" ]
	run pgrep -f -- "--part [a-z]+ $HOME/"
	[ -z "$output" ]
}

# result GROUP/NAME : its result in $output
result() {
	jq -r --arg g "${1%/*}" --arg n "${1#*/}" '.entries[] |
		select(.group == $g and .name == $n) | .result' <<<"$output"
}

@test "there are more than 150 attacks, in all groups, each told in a sentence" {
	run -0 pen-attack --list
	[ "${#lines[@]}" -gt 150 ]
	[ "$(cut -d/ -f1 <<<"$output" | sort -u | xargs)" = "calls descriptors \
environment files handover hellos http keys names network persists processes \
races resources sockets terminals" ]
	run -1 grep -vP '^[a-z0-9]+/[a-z0-9-]+\t.{8,}$' <<<"$output"
	run -0 pen-attack --list
	[ "$(cut -f1 <<<"$output" | sort | uniq -d)" = "" ]
}

@test "where nothing is held that is said, and the status is 1" {
	run -1 pen-attack --with env --only 'files/link-*' --only files/key
	has 'not held: files/key: read a key in the home, by its path'
	[ "${lines[-1]}" = '0 of 6 attacks that succeed outside were held.' ]
	clean
}

@test "where all is held the status is 0" {
	run -0 pen-attack --only 'files/link-*' --only files/key
	[ "${lines[-1]}" = '6 of 6 attacks that succeed outside were held.' ]
	clean
}

@test "what does not succeed outside has no control, and is not held" {
	# which is root's
	run -0 pen-attack --with env --only files/device-kmsg --json
	[ "$(result files/device-kmsg)" = 'no control' ]
	run -1 pen-attack --with env --only calls/mount --json
	[ "$(result calls/mount)" = 'not held' ]
	run -0 pen-attack --with 'pen-filter --' --only calls/mount --json
	[ "$(result calls/mount)" = held ]
	[ "$(jq -r '.launcher, .kernel' <<<"$output")" = "pen-filter --
$(uname -r)" ]
}

@test "what the caller's own scheduling gave the victim is no attack's work" {
	local name
	run -0 nice -n 2 chrt --batch 0 pen-attack --only 'processes/change-*' \
		--json
	for name in nice nice-group rlimit; do
		[ "$(result processes/change-$name)" = held ]
	done
	[ "$(result processes/change-scheduler)" = 'no control' ]
	run -0 taskset -c "$(taskset -cp $$ | sed 's/.*: //; s/[-,].*//')" \
		pen-attack --only processes/change-affinity --json
	[ "$(result processes/change-affinity)" = 'no control' ]
}

@test "a pen that runs beside it does not hide who signals the victim" {
	# kill(-1) forgets its sender at the first process of a pid namespace
	coproc pen sh -c 'echo ready; read -r _'
	local end=${COPROC[1]} pen=$COPROC_PID
	read -r -u "${COPROC[0]}" _
	run -0 pen-attack --only 'processes/signal-*' --json
	exec {end}>&-
	wait "$pen" || :
	[ "$(jq '.entries | length' <<<"$output")" -eq 6 ]
	[ "$(jq -r '.entries[] | .result' <<<"$output" | uniq)" = held ]
	clean
}

@test "a launcher that launches nothing holds nothing" {
	expect 125 pen-attack --with false --only files/key
	has 'the launcher did not run the attacks'
	expect 125 pen-attack --with 'echo no good; :' --only files/key
	has '(shared): no good'
	clean
}

@test "the user's own configuration is what is attacked" {
	mkdir -p "$HOME/.config/pen" "$HOME/.aws"
	echo k >"$HOME/.aws/credentials"
	echo 'profile open { ro += {"~/.aws"} }' >"$HOME/.config/pen/pen.conf"
	run -0 pen-attack --only keys/home-aws --json
	[ "$(result keys/home-aws)" = held ]
	run -1 pen-attack --profile open --only keys/home-aws --json
	[ "$(result keys/home-aws)" = 'not held' ]
}

@test "an agent's credential that is inside is not held" {
	run -0 pen-attack --only keys/variable-anthropic-api-key
	mkdir -p "$HOME/.config/pen"
	echo 'agent robot { env = {"ANTHROPIC_API_KEY"} }' \
		>"$HOME/.config/pen/pen.conf"
	run -1 pen-attack --agent robot --only keys/variable-anthropic-api-key
	has 'not held: keys/variable-anthropic-api-key'
}

@test "one attack is made here, without a launcher" {
	run -0 pen-attack --try calls/kcmp
	[ "$output" = succeeded ]
	run -1 pen-filter -- pen-attack --try calls/kcmp
	[ "$output" = EPERM ]
	expect 125 pen-attack --try calls/nothing
	has "no attack 'calls/nothing'"
	expect 125 pen-attack --try files/key
	has 'needs something to attack'
}

@test "an end in the middle leaves nothing" {
	mkfifo "$T/fifo"
	pen-attack --with "sh -c 'echo >\"$T/fifo\"; cat' -" --only files/key \
		>"$T/said" 2>&1 3>&- &
	local pid=$!
	read -r _ <"$T/fifo"
	kill "$pid"
	local status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	until_true clean
}

@test "what it was given wrongly is 125" {
	expect 125 pen-attack prog
	has 'it takes no operands'
	expect 125 pen-attack --with env --agent claude
	has 'exclude --with'
	HOME='' expect 125 pen-attack --only files/key
	has 'HOME is not set'
}

@test "the examples of the page work" {
	mkdir -p "$HOME/.config"
	pen-attack --only 'files/*' --json |
		jq -r '.entries[] | select(.result == "not held") | .name' >names
	[ ! -s names ]
	run -1 pen-attack --only 'races/git' --with 'bwrap --ro-bind / / --dev /dev --proc /proc --bind "$PWD" "$PWD" --unshare-all --die-with-parent --'
	has 'not held: races/git'
	[ "$("$BIN/pen-attack" --agent claude --only files/key | tail -n 1)" = \
		'1 of 1 attacks that succeed outside were held.' ]
}
