# Real clients in a pen, none of them told about a proxy: what is allowed works,
# and the same client is refused what is not.  The servers are on the host's
# loopback and stand for public hosts (--connect-to).

load ../lib/common

setup_file() {
	export W=$BATS_FILE_TMPDIR/world
	local name names=()
	for name in web.test api.test git.test npm.corp.test pip.corp.test \
		other.test; do
		names+=(--name "$name")
		mkdir -p "$W/$name"
		echo "hello from $name" >"$W/$name/hello"
	done
	mkdir -p "$W/archive.test"
	echo "hello from archive.test" >"$W/archive.test/hello"
	# the certificates are tls_server.py's
	"$ROOT/tests/lib/tls_server.py" "$W" "${names[@]}" >"$W/made" \
		2>/dev/null </dev/zero 3>&- &
	local maker=$!
	until_true grep -qs ready "$W/made"
	kill $maker
	node "$ROOT/tests/lib/world.js" "$W" >"$W/ready" 3>&- &
	echo $! >"$W/pids"
	until_true grep -qs ready "$W/ready"
}

teardown_file() {
	xargs kill <"$BATS_FILE_TMPDIR/world/pids"
}

setup() {
	scratch
	unshare -Urn true 2>/dev/null || skip_missing "user namespaces"
	read -r _ TLS PLAIN <"$W/ready"
	cp "$W/ca.pem" ca.pem
}

teardown() {
	[ ! -e "$T/server.pid" ] || kill "$(<"$T/server.pid")"
}

# in_pen OPTION… -- COMMAND… : ports 443 and 80 are the world's
in_pen() {
	pen --connect-to ":443:127.0.0.1:$TLS" \
		--connect-to ":80:127.0.0.1:$PLAIN" "$@"
}

