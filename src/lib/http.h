/*
 * http: the requests of a plain HTTP/1 connection, where each begins and ends.
 * Pure: the bytes are a hostile program's.
 *
 * What a server could read in another way than this does is refused, not
 * interpreted: two lengths, or a length and chunks; any coding but "chunked";
 * folded lines, bare CR or LF, a blank before a colon; a target with a host of
 * its own; chunk extensions and trailers; anything but HTTP/1.0 and 1.1.
 */
#ifndef PEN_HTTP_H
#define PEN_HTTP_H

#include <stddef.h>
#include <stdint.h>

/* The longest head of a request; servers take 8 to 16 KiB. */
#define HTTP_HEAD_MAX 16384

enum http_state {
	HTTP_MORE, /* the rest can only be judged with more */
	HTTP_HEAD, /* a head is complete: look at its host */
	HTTP_BAD   /* see why; there is no going on */
};

enum http_phase {
	HTTP_IN_HEAD,
	HTTP_IN_BODY,
	HTTP_IN_SIZE, /* of a chunk */
	HTTP_IN_CHUNK,
	HTTP_IN_END, /* the line's end behind a chunk, or the last */
};

/* Begin with all zero. */
struct http {
	enum http_phase phase;
	int last;	/* the chunk had no length */
	uint64_t left;	/* of the body or chunk */
	size_t seen;	/* of an incomplete head: no end in there */
	size_t host_at; /* the Host's value, as it was sent */
	size_t host_len;
	int websocket;	 /* it asks for RFC 6455, and has no body */
	const char *why; /* static text */
};

/*
 * Looks at the n bytes at p, which follow those that were passed before.  *ok
 * of them are passed now, the rest is to be shown again with more behind it:
 * at most HTTP_HEAD_MAX.  After HTTP_HEAD, which ends with p[*ok - 1], the
 * host is at p + host_at; none of *ok may go before it is judged.
 */
enum http_state http_scan(struct http *h, const uint8_t *p, size_t n,
			  size_t *ok);

/*
 * The same for one piece of it: a head, the line of a chunk, or a part of a
 * body, and then *content is set.  A body is whole once h->phase is
 * HTTP_IN_HEAD again.
 */
enum http_state http_step(struct http *h, const uint8_t *p, size_t n,
			  size_t *ok, int *content);

/* Some of a head's bytes. */
struct http_text {
	const char *p;
	size_t n;
};

/* What the first line of a head asks for. */
struct http_request {
	struct http_text method, target;
	int old;	    /* HTTP/1.0 */
	const uint8_t *end; /* of the line: the fields begin there */
};

/* Takes the first line of a head of n bytes that was passed apart. */
void http_request(const uint8_t *head, size_t n, struct http_request *r);

/*
 * Takes the field at *at of such a head, which ends with end, and moves *at to
 * the next.  0, or -1 when there is none left.
 */
int http_field(const uint8_t **at, const uint8_t *end, struct http_text *name,
	       struct http_text *value);

/* Whether text is word, whatever the case of its letters. */
int http_is(struct http_text text, const char *word);

/*
 * Takes ":PORT" off the n bytes of a Host's value.  Returns the length of the
 * name before it, and writes the port, or standard when there is none; 0 when
 * the port is not a number.
 */
size_t http_host(const uint8_t *host, size_t n, unsigned standard,
		 unsigned *port);

#endif
