#!/usr/bin/env bats
# man/: every line of the EXAMPLES of these pages is run, in a home where the
# programs that they name are there.  pen-ns(1), pen-net(1) and others have
# tests of their own for theirs; make lint looks that every page has one.
#
# Stand-ins: claude, codex, psql and mcp-server, as a recipe is about what is
# around them; systemd-run, because no test has a systemd of its own; docker.

load ../lib/common

PAGES='pen.1 pen-filter.1 pen-policy.1 pen-shim.1 pen-sni.1 pen.7 pen-cookbook.7 pen.conf.5'

setup() {
	scratch
	mkdir -p "$T/bin" "$HOME/.cargo/bin" "$HOME/.rustup" "$HOME/src/library" \
		"$HOME/src/documentation" "$HOME/src/site" \
		"$HOME/.local/state/pen/log"
	PATH=$BIN:$T/bin:/usr/bin:/bin:/usr/sbin:/sbin
	program claude 'echo "claude $*"'
	program codex 'echo codex; git commit -q --allow-empty -m codex'
	# a reached port may be refused at first: pen-net(1)
	program psql 'until { exec 3<>/dev/tcp/127.0.0.1/5432; } 2>/dev/null; do
		read -rt 0.02 <> <(:); done; cat <&3'
	program mcp-server 'exec python3 -m http.server "$2"'
	program gpg 'cat >/dev/null; echo "[GNUPG:] SIG_CREATED " >&2; echo SIGNED'
	program docker '[[ $* == *"systempaths=unconfined image pen claude" ]]'
	program systemd-run 'while [[ $1 == -* ]]; do
		[[ $1 != -p ]] || shift; shift; done; exec "$@"'
	git config --global user.name A
	git config --global user.email a@example.org
	printf 'test:\n\t@echo tested\nfetch:\n\t@echo fetched\n' >Makefile
	printf '#!/bin/sh\necho client\n' >client
	chmod +x client
	echo 'the password is' >notes
	git init -q -b main .
	git add .
	git commit -qm one
	git checkout -q -b work
	echo more >>notes
	git commit -qam two
	touch "$HOME/.ssh/known_hosts" "$HOME/.ssh/deploy"
	echo '{"verdict":"refused","allow":"pypi.org"}' \
		>"$HOME/.local/state/pen/log/20260101T000000Z-1.jsonl"
	export SSH_AUTH_SOCK=$HOME/agent
	python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$SSH_AUTH_SOCK"
}

program() {
	printf '#!/bin/bash\n%s\n' "$2" >"$T/bin/$1"
	chmod +x "$T/bin/$1"
}

# examples PAGE : its commands, a line each, with a line "%" before each part
examples() {
	sed -nE '/^\.Sh EXAMPLES/,/^\.Sh (DIAG|SEE)/{
		s/^\.Ss .*/%/p
		/^\.Bd/,/^\.Ed/d
		s/^\.Dl "?(\$ )?(.*)/\2/p
	}' "$ROOT/man/$1" | sed 's/\\(dq/\o1/g; s/"$//; s/\o1/"/g; s/\\e$/\\/' |
		sed ':a; /\\$/{N; s/\\\n//; ta}'
}

# blocks PAGE FILE : the Nth block of text of its EXAMPLES to FILE.N
blocks() {
	awk -v out="$2" '/^\.Sh/ { on = /EXAMPLES/ }
		on && /^\.Bd/ { n++; text = 1; next }
		/^\.Ed/ { text = 0 }
		text { print > (out "." n) }' "$ROOT/man/$1"
}

# connects PORT : does something listen there?
connects() {
	(exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# play : runs the commands of stdin as they would be typed, one after the other,
# and says which failed.  What goes on in the background, or would, is waited
# for until it listens, and ended at the end of its part.
play() {
	local line port failed=0
	# shellcheck source=shell/pen.bash
	. "$B/shell/pen.bash"
	pen_end() {
		for port in $(jobs -p); do kill -- "-$port"; done 2>/dev/null
		wait
		cd "$HOME/src/project" || return
	}
	while IFS= read -r line <&9; do
		case $line in
		%) pen_end; continue ;;
		*--listen* | *'&') line="${line%&} &" ;;
		*--reach\ 5432*) python3 -c 'import socket
