#!/usr/bin/env bats
# /etc/pen/managed.conf: what root has decided, nobody loosens.

load ../lib/common

setup() {
	scratch
	mkdir -p "$T/etc/pen" "$T/work" "$HOME/.config/pen"
	MANAGED=$T/etc/pen/managed.conf
	CONF=$HOME/.config/pen/pen.conf
	unshare -Urm true 2>/dev/null || skip_missing "user namespaces"
}

# managed COMMAND... : with an /etc that has the file, which is root's there
managed() {
	unshare -Urm bash -c 'mount -t overlay -o "lowerdir=$0/etc:/etc" none /etc &&
		cd "$PWD" && exec "$@"' "$T" "$@"
}

@test "allow_only: what is typed beyond it is refused, and the file is named" {
	echo 'allow_only = {"*.corp.test", "pypi.org"}' >"$MANAGED"
	expect 125 managed pen --allow evil.test true
	has "allow 'evil.test' (command line): allow_only of /etc/pen/managed.conf has no room for it"
	expect 125 managed pen --allow ssh://pypi.org true
	expect 125 managed pen --allow 'pypi.org:8443' true
	expect 125 managed pen --allow '*.pypi.org' true
	expect 125 managed pen --allow corp.test true
	expect 125 managed pen --allow @github true
	expect 125 managed pen --connect-to pypi.org:443:10.0.0.1:443 true
	local network
	for network in --open '--proxy 127.0.0.1:1'; do
		expect 125 managed pen $network true
		has "/etc/pen/managed.conf says allowlist"
	done
	expect 0 managed pen --allow pypi.org --allow git.corp.test \
		--allow '*.eu.corp.test' --print true
	has "--allow-only '*.corp.test'"
	has "--allow pypi.org"
	# the control: without the file each of these is let through
	expect 0 pen --allow evil.test --connect-to pypi.org:443:10.0.0.1:443 \
		--print true
}

@test "allow_only: a user's file is cut with a warning, a shipped one without" {
	echo 'allow_only = {"pypi.org"}' >"$MANAGED"
	echo 'profile default { allow = {"pypi.org", "evil.test"} network = open }' >"$CONF"
	expect 0 managed pen --agent claude --print=conf true
	has "pen: allow 'evil.test' ($CONF, profile default) does not count: allow_only of /etc/pen/managed.conf"
	has "pen: network 'open' ($CONF, profile default) does not count"
	has "allow = pypi.org"
	has "allow_only = pypi.org	# /etc/pen/managed.conf"
	has "network = allowlist	# /etc/pen/managed.conf"
	lacks 'allow = api.anthropic.com'
}

@test "deny is for everybody, whatever allows it" {
	echo 'deny = {"paste.test"}' >"$MANAGED"
	expect 0 managed pen --allow paste.test --print true
	has "--deny paste.test"
	echo 'profile default { deny = {} }' >"$CONF"
	expect 0 managed pen --print=conf true
	has "deny = paste.test	# /etc/pen/managed.conf"
}

@test "network, nesting, debug, perf and processes are limits, not values" {
	cat >"$MANAGED" <<-'END'
		network = "offline" # nothing
		nesting = false
		debug = false /* no
		tracing */
		processes = 100
	END
	expect 0 managed pen --print=conf true
	has "network = offline	# /etc/pen/managed.conf"
	has "processes = 100	# /etc/pen/managed.conf"
	local option
	for option in '--open' --nested --debug; do
		expect 125 managed pen $option true
		has "/etc/pen/managed.conf says"
		has "hint: what /etc/pen/managed.conf decides"
	done
	echo 'profile default { nesting = true processes = 50 }' >"$CONF"
	expect 0 managed pen --print=conf true
	has "nesting 'true' ($CONF, profile default) does not count"
	has "nesting = false	# /etc/pen/managed.conf"
	has "processes = 50	# $CONF"
	expect 0 managed pen true
}

