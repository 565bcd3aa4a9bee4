#!/usr/bin/env bats
# Where pen is started: in a pen, in what is like a container, WSL2 or a runner of
# CI.  It works, or says what the outer one has to be started with.

load ../lib/common

setup() {
	scratch
	command -v git >/dev/null || skip_missing git
	PATH=$BIN:/usr/bin:/bin
}

@test "in a pen: it says that the outer one wants --nested" {
	expect 125 pen --ro "$B" "$BIN/pen" --offline true
	has 'hint: this is a pen: start it with --nested, and the one inside with --offline'
}

@test "in a pen with --nested: offline it works, with a network it says so" {
	expect 125 pen --nested --ro "$B" "$BIN/pen" true
	has 'pen: a pen inside a pen has no network of its own'
	has 'hint: pen --offline works there'
	expect 0 pen --nested --env ASAN_OPTIONS --ro "$B" "$BIN/pen" \
		--offline sh -c 'echo inner'
	[ "${lines[-1]}" = inner ]
}

# place OPTION… -- COMMAND… : pid 1 reaps nothing, there is no init, no control
# group, no runtime directory, and nothing in the environment
place() {
	pen-ns --nested --unshare-all --as-pid-1 --clearenv --system --proc /proc \
		--dev /dev --tmpfs /tmp --tmpfs /opt --ro-bind "$B" /opt/pen \
		--bind "$HOME" /home/me --setenv HOME /home/me \
		--setenv PATH /opt/pen/bin:/usr/bin:/bin \
		--chdir /home/me/src/project "$@"
}

@test "without init, control groups and a runtime directory: it works, no zombie" {
	expect 0 place -- sh -c 'pen sh -c "echo works; cat ~/.ssh/id_ed25519"
		for p in /proc/[0-9]*; do
			grep -qs "^State:.Z" $p/status && echo "ZOMBIE $p"
		done
		:'
	has works
	lacks PLANTED
	lacks ZOMBIE
}

@test "with /proc partly masked: it says which flag of the outer one is missing" {
	expect 125 place --mask /proc/keys -- pen true
	has 'hint: parts of /proc are hidden here'
	has 'systempaths=unconfined'
	has 'unmask=ALL'
}

@test "with /proc/sys read-only: it says which flag of the outer one is missing" {
	expect 125 place --ro-bind /proc/sys /proc/sys -- pen true
	has systempaths=unconfined
}
