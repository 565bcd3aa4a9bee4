#include "pen-sni/handshake.h"

#include <string.h>

#include "lib/rule.h"

enum {
	RECORD_HEADER = 5, /* RFC 8446 section 5.1 */
	RECORD_FIRST = 20, /* of all types: ChangeCipherSpec */
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_LAST = 24,	   /* Heartbeat, RFC 6520 */
	RECORD_MAX = 16384 + 2048, /* RFC 5246 section 6.2.3 */
	CLIENT_HELLO = 1,
	SERVER_HELLO = 2,
	RANDOM_AT = RECORD_HEADER + 4 + 2, /* message header, version */
};

/* The random of a HelloRetryRequest, RFC 8446 section 4.1.3. */
static const uint8_t retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c,
    0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb,
    0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

int
handshake_answered(struct handshake *h, const uint8_t *p, size_t n, int ended)
{
	int retry = (n < 1 || p[0] == RECORD_HANDSHAKE) &&
		    (n < 2 || p[1] == 3) &&
		    (n <= RECORD_HEADER || p[RECORD_HEADER] == SERVER_HELLO);

	if (retry && n > RANDOM_AT)
		retry =
		    memcmp(p + RANDOM_AT, retry_random,
			   n < HANDSHAKE_ANSWER ? n - RANDOM_AT
						: sizeof(retry_random)) == 0;
	if (retry && n < HANDSHAKE_ANSWER && !ended)
		return 0;
	h->state =
	    retry && n >= HANDSHAKE_ANSWER ? HANDSHAKE_RETRY : HANDSHAKE_REST;
	h->hello = (struct hello){0};
	h->look.hold[CLIENT] = h->look.hold[SERVER] = 0;
	return 1;
}

static int
refuse_message(struct handshake *h, const char *why)
{
	h->why = why;
	return -1;
}

/*
 * Takes what is left of a record off *at.  Messages in clear are followed from
 * one to the next, so that no ClientHello is among them.  0, or -1.
 */
static int
take_record(struct handshake *h, const uint8_t *p, size_t n, size_t *at)
{
	if (h->record_type != RECORD_HANDSHAKE) {
		size_t k = n - *at < h->record_left ? n - *at : h->record_left;

		h->record_left -= k;
		*at += k;
	}
	for (; h->record_left > 0 && *at < n; h->record_left--, ++*at) {
		if (h->message_left > 0) {
			h->message_left--;
			continue;
		}
		h->head[h->head_n++] = p[*at];
		if (h->head[0] == CLIENT_HELLO)
			return refuse_message(h, "a second ClientHello");
		if (h->head_n < sizeof(h->head))
			continue;
		h->message_left = (size_t)h->head[1] << 16 |
				  (size_t)h->head[2] << 8 | h->head[3];
		h->head_n = 0;
	}
	return 0;
}

/* The ClientHello that was asked for.  Its length, 0 for more of it, or -1. */
static ssize_t
take_second(struct handshake *h, const uint8_t *p, size_t n)
{
	char name[RULE_NAME_MAX + 1];

	switch (hello_parse(&h->hello, p, n)) {
	case HELLO_MORE:
		return 0;
	case HELLO_OK:
		if (rule_name(h->hello.name, h->hello.name_len, name) < 0 ||
		    strcmp(name, h->name) != 0)
			return refuse_message(
			    h, "a second ClientHello with another name");
		h->state = HANDSHAKE_REST;
		return (ssize_t)h->hello.at;
	default:
		return refuse_message(h, h->hello.why);
	}
}

/*
 * The next record, whose n bytes at p begin with its header, or may.  Behind
 * what is none nobody reads TLS any more.  Whether there have to be more.
 */
static int
begin_record(struct handshake *h, const uint8_t *p, size_t n)
{
	size_t left = n < RECORD_HEADER ? 0 : (size_t)p[3] << 8 | p[4];

	if ((n > 0 && (p[0] < RECORD_FIRST || p[0] > RECORD_LAST)) ||
	    (n > 1 && p[1] != 3) || left > RECORD_MAX ||
	    /* ChangeCipherSpec or application data */
	    (n > 0 && h->state == HANDSHAKE_REST && p[0] != RECORD_HANDSHAKE &&
	     p[0] != RECORD_ALERT))
		h->state = HANDSHAKE_DONE;
	if (h->state == HANDSHAKE_DONE || n < RECORD_HEADER)
		return h->state != HANDSHAKE_DONE;
	h->record_type = p[0];
	h->record_left = left;
	return 0;
}

ssize_t
handshake_judge(struct look *l, const uint8_t *p, size_t n)
{
	struct handshake *h = (struct handshake *)l;
	size_t at = 0;

	if (h->state == HANDSHAKE_HELLO) {
		h->state = HANDSHAKE_WAIT;
		at = h->hello.at;
	}
	while (take_record(h, p, n, &at) == 0) {
		int message = n > at && p[at] == RECORD_HANDSHAKE;

		if (h->state == HANDSHAKE_WAIT && message) {
			h->look.hold[CLIENT] = 1;
			return (ssize_t)at;
		}
		if (h->state == HANDSHAKE_RETRY && message) {
			ssize_t second = take_second(h, p + at, n - at);

			if (second <= 0)
				return second < 0 ? -1 : (ssize_t)at;
			at += (size_t)second;
			continue;
		}
		if (h->state != HANDSHAKE_DONE &&
		    begin_record(h, p + at, n - at))
			return (ssize_t)at;
		if (h->state == HANDSHAKE_DONE)
			return (ssize_t)n;
		at += RECORD_HEADER;
	}
	return -1;
}
