#include "pen-sni/addr.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "lib/num.h"

/*
 * IANA IPv4 Special-Purpose Address Registry, plus multicast and what clouds
 * answer their metadata on.
 */
static const struct {
	uint32_t net;
	int bits;
	enum addr_class class;
} v4[] = {
	{0x00000000, 8, ADDR_REFUSED},	/* this network, RFC 791 */
	{0x0a000000, 8, ADDR_PRIVATE},	/* RFC 1918 */
	{0x646464c8, 32, ADDR_REFUSED}, /* 100.100.100.200, Alibaba */
	{0x64400000, 10, ADDR_PRIVATE}, /* carriers' NAT, RFC 6598 */
	{0x7f000000, 8, ADDR_REFUSED},	/* loopback */
	{0xa83f8110, 32, ADDR_REFUSED}, /* 168.63.129.16, Azure */
	{0xa9fe0000, 16, ADDR_REFUSED}, /* link-local, and EC2's metadata */
	{0xac100000, 12, ADDR_PRIVATE}, /* RFC 1918 */
	{0xc0000000, 24, ADDR_REFUSED}, /* protocol assignments, RFC 6890 */
	{0xc0000200, 24, ADDR_REFUSED}, /* TEST-NET-1, RFC 5737 */
	{0xc0586300, 24, ADDR_REFUSED}, /* 6to4 relays, RFC 7526 */
	{0xc0a80000, 16, ADDR_PRIVATE}, /* RFC 1918 */
	{0xc6120000, 15, ADDR_REFUSED}, /* RFC 2544: the pen's own */
	{0xc6336400, 24, ADDR_REFUSED}, /* TEST-NET-2 */
	{0xcb007100, 24, ADDR_REFUSED}, /* TEST-NET-3 */
	{0xe0000000, 4, ADDR_REFUSED},	/* multicast */
	{0xf0000000, 4, ADDR_REFUSED},	/* reserved, and broadcast */
};

/*
 * IANA IPv6 Special-Purpose Address Registry.  v4_at says where an IPv4
 * address is embedded: it decides.
 */
static const struct {
	uint8_t net[16];
	int bits;
	enum addr_class class;
	int v4_at;
} v6[] = {
	{{[10] = 0xff, 0xff}, 96, ADDR_REFUSED, 12},	   /* mapped */
	{{0}, 96, ADDR_REFUSED, 0},	/* ::, ::1, IPv4-compatible */
	{{0, 0x64, 0xff, 0x9b}, 96, ADDR_REFUSED, 12},	   /* RFC 6052 */
	/* RFC 8215: where the IPv4 address lies is its network's choice */
	{{0, 0x64, 0xff, 0x9b, 0, 1}, 48, ADDR_REFUSED, 0},
	{{0x01, 0x00}, 64, ADDR_REFUSED, 0},	/* discard, RFC 6666 */
	{{0x20, 0x01, 0, 0}, 32, ADDR_REFUSED, 0},	/* Teredo */
	{{0x20, 0x01, 0, 2}, 48, ADDR_REFUSED, 0},	/* benchmarks */
	{{0x20, 0x01, 0, 0x10}, 28, ADDR_REFUSED, 0},	/* ORCHID */
	{{0x20, 0x01, 0, 0x20}, 28, ADDR_REFUSED, 0},	/* ORCHIDv2 */
	{{0x20, 0x01, 0x0d, 0xb8}, 32, ADDR_REFUSED, 0}, /* documentation */
	{{0x20, 0x02}, 16, ADDR_REFUSED, 2},		/* 6to4 */
	{{0x3f, 0xff}, 20, ADDR_REFUSED, 0},	/* documentation, RFC 9637 */
	{{0x5f, 0x00}, 16, ADDR_REFUSED, 0},	/* SRv6, RFC 9602 */
	{{0xfd, 0x00, 0x0e, 0xc2, [15] = 0x54, [14] = 0x02}, 128,
	 ADDR_REFUSED, 0},			/* fd00:ec2::254, EC2 */
	{{0xfc}, 7, ADDR_PRIVATE, 0},		/* RFC 4193 */
	{{0xfe, 0x80}, 10, ADDR_REFUSED, 0},	/* link-local */
	{{0xfe, 0xc0}, 10, ADDR_REFUSED, 0},	/* site-local, RFC 3879 */
	{{0xff}, 8, ADDR_REFUSED, 0},		/* multicast */
};

