# hosts(5) and the line of nsswitch.conf(5), as pen-sni reads them.
load ../lib/common

@test "hosts and nsswitch.conf are read as the C library reads them" {
	expect 0 "$PROBE/unit/hosts"
}
