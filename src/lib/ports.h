/* ports: "[HOST:]PORT", ranges of them, and ADDR:PORT of loopback.  Pure. */
#ifndef PEN_PORTS_H
#define PEN_PORTS_H

#include <stdint.h>

struct ports {
	unsigned host, inside; /* the first of each */
	unsigned n;
};

/* The most that an option takes in all. */
#define PORTS_MAX 64

/*
 * Parses PORT or FIRST-LAST and, with pair, either with HOST: in front, where
 * HOST is as many ports.  NULL and writes *p, or a static text that says what
 * is wrong.
 */
const char *ports_parse(const char *text, int pair, struct ports *p);

struct ports_local {
	int v6;	     /* ::1 */
	uint32_t v4; /* or an address of 127.0.0.0/8, in the host's order */
	unsigned port;
};

/* Parses ADDR:PORT, IPv6 in brackets; NULL and *p, or what is wrong. */
const char *ports_parse_local(const char *text, struct ports_local *p);

#endif
