/* addr: the edges of every range that is not dialled. */
#include "lib/addr.h"

#include <string.h>

#include "../lib/sni_check.h"

#define PUB ADDR_PUBLIC
#define PRI ADDR_PRIVATE
#define REF ADDR_REFUSED

/* The last address before a range, its first and last, the first behind it. */
static const struct {
	const char *text;
	enum addr_class class;
} table[] = {
    {"0.0.0.0", REF},
    {"0.255.255.255", REF},
    {"1.0.0.0", PUB},
    {"9.255.255.255", PUB},
    {"10.0.0.0", PRI},
    {"10.255.255.255", PRI},
    {"11.0.0.0", PUB},
    {"100.63.255.255", PUB},
    {"100.64.0.0", PRI},
    {"100.127.255.255", PRI},
    {"100.128.0.0", PUB},
    {"100.100.100.199", PRI},
    {"100.100.100.200", REF},
    {"100.100.100.201", PRI},
    {"126.255.255.255", PUB},
    {"127.0.0.0", REF},
    {"127.0.0.1", REF},
    {"127.255.255.255", REF},
    {"128.0.0.0", PUB},
    {"168.63.129.15", PUB},
    {"168.63.129.16", REF},
    {"168.63.129.17", PUB},
    {"169.253.255.255", PUB},
    {"169.254.0.0", REF},
    {"169.254.169.254", REF},
    {"169.254.255.255", REF},
    {"169.255.0.0", PUB},
    {"172.15.255.255", PUB},
    {"172.16.0.0", PRI},
    {"172.31.255.255", PRI},
    {"172.32.0.0", PUB},
    {"191.255.255.255", PUB},
    {"192.0.0.0", REF},
    {"192.0.0.255", REF},
    {"192.0.1.0", PUB},
    {"192.0.1.255", PUB},
    {"192.0.2.0", REF},
    {"192.0.2.255", REF},
    {"192.0.3.0", PUB},
    {"192.88.98.255", PUB},
    {"192.88.99.0", REF},
    {"192.88.99.255", REF},
    {"192.88.100.0", PUB},
    {"192.167.255.255", PUB},
    {"192.168.0.0", PRI},
    {"192.168.255.255", PRI},
    {"192.169.0.0", PUB},
    {"198.17.255.255", PUB},
    {"198.18.0.0", REF},
    {"198.19.255.255", REF},
    {"198.20.0.0", PUB},
    {"198.51.99.255", PUB},
    {"198.51.100.0", REF},
    {"198.51.100.255", REF},
    {"198.51.101.0", PUB},
    {"203.0.112.255", PUB},
    {"203.0.113.0", REF},
    {"203.0.113.255", REF},
    {"203.0.114.0", PUB},
    {"223.255.255.255", PUB},
    {"224.0.0.0", REF},
    {"239.255.255.255", REF},
    {"240.0.0.0", REF},
    {"255.255.255.255", REF},
    {"8.8.8.8", PUB},

    {"::", REF},
    {"::1", REF},
    {"::8.8.8.8", REF},
    {"::2:0:0", REF},
    {"::ffff:127.0.0.1", REF},
    {"::ffff:10.0.0.1", PRI},
    {"::ffff:8.8.8.8", PUB},
    {"64:ff9b::7f00:1", REF},
    {"64:ff9b::a00:1", PRI},
    {"64:ff9b::808:808", PUB},
    {"64:ff9b:1::808:808", REF},
    {"100::", REF},
    {"100::ffff:ffff:ffff:ffff", REF},
    {"2001::1", REF},
    {"2001:0:ffff::", REF},
    {"2001:2::1", REF},
    {"2001:10::", REF},
    {"2001:1f:ffff::", REF},
    {"2001:20::", REF},
    {"2001:2f:ffff::", REF},
    {"2001:200::1", PUB},
    {"2001:db7:ffff::", PUB},
    {"2001:db8::", REF},
    {"2001:db8:ffff::", REF},
    {"2001:db9::", PUB},
    {"2002:7f00:1::", REF},
    {"2002:a00:1::", PRI},
    {"2002:808:808::", PUB},
    {"2002:c0a8:101::", PRI},
    {"2003::", PUB},
    {"2606:4700::1111", PUB},
    {"3ffe:ffff::", PUB},
    {"3fff::", REF},
    {"3fff:fff:ffff::", REF},
    {"3fff:1000::", PUB},
    {"4000::", REF},
    {"5f00::1", REF},
    {"fbff::", REF},
    {"fc00::", PRI},
    {"fdff:ffff::", PRI},
    {"fd00:ec2::253", PRI},
    {"fd00:ec2::254", REF},
    {"fe7f::", REF},
    {"fe80::1", REF},
    {"febf:ffff::", REF},
    {"fec0::1", REF},
    {"feff:ffff::", REF},
    {"ff02::1", REF},
    {"ff0e::1", REF},
};

static void
parsing(void)
{
	static const char *const good[] = {
	    "127.0.0.1:8443",
	    "[::1]:8443",
	    "0.0.0.0:0",
	    "[2001:db8::1]:1",
	};
	static const char *const bad[] = {
	    "",
	    ":",
	    ":80",
	    "127.0.0.1",
	    "127.0.0.1:",
	    "127.0.0.1:65536",
	    "127.0.0.1:+1",
	    "127.0.0.1: 1",
	    "127.1:80",
	    "0x7f000001:80",
	    "2130706433:80",
	    "::1:80",
	    "[::1]",
	    "[127.0.0.1]:80",
	    "[]:80",
	    "[::1%lo]:80",
	    "localhost:80",
	    "[::1:80",
	    "::1]:80",
	    "0177.0.0.1:80",
	    "127.0.0.1:80 ",
	};
	union addr a;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		CHECK(addr_parse_port(good[i], &a) == 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(addr_parse_port(bad[i], &a) < 0, "%s", bad[i]);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		union addr a;
		char text[ADDR_TEXT];

		CHECK(addr_parse(table[i].text, strlen(table[i].text), &a) == 0,
		      "%s", table[i].text);
		CHECK(addr_classify(&a) == table[i].class, "%s is %d",
		      addr_text(&a, text), (int)addr_classify(&a));
	}
	parsing();
	return 0;
}
