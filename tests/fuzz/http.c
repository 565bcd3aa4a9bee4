/*
 * A stream of requests, whole and grown run by run: both have to come to the
 * same heads; and no head that passes has what a server could read otherwise.
 */
#include "lib/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct seen {
	size_t heads, last; /* how many, and where the last one ended */
	int bad;
};

/* Said without the parser's help. */
static void
check_head(const uint8_t *p, size_t n, const struct http *h)
{
	int hosts = 0;
	unsigned port = 0;

	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\0' || (p[i] == '\r' && p[i + 1] != '\n') ||
		    (p[i] == '\n' && (i == 0 || p[i - 1] != '\r')))
			abort();
		if (p[i] != '\n' || i + 1 == n)
			continue;
		if (p[i + 1] == ' ' || p[i + 1] == '\t')
			abort();
		hosts += n - i > 6 &&
			 strncasecmp((const char *)p + i + 1, "host:", 5) == 0;
	}
	if (hosts != 1 || h->host_at + h->host_len > n ||
	    memcmp(p + n - 4, "\r\n\r\n", 4) != 0)
		abort();
	hosts = (int)http_host(p + h->host_at, h->host_len, 80, &port);
	if (hosts > (int)h->host_len ||
	    (hosts > 0 && (port == 0 || port > 65535)))
		abort();
}

static struct seen
walk(const uint8_t *data, size_t n, size_t step)
{
	struct seen seen = {0};
	struct http h = {0};
	size_t at = 0, have = 0, ok;
	enum http_state s;

	while (have < n && !seen.bad) {
		have = have + step < n ? have + step : n;
		do {
			int begins = h.phase == HTTP_IN_HEAD;

			s = http_scan(&h, data + at, have - at, &ok);
			if (ok > have - at)
				abort();
			if (s == HTTP_HEAD) {
				if (begins)
					check_head(data + at, ok, &h);
				seen.heads++;
				seen.last = at + ok;
			}
			at += ok;
		} while (s == HTTP_HEAD);
		seen.bad = s == HTTP_BAD;
		if (!seen.bad && have - at >= HTTP_HEAD_MAX)
			abort();
	}
	return seen;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct seen whole = walk(data, n, n ? n : 1);
	static const size_t steps[] = {1, 2, 7, 64};

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct seen grown = walk(data, n, steps[i]);

		if (grown.heads != whole.heads || grown.last != whole.last ||
		    grown.bad != whole.bad)
			abort();
	}
	return 0;
}
