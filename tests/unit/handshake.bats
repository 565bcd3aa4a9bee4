# What a TLS client sends in clear behind its ClientHello.
load ../lib/common

@test "what clients of TLS 1.2 and 1.3 send passes, however it is cut" {
	expect 0 "$PROBE/unit/handshake" usual
}

@test "the ClientHello that a server asks for has the same name" {
	expect 0 "$PROBE/unit/handshake" retry
}

@test "a ClientHello that nobody asked for is refused" {
	expect 0 "$PROBE/unit/handshake" uninvited
}
