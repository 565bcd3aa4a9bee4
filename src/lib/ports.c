#include "lib/ports.h"

#include <arpa/inet.h>
#include <stddef.h>
#include <string.h>

#include "lib/num.h"

/* The number in the n bytes at text; 0 when it is not a port. */
static unsigned
port(const char *text, size_t n)
{
	char copy[8];
	unsigned long v;

	if (n >= sizeof(copy))
		return 0;
	memcpy(copy, text, n);
	copy[n] = '\0';
	return num_parse(copy, 10, 65535, &v) < 0 ? 0 : (unsigned)v;
}

/* PORT or FIRST-LAST.  0, or -1. */
static int
parse_range(const char *text, size_t n, unsigned *first, unsigned *count)
{
	const char *dash = memchr(text, '-', n);
	size_t head = dash ? (size_t)(dash - text) : n;
	unsigned last;

	*first = port(text, head);
	last = dash ? port(dash + 1, n - head - 1) : *first;
	*count = last - *first + 1;
	return *first == 0 || last < *first ? -1 : 0;
}

const char *
ports_parse(const char *text, int pair, struct ports *p)
{
	static const char no_port[] =
	    "it is not a port from 1 to 65535, or FIRST-LAST";
	const char *colon = pair ? strchr(text, ':') : NULL;
	const char *inside = colon ? colon + 1 : text;
	struct ports out;
	unsigned n;

	if (parse_range(inside, strlen(inside), &out.inside, &out.n) < 0)
		return no_port;
	out.host = out.inside;
	if (colon) {
		if (parse_range(text, (size_t)(colon - text), &out.host, &n) <
		    0)
			return no_port;
		if (n != out.n)
			return "the ranges are not equally long";
	}
	if (out.n > PORTS_MAX)
		return "it is too many ports";
	*p = out;
	return NULL;
}

const char *
ports_parse_local(const char *text, struct ports_local *p)
{
	const char *colon = strrchr(text, ':');
	struct ports_local out = {0};
	char addr[INET_ADDRSTRLEN];
	struct in_addr a;
	size_t n = colon ? (size_t)(colon - text) : 0;

	if (n == 0 || (out.port = port(colon + 1, strlen(colon + 1))) == 0)
		return "it is not ADDR:PORT";
	if (n == 5 && memcmp(text, "[::1]", n) == 0) {
		out.v6 = 1;
		*p = out;
		return NULL;
	}
	if (n < sizeof(addr)) {
		memcpy(addr, text, n);
		addr[n] = '\0';
		out.v4 =
		    inet_pton(AF_INET, addr, &a) == 1 ? ntohl(a.s_addr) : 0;
	}
	if (out.v4 >> 24 != 127)
		return "its address is not of loopback: 127.0.0.1 or [::1]";
	*p = out;
	return NULL;
}
