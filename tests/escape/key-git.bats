#!/usr/bin/env bats
# git over https in a pen: the user's credential, other repositories of the same
# account, and the host as a way out.  The host is git-http-backend on loopback
# TLS, and what runs inside is a real git.

load ../lib/common
load ../lib/agents
load ../lib/key

TOKEN=PLANTED-TOKEN-0123456789abcdefghijklmnop
ONE=https://git.example.org/private/one.git

setup_file() {
	agent_ca
}

setup() {
	scratch
	git_host
	api_up "$ROOT/tests/lib/git_server.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/host.log" "$T/host"
	export SSL_CERT_FILE=$CA/ca.pem
	git config --global user.name me
	git config --global user.email me@example.org
	git clone -q "$T/host/private/one.git" .
	git remote set-url origin "$ONE"
	cp "$CA/ca.pem" .
	mkdir -p "$HOME/.config/pen"
	conf 'key_git = {"git.example.org"}
		key_git_push = {"git.example.org refs/heads/pen/*"}'
}

teardown() {
	key_down
}

conf() {
	echo "profile default { $1 }" >"$HOME/.config/pen/pen.conf"
}
penned() {
	pen --connect-to "git.example.org:443:127.0.0.1:$PORT" "$@"
}
# outside COMMAND… : git that reaches the host as the user's does
outside() {
	git -c http.sslCAInfo="$CA/ca.pem" \
		-c "url.https://user:$TOKEN@localhost:$PORT/.insteadOf=https://git.example.org/" \
		"$@"
}

@test "fetch, clone, pull and push work inside, and the push is told at the end" {
	local url
	for url in "$ONE" "${ONE%.git}/" git@git.example.org:private/one.git \
		ssh://git@git.example.org/private/one https://user@git.example.org/private/one; do
		git remote set-url origin "$url"
		host_commit
		expect 0 penned sh -c 'git pull -q && git clone -q "$(git config remote.origin.url)" /tmp/clone'
		[ "$(git rev-parse HEAD)" = "$(git -C "$T/checkout" rev-parse HEAD)" ]
	done
	expect 0 penned sh -c 'git commit -q --allow-empty -m new && git push -q origin HEAD:pen/a'
	has "pen: push sent: git.example.org/private/one refs/heads/pen/a 0000000000..$(git rev-parse --short=10 HEAD)"
	[ "$(git -C "$T/host/private/one.git" rev-parse pen/a)" = "$(git rev-parse HEAD)" ]
	grep -q '"method":"PUSH"' "$HOME"/.local/state/pen/log/*.jsonl
	expect 0 penned cat /run/pen/README
	has 'git.example.org private/one'
	has 'gh, glab and git-lfs have no credential here'
	expect 1 penned git push -q origin HEAD:main
	has '[remote rejected] HEAD -> main (pen-key: this ref is not one that may be pushed'
	lacks 'push sent'
}

@test "the credential is nowhere inside, nor in what pen writes outside" {
	# what it is on requests, but for what depends on what is before it, and
	# backwards, as a script that looks for it is not to be found
	CODED=$(printf 'user:%s' "$TOKEN" | base64 -w 0 | cut -c 9-40)
	rev <<<"$CODED" >coded
	cat >look <<-'END'
		git ls-remote -q >refs || echo FAILED
		printf 'protocol=https\nhost=git.example.org\n\n' |
			git credential fill 2>/dev/null
		grep -rsal -e PLANT[E]D -e "$(rev <coded)" / --devices=skip \
			--exclude-dir=usr --exclude-dir=sys --exclude-dir=proc \
			--exclude-dir=lib
		grep -sal PLANT[E]D /proc/[0-9]*/environ /proc/[0-9]*/cmdline
		echo THE END
	END
	penned true # which tells that git reaches it
	expect 0 penned sh look
	equals 'THE END'
	# the control: where the helper's file is shown it is there to be found
	expect 0 penned --ro "$HOME/.git-credentials" sh look
	has .git-credentials
	rm look
	expect 1 grep -rsaF -e PLANTED -e "$CODED" "$HOME/.local" "$XDG_RUNTIME_DIR" .
	expect 0 penned --print true
	has "--repository private/one"
	lacks PLANTED
	expect 0 penned --print=conf true
	has 'outside = git.example.org private/one'
	lacks PLANTED
}

@test "nothing else of the host is reached: no other repository, request or protocol" {
	local what
	outside ls-remote https://git.example.org/private/two.git >"$T/control"
	[ -s "$T/control" ]
	rm "$T/host.log"
	key_down
	api_up "$ROOT/tests/lib/git_server.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/host.log" "$T/host"
	expect 128 penned git ls-remote https://git.example.org/private/two.git
	has "remote: pen-key: /private/two.git/info/refs is not one of the project's remotes"
	# the start counts, whatever the run makes of its configuration
	expect 128 penned sh -c 'git remote set-url origin https://git.example.org/private/two.git
		git fetch'
	has "is not one of the project's remotes"
	for what in https://git.example.org/private/one.git/HEAD \
		http://git.example.org:443/ http://git.example.org/private/two.git/HEAD; do
		run penned --allow git.example.org --allow '*.example.org' sh -c \
			"curl -sS -m 20 --cacert ca.pem -u user:$TOKEN $what; echo THE END"
		has 'THE END'
	done
	run penned --allow other.example.org sh -c 'git -c http.sslCAInfo=$PWD/ca.pem ls-remote https://other.example.org/private/one; echo THE END'
	has 'THE END'
	[ ! -s "$T/host.log" ]
}

@test "a remote that a run makes is not reached by the next run, nor those of a new repository" {
	outside ls-remote https://git.example.org/private/two.git
	expect 0 penned git remote add two https://git.example.org/private/two.git
	has 'key_git: git reaches git.example.org/private/one with your credential'
	expect 0 git config remote.two.url
	expect 128 penned git fetch two
	has "is not one of the project's remotes"
	has 'key_git: git.example.org/private/two is a new remote of the project: git does not reach it'
	lacks 'with your credential'
	expect 0 penned --print true
	lacks '--repository private/two'
	# the control: once the user says so
	expect 0 penned --new-remotes git fetch -q two
	has 'key_git: git reaches git.example.org/private/two with your credential'
	expect 0 penned git fetch -q two
	lacks 'your credential'
	# where there was no repository
	mkdir ../new
	cd ../new
	cp "$CA/ca.pem" .
	expect 0 penned sh -c 'git init -q && git remote add two https://git.example.org/private/two.git'
	expect 128 penned git fetch two
	has 'git.example.org/private/two is a new remote'
	expect 0 penned --new-remotes git fetch -q two
}

@test "without key_git_push, a helper or a remote: no push, no credential, no key" {
	conf 'key_git = {"git.example.org"}'
	expect 128 penned git push -q origin HEAD:pen/a
	has 'remote: pen-key: a push does not pass'
	rm "$HOME/.git-credentials"
	expect 128 penned git fetch
	has 'git has no credential for git.example.org: requests to it have none'
	expect 0 penned --deny git.example.org true
	lacks 'no credential'
	expect 0 penned --offline true
	expect 0 penned --no-key true
	lacks 'no credential'
	expect 0 pen --open true
	has 'key_git has no say'
	git remote set-url origin https://other.example.org/a/b
	expect 0 penned --print true
	lacks pen-key
}
