/*
 * resolve: names to addresses on the host, by c-ares within the loop.  Answers
 * are kept for a while, and a name that is being looked up is not asked for
 * again: who comes meanwhile waits for the same answer.
 */
#ifndef SNI_RESOLVE_H
#define SNI_RESOLVE_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "lib/loop.h"
#include "lib/addr.h"
#include "pen-sni/cache.h"
#include "pen-sni/hosts.h"
#include "pen-sni/witness.h"

/* More addresses of a name than this are not looked at. */
#define RESOLVE_MAX 32

struct lookup;

/*
 * The answer: n addresses in the order of RFC 6724, or none and why.  The
 * lookup is gone when this is called.
 */
typedef void resolve_fn(void *arg, const union addr *addrs, size_t n,
			const char *why);

/* What a file was when it was looked at. */
struct stamp {
	dev_t dev;
	ino_t ino;
	off_t size;
	struct timespec changed;
};

struct resolver {
	struct loop *loop;
	const char *server; /* "ADDR:PORT", or NULL: the host's own */
	void *channel;	    /* ares_channel, from the first lookup on */
	int witness;	    /* who reads the host's files */
	int conf;	    /* resolv.conf as c-ares has it, a memfd */
	struct stamp stamps[WITNESS_FILES];
	enum hosts_order order;
	char *hosts; /* the text of hosts(5); NULL: there is none */
	size_t hosts_n;
	int busy;	       /* within c-ares */
	int moving;	       /* the open queries, to another channel */
	struct query *queries; /* those that have no answer yet */
	struct cache cache;
	struct timer tick;
	struct ares_fd *fds;
};

/*
 * server is "ADDR:PORT", or NULL: as the host does; its files are read by the
 * witness.
 */
void resolve_init(struct resolver *r, struct loop *loop, const char *server,
		  int witness);

/*
 * Looks name up, absolute.  fn is called once, perhaps before this returns
 * (then it returns NULL).
 */
struct lookup *resolve_start(struct resolver *r, const char *name,
			     resolve_fn *fn, void *arg);

/* fn will not be called. */
void resolve_forget(struct lookup *l);

#endif
