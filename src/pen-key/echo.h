/*
 * echo: looks for the credential in what the API answers, as some gateways send
 * a request's head back.  Pure.
 *
 * It is found as it is, in base64 wherever it begins, and with any of its
 * characters as \uHHHH or %HH.  Half of it is enough, so that it is found
 * before all of it has passed, however the answer is cut into pieces; half of a
 * credential is not one.
 */
#ifndef KEY_ECHO_H
#define KEY_ECHO_H

#include <stddef.h>
#include <stdint.h>

#define ECHO_NEEDLES 28

struct echo {
	struct echo_needle {
		char *text;
		size_t n;
	} needle[ECHO_NEEDLES]; /* the first two are the credential itself */
	size_t n, longest;
};

/* Of one answer; begin with all zero. */
struct echo_scan {
	char *tail[2]; /* the end of what was seen: as it came, and decoded */
	size_t tail_n[2];
	char escape[8]; /* that is not whole */
	size_t escape_n;
};

/* What is looked for: a credential of n bytes; wiped by echo_free. */
void echo_init(struct echo *e, const char *credential, size_t n);

/* Another one, which is not found with escapes. */
void echo_add(struct echo *e, const char *credential, size_t n);
void echo_free(struct echo *e);

/* Whether the next n bytes complete it. */
int echo_found(const struct echo *e, struct echo_scan *s, const void *p,
	       size_t n);

/* Frees what the scan has allocated. */
void echo_end(struct echo_scan *s);

#endif
