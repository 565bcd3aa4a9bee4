/* dns: a question read and an answer written (RFC 1035).  Pure. */
#ifndef PEN_DNS_H
#define PEN_DNS_H

#include <stddef.h>
#include <stdint.h>

#include "lib/rule.h"

/* RFC 1035 section 4.2.1, and an answer here is never longer than this. */
#define DNS_MAX 512

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_AAAA = 28 };

/* RFC 1035 section 4.1.1 */
enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
	DNS_DROP = 16, /* no answer: it is not a query at all */
};

/* A name of 255 octets, each of them a dot within a label, and NUL. */
#define DNS_NAME_TEXT (2 * (RULE_NAME_MAX + 2))

struct dns_question {
	int canonical;		  /* name is as rule_name has it */
	char name[DNS_NAME_TEXT]; /* otherwise as sent; "\\." is in a label */
	size_t name_len;
	unsigned type;
	size_t end; /* where the question ends, or 0 */
};

/*
 * Reads the query of n bytes at p.  DNS_NOERROR and *q, or what to answer
 * instead: then q->end is 0 when not even the question can be repeated.
 */
enum dns_rcode dns_parse(const uint8_t *p, size_t n, struct dns_question *q);

/*
 * Writes the answer to the query at p, read into q, with that code and, unless
 * data is NULL, with one record of the question's type and len bytes (4 or
 * 16).  Returns its length.
 */
size_t dns_answer(const uint8_t *p, const struct dns_question *q,
		  enum dns_rcode code, const void *data, size_t len,
		  uint8_t out[DNS_MAX]);

/*
 * Decides on a question that is not about localhost or a number: DNS_NOERROR
 * and an IPv4 address, in the host's order, or what to answer instead.
 */
typedef enum dns_rcode dns_lookup(void *arg, const struct dns_question *q,
				  uint32_t *address);

/*
 * Writes the answer to the query of n bytes at p, with lookup's address for a
 * name; its length, or 0: there is none.  Of a name only A has records: no
 * other address family, no SVCB or HTTPS (RFC 9460) with its ECH keys and QUIC.
 */
size_t dns_reply(const uint8_t *p, size_t n, dns_lookup *lookup, void *arg,
		 uint8_t out[DNS_MAX]);

#endif
