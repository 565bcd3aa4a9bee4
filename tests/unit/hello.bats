# ClientHellos, as pen-sni reads them.
load ../lib/common

hello() {
	expect 0 "$PROBE/unit/hello" "$@"
}

@test "a ClientHello gives its server name, post-quantum shares and ECH or not" {
	hello good
}

@test "a ClientHello may be cut into records anywhere" {
	hello fragmented
}

@test "a ClientHello cut at any byte waits for the rest" {
	hello truncated
}

@test "a ClientHello whose lengths do not add up is refused" {
	hello shortened
}

@test "a ClientHello without a server name is told from a malformed one" {
	hello nameless
}

@test "two server names are refused, in one extension or in two" {
	hello two-names
}

@test "a server name is handed on byte by byte, NUL included, and bounded" {
	hello odd-names
}

@test "HTTP, SSLv2, alerts, other messages and oversized lengths are refused at once" {
	hello not-tls
}

@test "nothing may come between a ClientHello's records, or behind it in one" {
	hello mixed
}

@test "early data behind a ClientHello does not matter" {
	hello early-data
}

@test "a ClientHello in tiny records is refused at 32 KiB" {
	hello drip
}

@test "a ClientHello's version, session id and cipher suites are within their bounds" {
	hello bounds
}

@test "a ClientHello has no compression, which TLS 1.3 has none but" {
	hello compressions
}

@test "no extension comes twice or behind the pre-shared keys, versions are well formed" {
	hello extensions
}

@test "the fuzzer's corpus of ClientHellos passes" {
	hello "$ROOT"/tests/fuzz/corpus/hello/*
}

@test "OpenSSL reads no other server name, in 60,000 mutations of the corpus" {
	expect 0 "$PROBE/unit/hello_tls" 60000 "$ROOT"/tests/fuzz/corpus/hello/*
	# "N the same name, N no name, N refused …": it did compare
	local n
	read -ra n <<<"$output"
	((n[0] > 10000 && n[4] > 10000 && n[7] > 1000))
}
