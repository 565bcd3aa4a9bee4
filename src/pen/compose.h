/* compose: the chain's command line, from what the rest has found.  Pure. */
#ifndef PEN_COMPOSE_H
#define PEN_COMPOSE_H

#include "lib/mem.h"
#include "settings.h"

/* A file that pen writes: pen-ns is given it as a descriptor. */
struct compose_data {
	const char *dest, *text;
	int fd;
};

struct compose {
	const struct settings *settings;
	const char *sni, *net, *ns, *filter; /* the programs, absolute */
	const char *upstream; /* HOST:PORT, or NULL */
	const char *home, *cwd, *log;
	int audit;
	int audit_fd; /* for pen-filter --notify, or -1 */
	const char *agent, *project; /* for pen-ctl; agent may be NULL */
	const struct strv *view, *env; /* options of pen-ns */
	const struct compose_data *data;
	size_t data_n;
	int env_fd; /* env in a file for --args, or -1: env as it is */
	char *const *prog;
};

/* One link, as a slice of the words. */
struct compose_chain {
	struct strv words;
	size_t link[5]; /* where each link begins; prog is the last */
	size_t links;
};

void compose(const struct compose *c, struct compose_chain *chain);

/* What listens at the other end of audit_fd, which is fd. */
void compose_collector(const struct compose *c, struct compose_chain *chain,
		       int fd);

#endif