s = socket.create_server(("127.0.0.1", 5432)); s.settimeout(9); s.accept()[0].sendall(b"rows")' &
			until_true listens 5432
			;;
		esac
		echo "\$ $line"
		set -m
		eval "$line" </dev/null 9<&-
		port=$?
		set +m
		case $line in
		*'&')
			port=${line##*--publish }
			port=${port##*--listen 127.0.0.1:}
			until_true connects "${port%% *}"
			;;
		*'curl --connect-to'*) [ "$port" -eq 35 ] || failed=1 ;;
		*) [ "$port" -eq 0 ] || { echo "FAILED: $port"; failed=1; } ;;
		esac
	done
	pen_end
	return "$failed"
}

# listens PORT : without using up the one connection that is waited for
listens() {
	grep -q " 0100007F:$(printf %04X "$1") 00000000:0000 0A" /proc/net/tcp
}

# run_page PAGE N : at least N commands, all of which work
run_page() {
	examples "$1" >"$T/commands"
	[ "$(grep -vc '^%' "$T/commands")" -ge "$2" ]
	expect 0 play 9<"$T/commands"
	lacks FAILED
}

@test "pen(1): the examples work" {
	run_page pen.1 5
	has "claude"
	has tested
}

@test "pen(7): the examples work" {
	run_page pen.7 5
}

@test "pen-filter(1): the examples work" {
	run_page pen-filter.1 2
	[ -s trace.txt ]
}

@test "pen-policy(1): the examples work" {
	run_page pen-policy.1 2
}

@test "pen-shim(1): the examples work" {
	run_page pen-shim.1 5
	has "claude --version"
}

@test "pen-sni(1): the examples work" {
	run_page pen-sni.1 3
	has fetched
	has client
}

@test "pen-cookbook(7): the recipes work" {
	run_page pen-cookbook.7 30
	has rows
	has "the password is"
	has "claude -p run the tests"
	has "1 pypi.org"
	has codex
	[ "$(git log -1 --format=%s fix)" = codex ]
	git rev-list main..work | git cat-file --batch | grep -q SIGNED
	[ -s trace.txt ]
}

@test "the texts for pen.conf on the pages are accepted" {
	local page f n=0
	for page in pen.conf.5 pen-cookbook.7; do
		blocks $page "$T/block"
		for f in "$T"/block.*; do
			# the others are files and scripts
			grep -m 1 . "$f" |
				grep -qE '^(agent|profile|project|group|#|//)' ||
				continue
			expect 0 pen --config "$f" --print=conf true
			n=$((n + 1))
		done
		rm "$T"/block.*
	done
	[ $n -ge 8 ]
}

@test "the first screen of man pen has the commands, and leads to the overview" {
	expect 0 mandoc -T utf8 -O width=78 "$ROOT/man/pen.1"
	output=$(printf '%s\n' "${lines[@]}" | head -n 40 | sed 's/.\x08//g')
	has 'man 7 pen'
	local command n=0
	while read -r command; do
		n=$((n + 1))
		has "$command"
		run timeout 20 sh -c "$command" </dev/null
		[ "$status" -eq 0 ] ||
			[[ $command == pen-ctl* && $output == *'no pen is running'* ]]
		output=$(mandoc -T utf8 -O width=78 "$ROOT/man/pen.1" |
			sed 's/.\x08//g')
	done < <(sed -n '/^\.Ss Everyday/,/^\.El/s/^\.It Li "\(.*\)"/\1/p' \
		"$ROOT/man/pen.1")
	[ "$n" -ge 6 ]
}

@test "the overview, pen(7), is three screens" {
	run mandoc -T utf8 -O width=78 "$ROOT/man/pen.7"
	[ "$status" -eq 0 ]
	[ "${#lines[@]}" -gt 40 ]
	[ "${#lines[@]}" -le 150 ]
}
