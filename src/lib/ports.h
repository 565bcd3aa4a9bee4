/* ports: "[HOST:]PORT" and ranges of them.  Pure. */
#ifndef PEN_PORTS_H
#define PEN_PORTS_H

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

#endif
