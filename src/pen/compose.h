/* compose: the chain's command line, from what the rest has found.  Pure. */
#ifndef PEN_COMPOSE_H
#define PEN_COMPOSE_H

#include "lib/mem.h"
#include "pen/key.h"
#include "pen/settings.h"

/* A file that pen writes: pen-ns is given it as a descriptor. */
struct compose_data {
	const char *dest, *text;
	int fd;
	int own; /* a file like any other: the run may change it */
};

struct compose {
	const struct settings *settings;
	const struct strv *allow_only; /* rules */
	const struct keys *keys;
	const char *key;			     /* the program, or NULL */
	const char *sni, *net, *limit, *ns, *filter; /* absolute */
	const char *upstream;			     /* HOST:PORT, or NULL */
	const char *home, *cwd, *log;
	int told; /* whether the model is (tell.h) */
	int audit;
	int audit_fd;		       /* for pen-filter --notify, or -1 */
	const char *agent, *project;   /* for pen-ctl; agent may be NULL */
	const struct strv *view, *env; /* options of pen-ns */
	const struct compose_data *data;
	size_t data_n;
	const char *report; /* the program that is run at the end, or NULL, */
	int manifest_fd;    /* and what it is told */
	const char *watch;  /* the program that runs meanwhile, */
	int plan_fd;	    /* and its options */
	int system_fd;	    /* what --system stands for, for --args, or -1 */
	int env_fd;	    /* env in a file for --args, or -1: env as it is */
	char *const *prog;
};

/* One link, as a slice of the words. */
struct compose_chain {
	struct strv words;
	size_t link[14]; /* where each link begins; prog is the last */
	size_t links;
};

void compose(const struct compose *c, struct compose_chain *chain);

/* The size in bytes of a text that settings_check let through. */
char *compose_bytes(const char *size);

/* What listens at the other end of audit_fd, which is fd: program's words. */
void compose_collector(const struct compose *c, const char *program,
		       struct compose_chain *chain, int fd);

#endif
