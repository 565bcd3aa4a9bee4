/* addr: which addresses may be dialled.  Pure. */
#ifndef PEN_ADDR_H
#define PEN_ADDR_H

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

union addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* "[" IPv6 "]:" port in brackets, always with room. */
#define ADDR_TEXT 64

enum addr_class {
	ADDR_PUBLIC,
	ADDR_PRIVATE, /* a network of one's own: with --private only */
	ADDR_REFUSED, /* never a name's address */
};

/* The class of an address, an embedded IPv4 one judged as that. */
enum addr_class addr_classify(const union addr *a);

/* Parses an IPv4 or (bare) IPv6 address; the port is 0.  0 or -1. */
int addr_parse(const char *text, size_t n, union addr *a);

/* Parses "ADDR:PORT", IPv6 in brackets.  0 or -1. */
int addr_parse_port(const char *text, union addr *a);

/* Whether there is no network on the way to it. */
int addr_is_loopback(const union addr *a);

unsigned addr_port(const union addr *a);
void addr_set_port(union addr *a, unsigned port);
socklen_t addr_len(const union addr *a);

/* Writes the address without its port to buf; returns buf. */
const char *addr_text(const union addr *a, char buf[ADDR_TEXT]);

#endif
