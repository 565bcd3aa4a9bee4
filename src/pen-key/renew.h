/*
 * renew: a process that asks for new tokens, and one that has the login's file.
 *
 * The first has the network and no file; the second the file's directory and no
 * network: what comes from the network can neither be made a file of another
 * name nor read one.  The process that serves requests is given the access
 * token, and nothing else of the login.
 */
#ifndef KEY_RENEW_H
#define KEY_RENEW_H

#include "lib/mem.h"
#include "pen-key/ask.h"

/* What is sent by who serves requests. */
#define RENEW_GET "get"	    /* the access token */
#define RENEW_OTHER "other" /* the API did not take it */

struct renew {
	const char *from; /* file:PATH#MEMBER.MEMBER */
	struct ask at;
	const char *client_id;
	struct strv locks; /* directories that are made meanwhile */
};

/* What is wrong with it, static; or NULL. */
const char *renew_check(const struct renew *r);

/*
 * Starts both.  Each message to the descriptor, which is the caller's, is
 * answered by one: "+" and the access token, or "-" and why there is none.
 */
int renew_start(const struct renew *r);

#endif