# logged FILTER : some line of some log satisfies this jq condition
logged() {
	jq -es "any(.[]; $1)" "$HOME"/.local/state/pen/log/*.jsonl >/dev/null
}

@test "curl, by HTTP/1.1 and HTTP/2" {
	expect 0 in_pen --allow web.test curl -sS --cacert ca.pem --http1.1 \
		-w '%{http_version}' https://web.test/hello
	[ "$output" = $'hello from web.test\n1.1' ]
	expect 0 in_pen --allow web.test curl -sS --cacert ca.pem --http2 \
		-w '%{http_version}' https://web.test/hello
	[ "$output" = $'hello from web.test\n2' ]
	expect 6 in_pen --allow web.test curl -sS --cacert ca.pem \
		https://other.test/hello
}

@test "ping of an allowed name fails and says why; localhost answers" {
	command -v ping || skip_missing ping
	expect 1 in_pen --allow web.test ping -c 1 web.test
	has 'Packet filtered'
	lacks 'bytes from'
	expect 2 in_pen --allow web.test ping -c 1 other.test
	expect 0 in_pen ping -c 1 localhost
	has 'bytes from'
	expect 0 in_pen ping -c 1 127.0.0.1
}

@test "curl, several hosts under one wildcard at a time" {
	expect 0 in_pen --allow '*.corp.test' --allow api.test curl -sS -Z \
		--cacert ca.pem https://npm.corp.test/hello \
		https://pip.corp.test/hello https://api.test/hello
	has "hello from npm.corp.test"
	has "hello from pip.corp.test"
	has "hello from api.test"
}

@test "curl, by plain HTTP" {
	expect 0 in_pen --allow http://archive.test curl -sS \
		http://archive.test/hello http://archive.test/hello
	[ "$output" = $'hello from archive.test\nhello from archive.test' ]
	expect 0 in_pen --allow http://archive.test curl -sS -o /dev/null \
		-w '%{http_code}' -H 'Host: other.test' http://archive.test/
	has 403
}

# bare COMMAND… : on a host without /dev/net/tun, and without pasta on PATH
bare() {
	mkdir -p "$T/bin"
	ln -sf "$(type -P curl)" "$T/bin/curl"
	PATH=$T/bin expect "$1" "$(type -P bwrap)" --dev-bind / / \
		--tmpfs /dev/net "$BIN/pen" "${@:2}"
}

@test "a host without /dev/net/tun and pasta reaches what is allowed all the same" {
	command -v bwrap >/dev/null || skip_missing bwrap
	bare 0 --connect-to ":443:127.0.0.1:$TLS" --allow web.test \
		curl -sS --cacert ca.pem https://web.test/hello
	[ "$output" = "hello from web.test" ]
	bare 0 --reach "$TLS" --publish "$((TLS + 1))" \
		curl -sS --cacert ca.pem --resolve "web.test:$TLS:127.0.0.1" \
		"https://web.test:$TLS/hello"
	[ "$output" = "hello from web.test" ]
	bare 125 --open curl https://web.test/hello
	has "cannot find 'pasta' on PATH"
	has "hint: --open needs it"
	ln -s "$(type -P true)" "$T/bin/pasta"
	bare 125 --open curl https://web.test/hello
	has "cannot open /dev/net/tun"
	has "hint: pasta needs it for --open"
}

@test "a proxy on the host decides for every pen that is sent there" {
	local port proxy
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	pen-sni --listen "127.0.0.1:$port" --allow web.test --log - \
		--connect-to ":443:127.0.0.1:$TLS" >"$T/proxy.log" 3>&- &
	echo $! >"$T/server.pid"
	proxy=127.0.0.1:$port
	connects() { (: </dev/tcp/127.0.0.1/"$port") 2>/dev/null; }
	until_true connects
	expect 0 pen --proxy "$proxy" curl -sS --cacert ca.pem \
		https://web.test/hello
	has "hello from web.test"
	# the pen's own lists have no say, and the proxy's do
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { allow = {"other.test"} }' \
		>"$HOME/.config/pen/pen.conf"
	expect 35 pen --proxy "$proxy" curl -sS --cacert ca.pem \
		https://other.test/hello
	has "access denied"
	grep -q '"verdict":"refused","name":"other.test"' "$T/proxy.log"
	expect 0 pen --proxy "$proxy" --reach "$TLS" curl -sS --cacert ca.pem \
		--connect-to "::127.0.0.1:$TLS" https://other.test/hello
	has "hello from other.test"
	# the servers themselves, and the proxy's own port, are not there
	local a
	for a in "127.0.0.1:$TLS" "127.0.0.1:$port" "198.18.0.1:$TLS" \
		"[::1]:$TLS"; do
		expect 7 pen --proxy "$proxy" curl -sS --cacert ca.pem \
			--connect-to "::$a" https://web.test/hello
	done
	expect 7 pen --proxy "$proxy" curl -sS http://archive.test/hello
}

# a repository with one commit, as a bare one at $1
repository() {
	git init -q -b main "$T/made"
	git -C "$T/made" -c user.name=a -c user.email=a@example.org commit \
		-q --allow-empty -m first
	git clone -q --bare "$T/made" "$1"
	git -C "$1" update-server-info
}

@test "git, over https" {
	rm -rf "$W/git.test/r.git"
	repository "$W/git.test/r.git"
	expect 0 in_pen --allow git.test git -c http.sslCAInfo=ca.pem \
		clone -q https://git.test/r.git r
	[ "$(git -C r log --format=%s)" = first ]
	expect 128 in_pen --allow web.test git -c http.sslCAInfo=ca.pem \
		clone -q https://git.test/r.git s
	has "Could not resolve host"
}

@test "git, over ssh to a real sshd" {
	local port sshd
	PATH=$PATH:/usr/sbin
	sshd=$(type -P sshd) || skip_missing sshd
	repository "$T/r.git"
	ssh-keygen -q -t ed25519 -N '' -f "$T/hostkey"
	ssh-keygen -q -t ed25519 -N '' -f key
	cp key.pub "$T/authorized"
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	"$sshd" -D -e -f /dev/null -h "$T/hostkey" -o "Port=$port" \
		-o ListenAddress=127.0.0.1 -o UsePAM=no -o StrictModes=no \
		-o PidFile=none -o "AuthorizedKeysFile=$T/authorized" \
		2>"$T/sshd.log" 3>&- &
	echo $! >"$T/server.pid"
	until_true grep -q listening "$T/sshd.log"
	local ssh="ssh -F none -i $PWD/key -o StrictHostKeyChecking=no
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
	expect 0 in_pen --allow ssh://git.test \
		--connect-to "git.test:22:127.0.0.1:$port" \
		--env GIT_SSH_COMMAND="$(xargs <<<"$ssh")" \
		git clone -q "ssh://$USER@git.test$T/r.git" r
	[ "$(git -C r log --format=%s)" = first ]
	logged '.rule == "ssh://git.test" and .kind == "tcp" and .verdict == "allowed"'
	expect 128 in_pen --allow git.test \
		--connect-to "git.test:22:127.0.0.1:$port" \
		--env GIT_SSH_COMMAND="$(xargs <<<"$ssh")" \
		git clone -q "ssh://$USER@git.test$T/r.git" s
	logged '.verdict == "refused" and .port == 22 and .allow == "ssh://git.test"'
}

@test "npm install, from the registry that the user's .npmrc names" {
	local sum
	mkdir -p "$T/package/lib"
	echo '{"name": "left", "version": "1.0.0"}' >"$T/package/package.json"
	echo 'module.exports = "from the registry"' >"$T/package/index.js"
	mkdir -p "$W/npm.corp.test/npm/left"
	tar -C "$T" -czf "$W/npm.corp.test/npm/left/left-1.0.0.tgz" package
	sum=$(openssl dgst -sha512 -binary \
		"$W/npm.corp.test/npm/left/left-1.0.0.tgz" | base64 -w 0)
	cat >"$W/npm.corp.test/npm/left/index" <<-EOF
		{"name": "left", "dist-tags": {"latest": "1.0.0"}, "versions":
		{"1.0.0": {"name": "left", "version": "1.0.0", "dist": {
		"tarball": "https://npm.corp.test/npm/left/left-1.0.0.tgz",
		"integrity": "sha512-$sum"}}}}
	EOF
	echo 'registry=https://npm.corp.test/npm/' >"$HOME/.npmrc"
	expect 0 in_pen --allow @npm --env npm_config_cafile="$PWD/ca.pem" \
		npm install --no-audit --no-fund --no-update-notifier left
	[ "$(node -p 'require("left")')" = "from the registry" ]
	expect 1 in_pen --env npm_config_cafile="$PWD/ca.pem" \
		--env npm_config_registry=https://npm.corp.test/npm/ \
		--env npm_config_fetch_retries=0 \
		npm install --no-audit --no-fund --no-update-notifier left@1
	has ENOTFOUND
}

@test "pip, from the index that the user's pip.conf names" {
	python3 -m pip --version >/dev/null || skip_missing pip
	mkdir -p "$T/right-1.0.dist-info" "$W/pip.corp.test/simple/right" \
		"$HOME/.config/pip"
	echo 'text = "from the index"' >"$T/right.py"
	printf 'Metadata-Version: 2.1\nName: right\nVersion: 1.0\n' \
		>"$T/right-1.0.dist-info/METADATA"
	printf 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' \
		>"$T/right-1.0.dist-info/WHEEL"
	printf 'right.py,,\nright-1.0.dist-info/RECORD,,\n' \
		>"$T/right-1.0.dist-info/RECORD"
	(cd "$T" && python3 -m zipfile -c \
		"$W/pip.corp.test/simple/right/right-1.0-py3-none-any.whl" \
		right.py right-1.0.dist-info/)
	echo '<a href="right-1.0-py3-none-any.whl">right-1.0-py3-none-any.whl</a>' \
		>"$W/pip.corp.test/simple/right/index"
	printf '[global]\nindex-url = https://pip.corp.test/simple/\n' \
		>"$HOME/.config/pip/pip.conf"
	expect 0 in_pen --allow @pip --env PIP_CERT="$PWD/ca.pem" \
		python3 -m pip install -q --disable-pip-version-check \
		--target site right
	[ "$(PYTHONPATH=site python3 -c 'import right; print(right.text)')" = "from the index" ]
}

@test "apt, from an archive by plain HTTP" {
	local deb="$W/archive.test/debian/up_1.0_all.deb"
	command -v apt-get >/dev/null || skip_missing apt-get
	mkdir -p "$T/up/DEBIAN" "$W/archive.test/debian" apt/lists/partial \
		apt/archives/partial
	printf 'Package: up\nVersion: 1.0\nArchitecture: all\nMaintainer: a <a@example.org>\nDescription: up\n' \
		>"$T/up/DEBIAN/control"
	dpkg-deb -b "$T/up" "$deb" >/dev/null
	{
		cat "$T/up/DEBIAN/control"
		echo "Filename: ./up_1.0_all.deb"
		echo "Size: $(stat -c %s "$deb")"
		echo "SHA256: $(sha256sum "$deb" | cut -d' ' -f1)"
	} >"$W/archive.test/debian/Packages"
	: >apt/status
	echo 'deb [trusted=yes] http://archive.test/debian ./' >apt/sources
	local options=(-q -o Dir::State="$PWD/apt" -o Dir::Cache="$PWD/apt"
		-o Dir::State::status="$PWD/apt/status" -o Debug::NoLocking=1
		-o Dir::Etc::SourceList="$PWD/apt/sources"
		-o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none
		-o Acquire::Retries=0)
	expect 0 in_pen --allow http://archive.test sh -c '
		apt-get "$@" update && apt-get "$@" download up' - "${options[@]}"
	[ -s up_1.0_all.deb ]
	expect 0 in_pen --allow archive.test apt-get "${options[@]}" update
	has "Failed to fetch"
}

@test "node's fetch, and a WebSocket over TLS" {
	cat >ws.mjs <<-'JS'
		import https from 'https';
		const r = await fetch('https://web.test/hello');
		process.stdout.write(await r.text());
		const key = Buffer.alloc(16, 'k').toString('base64');
		https.get('https://api.test/ws', {headers: {Connection: 'Upgrade',
			Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
			'Sec-WebSocket-Key': key}}).on('upgrade', (res, socket) => {
			socket.write(Buffer.concat([Buffer.from([0x81, 0x84, 0, 0, 0, 0]),
				Buffer.from('ping')]));
			socket.on('data', (d) => console.log('%s', d.subarray(2)));
		});
	JS
	expect 0 in_pen --allow web.test --allow api.test \
		--env NODE_EXTRA_CA_CERTS="$PWD/ca.pem" node ws.mjs
	[ "$output" = $'hello from web.test\nping' ]
}

@test "a WebSocket by plain HTTP" {
	cat >ws.mjs <<-'JS'
		import http from 'http';
		http.get('http://archive.test/ws', {headers: {Connection: 'Upgrade',
			Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
			'Sec-WebSocket-Key': 'a2V5'}}).on('upgrade', (res, socket) => {
			socket.write(Buffer.concat([Buffer.from([0x81, 0x84, 0, 0, 0, 0]),
				Buffer.from('ping')]));
			socket.on('data', (d) => console.log('%s', d.subarray(2)));
		});
	JS
	expect 0 in_pen --allow http://archive.test node ws.mjs
	[ "$output" = ping ]
}

@test "a server that speaks first" {
	cat >"$T/smtp.py" <<-'PY'
		import socket
		s = socket.create_server(("127.0.0.1", 0))
		print("ready", s.getsockname()[1], flush=True)
		while True:
		    c, _ = s.accept()
		    f = c.makefile("rw", newline="\r\n")
		    f.write("220 mail.test\r\n"); f.flush()
		    while (line := f.readline()):
		        f.write("221 bye\r\n" if line.upper().startswith("QUIT")
		                else "250 mail.test\r\n"); f.flush()
		        if line.upper().startswith("QUIT"):
		            break
		    c.close()
	PY
	python3 "$T/smtp.py" >"$T/smtp" 3>&- &
	echo $! >"$T/server.pid"
	until_true grep -q ready "$T/smtp"
	expect 0 in_pen --allow tcp://mail.test:25 \
		--connect-to "mail.test:25:127.0.0.1:$(cut -d' ' -f2 "$T/smtp")" \
		python3 -c 'import smtplib
s = smtplib.SMTP("mail.test", timeout=20)
print(s.ehlo()[0], s.quit()[0])'
	[ "$output" = "250 221" ]
}

@test "psql, with a PostgreSQL that is reached by name and one on the host's loopback" {
	local bin port
	bin=$(type -P postgres || ls -d /usr/lib/postgresql/*/bin/postgres |
		tail -n 1) || skip_missing postgres
	type -P psql >/dev/null || skip_missing psql
	bin=$(dirname "$(readlink -f "$bin")")
	"$bin/initdb" -D "$T/db" -U me -A trust >/dev/null
	port=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	"$bin/postgres" -D "$T/db" -p "$port" -k "$T" -h 127.0.0.1 \
		2>"$T/db.log" 3>&- &
	echo $! >"$T/server.pid"
	until_true "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"
	expect 0 in_pen --allow tcp://db.test:5432 \
		--connect-to "db.test:5432:127.0.0.1:$port" \
		psql -h db.test -U me -Atc 'select 6 * 7' postgres
	[ "$output" = 42 ]
	local a
	for a in 127.0.0.1 ::1 localhost; do
		expect 0 in_pen --reach "$port" psql -h $a -p "$port" -U me \
			-Atc 'select 6 * 7' postgres
		[ "$output" = 42 ]
	done
	run in_pen psql -h 127.0.0.1 -p "$port" -U me -Atc 'select 1' postgres
	[ "$status" -eq 2 ]
}

@test "a JVM's HTTP client" {
	command -v java >/dev/null && command -v keytool >/dev/null ||
		skip_missing "a JDK"
	keytool -importcert -noprompt -file ca.pem -alias ca -storepass secret \
		-keystore store >/dev/null 2>&1
	cat >Fetch.java <<-'EOT'
		import java.net.URI;
		import java.net.http.*;
		class Fetch {
			public static void main(String[] a) throws Exception {
				HttpClient c = HttpClient.newHttpClient();
				for (String u : a) {
					HttpResponse<String> r = c.send(
						HttpRequest.newBuilder(URI.create(u)).build(),
						HttpResponse.BodyHandlers.ofString());
					System.out.print(r.version() + " " + r.body());
				}
			}
		}
	EOT
	expect 0 in_pen --allow web.test --allow http://archive.test \
		java -Xmx64m -XX:TieredStopAtLevel=1 \
		-Djavax.net.ssl.trustStore=store \
		-Djavax.net.ssl.trustStorePassword=secret Fetch.java \
		https://web.test/hello http://archive.test/hello
	[ "$output" = $'HTTP_2 hello from web.test\nHTTP_1_1 hello from archive.test' ]
}
