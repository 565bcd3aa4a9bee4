#!/usr/bin/env bats
# git over https by pen-key: a real git, and git-http-backend on loopback TLS.
load ../lib/common
load ../lib/agents
load ../lib/key

TOKEN=PLANTED-TOKEN-0123456789abcdefghijklmnop

setup_file() {
	agent_ca
}

setup() {
	scratch
	git_host
	api_up "$ROOT/tests/lib/git_server.py" "$CA/api.pem" "$CA/key.pem" \
		"$T/host.log" "$T/host"
}

teardown() {
	key_down
}

# key_git OPTION… : pen-key before the host; git's URLs of it lead there
key_git() {
	local port
	port=$(free_ports)
	SSL_CERT_FILE=$CA/ca.pem pen-key --listen "127.0.0.1:$port" \
		--upstream https://git.example.org --from git \
		--connect-to "git.example.org:443:127.0.0.1:$PORT" \
		--repository private/one --log "$T/log" "$@" \
		2>"$T/key.errors" 3>&- &
	KEY=$!
	until_true key_serves "$port" || {
		cat "$T/key.errors" >&2
		return 1
	}
	URL=http://127.0.0.1:$port
	# who asks has no credential of its own, and cannot reach the host
	export GIT_CONFIG_GLOBAL=$T/inside
	git config --global "url.$URL/.insteadOf" https://git.example.org/
	git config --global user.name pen
	git config --global user.email pen@example.org
}
ONE=https://git.example.org/private/one.git

cloned() {
	expect 0 git clone -q "$ONE" clone
	cd clone
	echo "$BATS_TEST_NUMBER" >new
	git add new
	git commit -qm new
}
host_ref() {
	git -C "$T/host/private/$1.git" rev-parse -q --verify "$2"
}
# refused_push WHY ARGUMENT… : git shows why, and the host has not heard of it
refused_push() {
	local why=$1 before
	shift
	before=$(grep -c '"POST"' "$T/host.log" || :)
	expect 1 git push -q "$@"
	has "$why"
	[ "$(grep -c '"POST"' "$T/host.log" || :)" -eq "$before" ]
}

@test "clone, fetch and pull work in every version of git's protocol" {
	local version
	key_git
	for version in 0 1 2; do
		git config --global protocol.version "$version"
		expect 0 git clone -q "$ONE" "clone$version"
		[ -e "clone$version/file" ]
		host_commit
		expect 0 git -C "clone$version" pull -q
		[ "$(git -C "clone$version" rev-parse HEAD)" = "$(host_ref one main)" ]
	done
	expect 0 git clone -q --depth 1 "$ONE" shallow
	expect 0 git -C shallow fetch -q --unshallow
	[ "$(jq -r .credential "$T/host.log" | sort -u)" = "user:$TOKEN" ]
	grep -q '"protocol": "version=2"' "$T/host.log"
	# what is asked for is longer than git sends as it is
	git -C "$T/host/private/one.git" update-ref --stdin < <(
		for i in {1..60}; do
			echo "create refs/heads/b$i main"
		done
	)
	for i in {1..40}; do
		host_commit "b$i"
	done
	expect 0 git -C shallow fetch -q origin 'refs/heads/*:refs/heads/all/*'
	grep -q '"encoding": "gzip"' "$T/host.log"
	lacks PLANTED
}

@test "a push passes to the refs that were named, whatever its size, and is logged" {
	key_git --push 'refs/heads/pen/*'
	cloned
	expect 0 git push -q origin HEAD:pen/a
	[ "$(host_ref one refs/heads/pen/a)" = "$(git rev-parse HEAD)" ]
	head -c 3000000 /dev/urandom >large
	git add large
	git commit -qm large
	expect 0 git push -q origin HEAD:pen/a HEAD:pen/b
	[ "$(host_ref one refs/heads/pen/b)" = "$(git rev-parse HEAD)" ]
	git tag -m a sign
	expect 0 git push -q --atomic origin HEAD:pen/c
	run jq -r 'select(.method == "PUSH") | "\(.path) \(.status) \(.why)"' "$T/log"
	has "/private/one.git 200 refs/heads/pen/c 0000000000..$(git rev-parse --short=10 HEAD)"
	expect 1 grep -r "$TOKEN" "$T/log" "$T/key.errors" .
}

