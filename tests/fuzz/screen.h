/*
 * What holds for any output: it is the same however it is cut, nothing in it
 * is left to be dropped, no control above 0x7f and no byte that is no
 * character comes through, and what is to be undone fits.  And in every mode
 * as much of it as the relay takes at once becomes no more than there is room.
 */
#ifndef FUZZ_SCREEN_H
#define FUZZ_SCREEN_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pen-shell/screen.h"

#define FUZZ_MAX 4096	 /* shorter than a string that passes by parts */
#define FUZZ_CHUNK 16384 /* what the relay reads at once */
#define FUZZ_POLICIES 24

static inline void
fuzz_must(int holds)
{
	if (!holds)
		abort();
}

/* Each ESC begins something that may be written to a terminal. */
static inline void
fuzz_scan(const uint8_t *p, size_t n)
{
	static const unsigned osc[] = {4, 5, 8, 9, 66, 104, 105, 133, 777};

	for (size_t i = 0; i < n; i++) {
		unsigned number = 0;
		size_t k = i + 2;

		fuzz_must(p[i] != 5);
		fuzz_must(p[i] != 0xc2 || i + 1 >= n || p[i + 1] >= 0xa0);
		if (p[i] != 0x1b || i + 1 >= n)
			continue;
		fuzz_must(!memchr("X^klm`abd", p[i + 1], 9));
		if (p[i + 1] != ']')
			continue;
		while (k < n && k < i + 8 && p[k] >= '0' && p[k] <= '9')
			number = number * 10 + p[k++] - '0';
		fuzz_must(k > i + 2);
		if ((number >= 10 && number <= 19) ||
		    (number >= 110 && number <= 119))
			continue;
		for (k = 0; k < sizeof(osc) / sizeof(*osc); k++)
			if (osc[k] == number)
				break;
		fuzz_must(k < sizeof(osc) / sizeof(*osc));
	}
}

/* One of all the policies that there are. */
static inline struct screen_policy
fuzz_policy(unsigned i)
{
	return (struct screen_policy){.clipboard = i & 1,
				      .notifications = i >> 1 & 1,
				      .utf8 = i >> 2 & 1,
				      .title = (enum screen_title)(i >> 3)};
}

/* Fills FUZZ_CHUNK with the n bytes, twice, in the mode that the first says. */
static inline void
fuzz_room(const uint8_t *data, size_t n)
{
	static struct screen s;
	static uint8_t in[FUZZ_CHUNK], out[SCREEN_ROOM(FUZZ_CHUNK)];
	struct screen_policy policy = fuzz_policy(data[0] % FUZZ_POLICIES);
	size_t at = 1;

	screen_init(&s, &policy);
	memset(s.now.mark, 'm', sizeof(s.now.mark) - 1);
	for (unsigned k = 0; k < 2 && n > 1; k++) {
		for (size_t j = 0; j < FUZZ_CHUNK; j++, at++)
			in[j] = data[at < n ? at : (at = 1)];
		fuzz_must(screen_filter(&s, in, FUZZ_CHUNK, out, sizeof(out)) <=
			  sizeof(out));
	}
}

static inline void
fuzz_screen(const uint8_t *data, size_t n)
{
	static struct screen whole, parts, again;
	static uint8_t a[SCREEN_ROOM(FUZZ_MAX)], b[2 * SCREEN_ROOM(FUZZ_MAX)];
	static uint8_t c[SCREEN_ROOM(SCREEN_ROOM(FUZZ_MAX))];
	struct screen_policy policy = {0, SCREEN_TITLE_DENY, 1, 1};
	char text[SCREEN_TEXT];
	size_t an, bn = 0, cn;

	if (n > FUZZ_MAX)
		n = FUZZ_MAX;
	screen_init(&whole, &policy);
	screen_init(&parts, &policy);
	screen_init(&again, &policy);
	an = screen_filter(&whole, data, n, a, sizeof(a));
	fuzz_must(an <= 3 * n + SCREEN_HOLD);
	for (size_t i = 0; i < n; i++)
		bn +=
		    screen_filter(&parts, data + i, 1, b + bn, sizeof(b) - bn);
	fuzz_must(an == bn && memcmp(a, b, an) == 0);
	cn = screen_filter(&again, a, an, c, sizeof(c));
	fuzz_must(an == cn && memcmp(a, c, an) == 0);
	fuzz_scan(a, an);
	fuzz_must(screen_leave(&whole, text) < SCREEN_TEXT / 2);
	fuzz_must(screen_enter(&whole, text) < SCREEN_TEXT / 2);
	fuzz_must(screen_uncover(&whole, text) < SCREEN_TEXT / 2);
	fuzz_must(screen_cover(&whole, text) < SCREEN_TEXT / 2);
	fuzz_must(screen_idle(&whole));
	if (n > 0)
		fuzz_room(data, n);
}

#endif
