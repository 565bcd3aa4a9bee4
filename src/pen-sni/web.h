/*
 * web: a connection of plain HTTP, whose requests are judged one by one as they
 * pass.  All have to be for the host that the first one named, because it is
 * dialled.
 *
 * What a request could turn the connection into is refused by that: after
 * "Upgrade: h2c" the client would have to say what is no HTTP/1, and is cut.
 * A WebSocket is different, its frames mean nothing to a server of HTTP.  When
 * the first request asks for one nothing more is read from the client until
 * the server has answered; if it agreed (101), the rest passes unseen.
 */
#ifndef SNI_WEB_H
#define SNI_WEB_H

#include "lib/rule.h"
#include "lib/splice.h"
#include "lib/http.h"

struct web {
	struct look look;
	struct http http;
	unsigned port;	  /* that was connected to */
	const char *name; /* decided on; NULL while there is none */
	int begun;	  /* the first head has been judged */
	const char *why;  /* what was wrong; static text */
};

/* Begins with the bytes of a connection to port. */
struct web *web_new(unsigned port);

/*
 * The first head: the n bytes at p are all there is so far.  After HTTP_HEAD
 * its host is in name, canonical; after HTTP_BAD see why.
 */
enum http_state web_first(struct web *w, const uint8_t *p, size_t n,
			  char name[RULE_NAME_MAX + 1]);

/* That name was decided on: how many of the n bytes may go; -1, see why. */
ssize_t web_judge(struct look *l, const uint8_t *p, size_t n);

/* fd is the connection to the server: how it is going to be looked at. */
void web_dialled(const struct web *w, int fd);

/*
 * While both sides are held: looks at how the server's answer on fd begins.
 * Whether it has become a WebSocket; they are let go once that is known.
 */
int web_answered(struct web *w, int fd);

enum web_answer { WEB_BAD, WEB_FORBIDDEN, WEB_UNREACHED, WEB_ANSWERS };

/*
 * What a client is told whose request does not go on, static; NULL when there
 * is no connection of HTTP, or it has had answers.
 */
const char *web_refusal(const struct web *w, enum web_answer a);

#endif
