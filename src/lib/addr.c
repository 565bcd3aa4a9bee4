#include "lib/addr.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "lib/num.h"
#include "lib/special.h"

static enum addr_class
class_of(const struct special *s)
{
	return s->private ? ADDR_PRIVATE : ADDR_REFUSED;
}

/* Whether the first bits of a and b are the same. */
static int
same_bits(const uint8_t *a, const uint8_t *b, int bits)
{
	int whole = bits / 8, rest = bits % 8;

	if (memcmp(a, b, (size_t)whole) != 0)
		return 0;
	return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

static enum addr_class
classify_v4(const uint8_t *a)
{
	for (size_t i = 0; i < special_v4_n; i++)
		if (same_bits(a, special_v4[i].net, special_v4[i].bits))
			return class_of(&special_v4[i]);
	return ADDR_PUBLIC;
}

static enum addr_class
classify_v6(const uint8_t *a)
{
	for (size_t i = 0; i < special_v6_n; i++) {
		const struct special *s = &special_v6[i];

		if (!same_bits(a, s->net, s->bits))
			continue;
		return s->v4_at ? classify_v4(a + s->v4_at) : class_of(s);
	}
	/* 2000::/3 is all that is global unicast: RFC 4291, IANA */
	return a[0] >> 5 == 1 ? ADDR_PUBLIC : ADDR_REFUSED;
}

enum addr_class
addr_classify(const union addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return classify_v4((const uint8_t *)&a->in.sin_addr);
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

int
addr_is_loopback(const union addr *a)
{
	return a->sa.sa_family == AF_INET
		   ? ntohl(a->in.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
		   : IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
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