@test "without --push no push passes, and git says so" {
	key_git
	cloned
	expect 128 git push -q origin HEAD:pen/a
	has 'remote: pen-key: a push does not pass: the user has to name the refs'
	expect 1 grep receive-pack "$T/host.log"
	# the control
	GIT_SSL_CAINFO=$CA/ca.pem expect 0 git \
		push -q "https://user:$TOKEN@localhost:$PORT/private/one.git" HEAD:pen/a
	host_ref one refs/heads/pen/a
}

@test "a push is refused whole for a ref outside the pattern, a deletion, or what cannot be judged" {
	key_git --push 'refs/heads/pen/*' --push refs/tags/v1
	cloned
	expect 0 git push -q origin HEAD:pen/a
	refused_push '[remote rejected] HEAD -> main (pen-key: this ref is not one that may be pushed' \
		origin HEAD:main
	refused_push 'nothing of this push was sent' origin HEAD:pen/b HEAD:main
	refused_push 'HEAD -> pen (pen-key: this ref' origin HEAD:refs/heads/pen
	refused_push 'this ref is not one' origin HEAD:refs/heads/penx/a
	refused_push 'this ref is not one' origin HEAD:refs/tags/v10
	refused_push 'deleting a ref does not pass' origin :pen/a
	refused_push 'deleting a ref does not pass' origin HEAD:pen/b :pen/a
	host_ref one refs/heads/pen/a
	expect 1 host_ref one refs/heads/pen/b
	# the controls: what is named passes, and the host would do all of it
	expect 0 git push -q origin HEAD:refs/tags/v1
	expect 0 git push -q "$T/host/private/one.git" HEAD:penx :pen/a
}

# pkt TEXT : as a pkt-line; \0 and \n are what they are to printf
pkt() {
	local n
	# shellcheck disable=SC2059 # a format
	n=$(printf "$1" | wc -c)
	printf "%04x$1" "$((n + 4))"
}
# post WHY-OR-STATUS : what is read, as a push
post() {
	run -0 curl -sS -m 20 --data-binary @- -w '\n%{http_code}\n' \
		-H 'content-type: application/x-git-receive-pack-request' \
		"${@:2}" "$URL/private/one.git/git-receive-pack"
	has "$1"
	expect 1 grep '"POST"' "$T/host.log"
}

@test "a second command, smuggled in whatever way, does not pass" {
	local zero new caps='report-status'
	key_git --push 'refs/heads/pen/*'
	zero=$(printf %040d 0)
	new=$(host_ref one main)
	bad="$zero $new refs/heads/main"
	good="$zero $new refs/heads/pen/a"
	{ pkt "$good\0$caps" && pkt "$bad" && printf 0000; } |
		post 'ng refs/heads/main pen-key: this ref'
	{ pkt "$good\0$caps" && pkt "$bad\0$caps" && printf 0000; } |
		post 'cannot be read'
	{ pkt "$good\0$caps\n$bad" && printf 0000; } | post 'not text'
	{ pkt "$good\n$bad\0$caps" && printf 0000; } | post 'a name that does not pass'
	{ pkt "$good\0$caps" && printf 0004 && pkt "$bad" && printf 0000; } |
		post 'does not begin with commands'
	{ pkt "$good\0$caps" && printf 0001 && pkt "$bad" && printf 0000; } |
		post 'does not begin with commands'
	{ pkt "push-cert\0$caps" && pkt "$bad" && printf 0000; } |
		post 'a signed push does not pass'
	{ pkt "$good\0$caps push-options" && printf 0000 &&
		pkt 'merge_request.merge_when_pipeline_succeeds' && printf 0000; } |
		post 'push options do not pass'
	{ pkt "$good\0$caps a-new-one" && printf 0000; } | post 'unknown'
	{ pkt "$zero ${new^^} refs/heads/pen/a\0$caps" && printf 0000; } |
		post 'cannot be read'
	{ pkt "$zero $new refs/heads/pen/../main\0$caps" && printf 0000; } |
		post 'a name that does not pass'
	pkt "$good\0$caps" | post 'is not complete'
	{ pkt "$good\0$caps" && printf 0000; } | gzip |
		post 'a push as it is' -H 'content-encoding: gzip'
	{ pkt "$good\0$caps" && pkt "$bad" && printf 0000; } |
		post 'ng refs/heads/main' -H 'transfer-encoding: chunked'
	# two requests are judged apart
	expect 1 host_ref one refs/heads/pen/a
}