@test "overlay: the project itself cannot be changed by a run" {
	echo 'overlay = true' >"$MANAGED"
	expect 125 managed pen --no-overlay true
	has "overlay 'false' (command line): /etc/pen/managed.conf says true"
	expect 0 managed pen --print=conf true
	has "overlay = true	# /etc/pen/managed.conf"
	# nobody chose pen's own value: nothing is said of it
	lacks 'does not count'
	echo 'profile default { overlay = false }' >"$CONF"
	expect 0 managed pen --offline sh -c 'echo run >made'
	has "overlay 'false' ($CONF, profile default) does not count"
	[ ! -e made ]
	expect 0 managed pen --offline --overlay=other sh -c 'echo run >made'
	[ ! -e made ]
	# the control
	expect 0 pen --offline sh -c 'echo run >made'
	[ -e made ]
}

@test "memory, cpu and time are limits, in whatever unit" {
	printf 'memory = 8G\ncpu = 1.5\ntime = 2h\n' >"$MANAGED"
	expect 0 managed pen --print=conf true
	has "memory = 8G	# /etc/pen/managed.conf"
	has "cpu = 1.5	# /etc/pen/managed.conf"
	has "time = 2h	# /etc/pen/managed.conf"
	expect 0 managed pen --memory 512M --cpu 0.5 --time 119m --print=conf true
	has 'memory = 512M	# command line'
	has 'cpu = 0.5	# command line'
	has 'time = 119m	# command line'
	local option
	for option in '--memory 9G' '--memory none' '--cpu 2' '--time 121m' \
		'--time 1d'; do
		# shellcheck disable=SC2086 # two words
		expect 125 managed pen $option true
		has "/etc/pen/managed.conf says"
	done
}

@test "at_end: what is left by a run cannot be passed over" {
	echo 'at_end = tell' >"$MANAGED"
	echo 'profile default { at_end = nothing }' >"$CONF"
	expect 0 managed pen --print=conf true
	has "at_end 'nothing' ($CONF, profile default) does not count"
	has "at_end = tell	# /etc/pen/managed.conf"
	echo 'profile default { at_end = ask }' >"$CONF"
	expect 0 managed pen --print=conf true
	has "at_end = ask	# $CONF"
}

@test "what runs cannot be let out by pen-ctl, and the refusal names the file" {
	echo 'allow_only = {"allowed.test"}' >"$MANAGED"
	cat >"$T/inside" <<-'END'
		getent hosts evil.test
		mkfifo "$PWD/go"
		echo ready >"$PWD/ready"
		read -r x <"$PWD/go"
	END
	cat >"$T/outside" <<-'END'
		pen --allow allowed.test sh -c ". ./inside" &
		until [ -e ready ]; do kill -0 $! || exit 9; done
		pen-ctl allow evil.test
		echo "status $?"
		pen-ctl denied
		echo >go
		wait
		cat "$HOME"/.local/state/pen/log/*.jsonl
	END
	cp "$T/inside" inside
	expect 0 managed bash "$T/outside"
	has "pen-ctl: allow 'evil.test': /etc/pen/managed.conf does not allow it"
	has "status 125"
	[[ $output == *'"name":"evil.test"'*'"why":"/etc/pen/managed.conf does not allow it"'* ]]
	lacks '"allow":"evil.test"'
}

@test "a file that is wrong, or not root's alone, is fatal" {
	local text
	for text in 'allow_only = {"@github"}' 'allow_only = {"a b"}' 'nonsense = 1' \
		'allow_only = {}' 'deny = {"${X}"}' 'network = "closed"' 'nesting = maybe' \
		'deny = {"a.test"'; do
		echo "$text" >"$MANAGED"
		X=x.test expect 125 managed pen --offline true
		has "/etc/pen/managed.conf"
	done
	echo 'nesting = false' >"$MANAGED"
	chmod 666 "$MANAGED"
	expect 125 managed pen --offline true
	has "can be written by others than root"
	chmod 644 "$MANAGED"
	expect 0 managed pen --offline true
	: >"$MANAGED"
	expect 0 managed pen --offline true
}
