# A dev server inside, a browser outside: pen --publish.

load ../lib/common

setup() {
	scratch
	browser=$(command -v chromium || command -v chromium-browser) ||
		skip_missing chromium
	port=$(free_ports 16)
	run pen --publish "$((port + 8))" true
	[ "$status" -eq 0 ] || skip_missing "--publish ($output)"
	# the page as a dev server makes it: its text comes by three requests
	cat >server.js <<-'JS'
		const [, , port, address] = process.argv;
		const page = `<!DOCTYPE html><title>dev</title><p id="p"></p>
			<script type="module" src="/main.js"></script>`;
		const script = `const x = new XMLHttpRequest();
			x.open("GET", "/api", false);
			x.send();
			document.getElementById("p").textContent = x.responseText;`;
		require("http").createServer((q, r) => {
			if (q.url === "/main.js")
				r.setHeader("Content-Type", "text/javascript");
			r.end(q.url === "/" ? page
				: q.url === "/main.js" ? script
				: "from inside, as " + q.headers.host);
		}).listen(port, address);
	JS
}

teardown() {
	[ -z "${pid:-}" ] || { kill "$pid" && wait "$pid" || :; }
}

# open URL : what the browser, outside and with no proxy, shows
open() {
	timeout 60 "$browser" --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --no-proxy-server \
		--user-data-dir="$T/browser" --dump-dom "$1" 2>"$T/err"
}

# start OPTION… -- ADDRESS : the server, in a pen
start() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	pen "${options[@]}" node server.js "$port" "$2" 2>"$T/pen.err" 3>&- &
	pid=$!
}

answers() {
	curl -sf -o /dev/null "http://127.0.0.1:$1/"
}

@test "a dev server inside is opened in Chromium outside, by address and by name" {
	local host
	start --publish "$port" -- 127.0.0.1
	until_true answers "$port"
	for host in 127.0.0.1 localhost; do
		run -0 open "http://$host:$port/"
		has "<p id=\"p\">from inside, as $host:$port</p>"
	done
}

@test "a dev server on all addresses is opened on another port, and only there" {
	start --publish "$((port + 1)):$port" -- ::
	until_true answers "$((port + 1))"
	run -0 open "http://localhost:$((port + 1))/"
	has "<p id=\"p\">from inside, as localhost:$((port + 1))</p>"
	# the control: the port inside is not one of the host's
	run -0 open "http://localhost:$port/"
	lacks "from inside"
	grep -q ERR_CONNECTION_REFUSED "$T/err"
}
