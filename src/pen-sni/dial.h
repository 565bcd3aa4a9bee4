/*
 * dial: a connection to a name, at an address that was checked.
 *
 * The addresses are those of one lookup, without the ones that may not be
 * dialled; each is tried 250 ms after the one before, or as soon as that one
 * failed, families in turn (RFC 8305), and the first that connects wins.  What
 * is connected to is the checked bytes themselves: nothing is looked up twice.
 * Through an upstream proxy it is the proxy that looks the name up.
 */
#ifndef SNI_DIAL_H
#define SNI_DIAL_H

#include "pen-sni/policy.h"
#include "pen-sni/resolve.h"
#include "pen-sni/upstream.h"

#define DIAL_TRIES 8

struct dial;

/*
 * Addresses that are tried beside another one of the same dial, so that names
 * whose addresses do not answer do not use up the descriptors: once there are
 * extra_max of them, a dial gives up one address for the next.
 */
struct dials {
	struct resolver *resolver;
	size_t extra, extra_max;
};

/*
 * The end of a dial: a source whose descriptor is connected to *a, for the
 * callee to loop_move; or NULL and why (static).  refused says that the answer
 * was no, rather than that the network failed; *a is then the address that was
 * refused, or NULL.  The dial is gone when this is called.
 */
typedef void dial_fn(void *arg, struct source *s, const union addr *a,
		     int refused, const char *why);

struct target {
	const char *name;	/* looked up, unless addr is given */
	const union addr *addr; /* NULL, or a pinned address: not checked */
	unsigned port;
	int private;	/* private addresses will do */
	int talks;	/* there are bytes to be sent at once */
	int any;	/* whatever the name has will do: it is pinned */
	unsigned *slow; /* counts those that take more than 250 ms */
	const struct upstream *via; /* NULL, or dialled instead and asked */
};

/*
 * Begins; fn is called once, perhaps before this returns (then it returns
 * NULL).
 */
struct dial *dial_start(struct dials *all, const struct target *t, dial_fn *fn,
			void *arg);

/* Gives up without calling fn. */
void dial_cancel(struct dial *d);

#endif
