/*
 * handshake: what a TLS client sends in clear behind its ClientHello.
 *
 * The name that was decided on is that of the first ClientHello.  A server that
 * wants another one asks for it (HelloRetryRequest, RFC 8446 section 4.1.4):
 * that one is read too, and has to be for the same name.  At any other time a
 * ClientHello in clear is refused.  So the server's first bytes are looked at
 * before they go to the client, and a handshake message of the client's waits
 * for that.  From the first encrypted record on nothing is looked at any more:
 * a renegotiation is encrypted.
 */
#ifndef SNI_HANDSHAKE_H
#define SNI_HANDSHAKE_H

#include "lib/splice.h"
#include "pen-sni/hello.h"

enum handshake_state {
	HANDSHAKE_HELLO, /* the ClientHello is read, and then goes on */
	HANDSHAKE_WAIT,	 /* for the server's answer; early data may go */
	HANDSHAKE_RETRY, /* the server has asked for another ClientHello */
	HANDSHAKE_REST,	 /* other messages in clear */
	HANDSHAKE_DONE,	 /* the rest is encrypted */
};

/* Begins with all zero, but for look.judge, which is handshake_judge. */
struct handshake {
	struct look look;
	struct hello hello;
	enum handshake_state state;
	const char *name;    /* decided on, canonical; borrowed */
	const char *why;     /* what was wrong; static text */
	uint8_t record_type; /* of the record that bytes are left of: */
	size_t record_left;
	size_t message_left;
	uint8_t head[4]; /* of the next message */
	size_t head_n;
};

/* How many of the client's n bytes may go; -1, see why. */
ssize_t handshake_judge(struct look *l, const uint8_t *p, size_t n);

/*
 * Looks at the server's first n bytes; ended: there will be no more.  Returns
 * whether they say what the answer is; nothing is held then any more.
 */
int handshake_answered(struct handshake *h, const uint8_t *p, size_t n,
		       int ended);

/* So many bytes are enough for it. */
#define HANDSHAKE_ANSWER 43

#endif