static enum addr_class
classify_v4(uint32_t a)
{
	for (size_t i = 0; i < sizeof(v4) / sizeof(*v4); i++)
		if (((a ^ v4[i].net) >> (32 - v4[i].bits)) == 0)
			return v4[i].class;
	return ADDR_PUBLIC;
}

static int
same_prefix(const uint8_t *a, const uint8_t *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, (size_t)whole) != 0)
		return 0;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static uint32_t
load_v4(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	       (uint32_t)p[2] << 8 | p[3];
}

static enum addr_class
classify_v6(const uint8_t *a)
{
	for (size_t i = 0; i < sizeof(v6) / sizeof(*v6); i++) {
		if (!same_prefix(a, v6[i].net, v6[i].bits))
			continue;
		if (v6[i].v4_at)
			return classify_v4(load_v4(a + v6[i].v4_at));
		return v6[i].class;
	}
	/* 2000::/3 is all that is global unicast: RFC 4291, IANA */
	return a[0] >> 5 == 1 ? ADDR_PUBLIC : ADDR_REFUSED;
}

enum addr_class
addr_classify(const union addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return classify_v4(ntohl(a->in.sin_addr.s_addr));
	if (a->sa.sa_family == AF_INET6)
		return classify_v6(a->in6.sin6_addr.s6_addr);
	return ADDR_REFUSED;
}

int
addr_parse(const char *text, size_t n, union addr *a)
{
	char copy[INET6_ADDRSTRLEN];
	union addr out = {0};

	if (n >= sizeof(copy))
		return -1;
	memcpy(copy, text, n);
	copy[n] = '\0';
	if (inet_pton(AF_INET, copy, &out.in.sin_addr) == 1)
		out.in.sin_family = AF_INET;
	else if (inet_pton(AF_INET6, copy, &out.in6.sin6_addr) == 1)
		out.in6.sin6_family = AF_INET6;
	else
		return -1;
	*a = out;
	return 0;
}

int
addr_parse_port(const char *text, union addr *a)
{
	const char *colon = strrchr(text, ':');
	unsigned long port;
	union addr out;
	size_t n;

	if (!colon || num_parse(colon + 1, 10, 65535, &port) < 0)
		return -1;
	n = (size_t)(colon - text);
	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		if (addr_parse(text + 1, n - 2, &out) < 0 ||
		    out.sa.sa_family != AF_INET6)
			return -1;
	} else if (addr_parse(text, n, &out) < 0 ||
		   out.sa.sa_family != AF_INET) {
		return -1;
	}
	addr_set_port(&out, (unsigned)port);
	*a = out;
	return 0;
}

unsigned
addr_port(const union addr *a)
{
	return ntohs(a->sa.sa_family == AF_INET6 ? a->in6.sin6_port
						 : a->in.sin_port);
}

void
addr_set_port(union addr *a, unsigned port)
{
	if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons((uint16_t)port);
	else
		a->in.sin_port = htons((uint16_t)port);
}

socklen_t
addr_len(const union addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in);
}

const char *
addr_text(const union addr *a, char buf[ADDR_TEXT])
{
	const void *p = a->sa.sa_family == AF_INET6
				? (const void *)&a->in6.sin6_addr
				: (const void *)&a->in.sin_addr;

	if (!inet_ntop(a->sa.sa_family, p, buf, ADDR_TEXT))
		buf[0] = '\0';
	return buf;
}
