/*
 * The commands of a push: in pieces they are read as at once, what was taken is
 * what goes on, and each update is what the text says.
 */
#include "pen-key/pkt.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum pkt_state
scan(struct pkt_push *p, const uint8_t *data, size_t n, size_t step,
     size_t *taken)
{
	enum pkt_state s = PKT_MORE;

	memset(p, 0, sizeof(*p));
	*taken = 0;
	while (s == PKT_MORE && *taken < n) {
		size_t part = n - *taken < step ? n - *taken : step, used;
		uint8_t *exact = malloc(part);

		memcpy(exact, data + *taken, part);
		s = pkt_scan(p, exact, part, &used);
		if (used > part || (s == PKT_MORE && used < part))
			abort();
		*taken += used;
		free(exact);
	}
	return s;
}

static void
check_updates(const struct pkt_push *p, const uint8_t *data)
{
	const char *why[PKT_UPDATES_MAX];
	static char answer[16384];

	if (memcmp(p->text, data, p->n) != 0 ||
	    memcmp(p->text + p->n - 4, "0000", 4) != 0)
		abort();
	for (size_t i = 0; i < p->updates; i++) {
		const struct pkt_update *u = &p->update[i];
		const char *ref = p->text + u->ref;

		why[i] = "why";
		if (u->ref_n < 6 || u->ref_n > PKT_REF_MAX ||
		    strncmp(ref, "refs/", 5) != 0 ||
		    memchr(ref, '\0', u->ref_n) || memchr(ref, ' ', u->ref_n) ||
		    memchr(ref, '\n', u->ref_n) || u->ref + u->ref_n > p->n)
			abort();
	}
	if (pkt_refuse(p, why, answer, sizeof(answer)) >= sizeof(answer))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct pkt_push whole, pieces;
	size_t taken, also;
	enum pkt_state s = scan(&whole, data, n, n ? n : 1, &taken);
	enum pkt_state t = scan(&pieces, data, n, 3, &also);

	if (s != t || whole.updates != pieces.updates ||
	    (s == PKT_DONE && (taken != also || taken != whole.n)))
		abort();
	if (s == PKT_DONE)
		check_updates(&whole, data);
	return 0;
}
