/*
 * upstream: the requests to the API, by libcurl on the loop.
 *
 * Scheme, host and port are those of the configuration, whatever a request
 * says. What is dialled is an address that was checked here.
 */
#ifndef KEY_UPSTREAM_H
#define KEY_UPSTREAM_H

#include <curl/curl.h>

#include "lib/addr.h"
#include "lib/loop.h"
#include "pen-key/echo.h"
#include "pen-key/judge.h"
#include "pen-key/resolver.h"
#include "pen-key/source.h"

/* Of the fields of an answer that pass. */
#define UPSTREAM_FIELDS_MAX 16384

struct transfer;

struct upstream {
	struct loop *loop;
	/* what was configured */
	char *host;
	unsigned port;
	int private;
	const char *pin;    /* ADDR:PORT, or NULL */
	const char *proxy;  /* HOST:PORT, or NULL */
	char *proxy_auth;   /* USER:PASSWORD, or NULL */
	const char *header; /* "x-api-key: " */
	struct secret *secret;
	struct echo *echo; /* replaced when it changes, never freed */
	int login;	   /* a descriptor of renew.h's, or -1 */
	/* what upstream_init makes of it */
	CURLM *multi;
	CURLU *url;
	struct roots *roots;
	struct source clock, resolver, keeper;
	int64_t had;		/* when the keeper last gave the credential */
	int requested, refused; /* it was asked; the API did not take it */
	const char *dial_host; /* that is looked up: the API's or the proxy's */
	unsigned dial_port;
	union addr addr[RESOLVER_MAX]; /* that were checked */
	size_t addrs;
	int64_t looked_up; /* when, on the loop's clock; 0: not yet */
	int asking;
	const char *no_addr; /* why there is none; static */
	struct transfer *waiting;
};

#define UPSTREAM_LATER ((size_t)-1)
#define UPSTREAM_ABORT ((size_t)-2)

/* Who wants the answer. */
struct upstream_ends {
	/* Writes up to n bytes of the body to p; 0 is its end. */
	size_t (*read)(void *arg, char *p, size_t n);
	/* The answer's head: fields is "Name: value\r\n" of each that passes;
	 * length is -1 when it is not said.  0, or -1 to end it. */
	int (*head)(void *arg, int status, const char *fields, int64_t length);
	/* Whether there is room for what write is given. */
	int (*room)(void *arg);
	/* Takes all of n bytes.  0, or -1 to end it. */
	int (*write)(void *arg, const char *p, size_t n);
	/* The end, unless it is cancelled; why (static) is NULL if the answer
	 * is whole, or else what the client is told, with this status. */
	void (*done)(void *arg, int status, const char *why);
};

/* Starts the resolver, of what was configured: before there is a credential in
 * memory.  Fatal. */
void upstream_prepare(struct upstream *u);

/* The roots, as PEM; the parts of u that were not configured.  Fatal. */
void upstream_init(struct upstream *u, struct loop *loop);

/*
 * Begins the request that was judged, with a body of length bytes, -1 for a
 * length that is not known, -2 for none.  Its callbacks are called by the loop,
 * and by upstream_more and upstream_room.
 */
struct transfer *upstream_start(struct upstream *u, const struct judged *d,
				int64_t length,
				const struct upstream_ends *ends, void *arg);

/* There is more to read; there is room again. */
void upstream_more(struct transfer *t);
void upstream_room(struct transfer *t);

/* Ends it; done is not called. */
void upstream_cancel(struct transfer *t);

#endif
