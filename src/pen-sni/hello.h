/*
 * hello: the server name in a TLS ClientHello.  Pure: the bytes are a hostile
 * program's, nothing here trusts a length in them.
 */
#ifndef SNI_HELLO_H
#define SNI_HELLO_H

#include <stddef.h>
#include <stdint.h>

/*
 * The longest ClientHello that is read.  Post-quantum key shares make it about
 * 2 KiB, with an encrypted inner hello 4 KiB.
 */
#define HELLO_MAX 16384

/* The longest run of bytes that may carry it, record headers included. */
#define HELLO_RAW_MAX 32768

enum hello_state {
	HELLO_MORE, /* not all there yet */
	HELLO_OK,
	HELLO_BAD,  /* not TLS, or not as the RFCs have it: see why */
	HELLO_NONE, /* a good ClientHello without a usable server name */
};

/* Begin with all zero. */
struct hello {
	size_t at;	 /* the first record that is not complete */
	size_t have;	 /* handshake bytes in the records before it */
	size_t need;	 /* the length of the message, once it is known */
	int tls;	 /* the bytes begin as TLS: an alert is understood */
	const char *why; /* for HELLO_BAD and HELLO_NONE: static text */
	size_t name_len;
	char name[256]; /* as it was sent, not yet judged; no NUL behind it */
};

/*
 * Looks at the n bytes at raw, which are all that has arrived so far: call it
 * again with more after HELLO_MORE.
 */
enum hello_state hello_parse(struct hello *h, const uint8_t *raw, size_t n);

#endif