@test "no other repository or request of the host passes, and git says so" {
	local path
	key_git --push 'refs/heads/*'
	expect 128 git clone -q https://git.example.org/private/two.git
	has "remote: pen-key: /private/two.git/info/refs is not one of the project's remotes"
	expect 128 git clone -q https://git.example.org/public/free
	expect 128 git ls-remote https://git.example.org/private/one.git/../two.git
	for path in /private/one.git/HEAD /private/one.git/info/refs \
		'/private/one.git/info/refs?service=git-upload-archive' \
		'/private/one.git/info/refs?service=git-upload-pack&a=b' \
		/private/one.git/objects/info/packs / /private/one.git \
		/private/one.git/../two.git/info/refs?service=git-upload-pack \
		'/private/one%2egit/info/refs?service=git-upload-pack' \
		'//private/one.git/info/refs?service=git-upload-pack'; do
		run -0 curl -sS -m 20 --path-as-is -w '\n%{http_code}\n' "$URL$path"
		[ "${lines[-1]}" = 400 ]
	done
	run -0 curl -sS -m 20 -d '{}' "$URL/private/one.git/info/lfs/objects/batch"
	[ "$(jq -r .message <<<"$output")" = "pen-key: git-lfs does not pass: only git's own objects do. git-lfs has to be used outside the pen" ]
	run -0 curl -sS -m 20 -H "Authorization: Basic $(base64 <<<a:b)" \
		"$URL/private/one.git/info/refs?service=git-upload-pack"
	has 'is not the placeholder'
	[ ! -s "$T/host.log" ]
}

@test "the credential is the user's helpers' alone, and none is a line" {
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=credential.helper \
		GIT_CONFIG_VALUE_0='!touch "'"$T"'/ran" #' \
		GIT_ASKPASS=$T/ask SSH_ASKPASS=$T/ask
	printf '#!/bin/sh\ntouch "%s/ran"; echo a\n' "$T" >"$T/ask"
	chmod +x "$T/ask"
	git init -q .
	git config credential.helper '!touch "'"$T"'/ran" #'
	# the control: git here would run them
	git credential fill <<<$'protocol=https\nhost=other.example\n' || :
	[ -e "$T/ran" ]
	rm "$T/ran"
	key_git
	unset GIT_CONFIG_COUNT GIT_ASKPASS SSH_ASKPASS
	expect 0 git ls-remote "$ONE"
	[ ! -e "$T/ran" ]
	kill "$KEY"
	wait "$KEY" || :
	unset GIT_CONFIG_GLOBAL
	rm "$T/inside"
	: >"$HOME/.git-credentials"
	key_git --repository public/free
	run cat "$T/key.errors"
	has 'git has no credential for git.example.org: requests to it have none'
	expect 0 git ls-remote https://git.example.org/public/free.git
	expect 128 git ls-remote "$ONE"
	has "pen-key: the API does not take the user's credential (401)"
}

@test "an answer with the credential is cut, and one that leads away is not followed" {
	local service path
	key_git --repository private/moved --repository private/echo --push refs/heads/a
	for service in upload receive; do
		path=private/echo/info/refs?service=git-$service-pack
		run curl -sS -m 20 "$URL/$path"
		lacks "$TOKEN"
		lacks "$(printf 'user:%s' "$TOKEN" | base64 -w 0)"
		# the control
		run -0 curl -sSk -m 20 -u "user:$TOKEN" "https://localhost:$PORT/$path"
		[ "$(printf %s "$output" | tail -c 40)" = "${TOKEN: -40}" ] ||
			has "$(printf 'user:%s' "$TOKEN" | base64 -w 0)"
	done
	[ "$(grep -c 'answer held the credential' "$T/log")" -eq 2 ]
	expect 128 git ls-remote https://git.example.org/private/moved
	has 'remote: pen-key: the repository has moved'
}
