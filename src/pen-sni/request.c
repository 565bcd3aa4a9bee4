#include "pen-sni/request.h"

#include <assert.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/num.h"

static const struct {
	const char *word;
	int lifetime, rule; /* what follows */
} verbs[] = {
    [REQUEST_STATUS] = {"status", 0, 0},
    [REQUEST_DENIED] = {"denied", 0, 0},
    [REQUEST_RULES] = {"rules", 0, 0},
    [REQUEST_ALLOW] = {"allow", 1, 1},
    [REQUEST_DENY] = {"deny", 1, 1},
    [REQUEST_UNDO] = {"undo", 0, 1},
    [REQUEST_EVENTS] = {"events", 0, 0},
    [REQUEST_STOP] = {"stop", 0, 0},
    [REQUEST_ASK] = {"ask", 0, 0},
    [REQUEST_ANSWER] = {"answer", 0, 0},
    [REQUEST_PORTS] = {"ports", 0, 0},
    [REQUEST_PUBLISH] = {"publish", 0, 1},
    [REQUEST_REACH] = {"reach", 0, 1},
    [REQUEST_UNPUBLISH] = {"unpublish", 0, 1},
    [REQUEST_UNREACH] = {"unreach", 0, 1},
    [REQUEST_BUDGET] = {"budget", 0, 0},
    [REQUEST_RAISE] = {"raise", 0, 1},
};
static_assert(sizeof(verbs) / sizeof(*verbs) == REQUEST_VERBS, "a row each");

/* Takes a word off the n bytes at *text to word; -1 when it does not fit. */
static int
take_word(const char **text, size_t *n, char *word, size_t size)
{
	const char *end = memchr(*text, ' ', *n);
	size_t len = end ? (size_t)(end - *text) : *n;
	size_t used = len + (end != NULL);

	if (len == 0 || len >= size || (end && used == *n))
		return -1;
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += used;
	*n -= used;
	return 0;
}

static int
take_verb(const char **text, size_t *n, enum request_verb *verb)
{
	char word[16];

	if (take_word(text, n, word, sizeof(word)) < 0)
		return -1;
	for (int v = 0; v < REQUEST_VERBS; v++)
		if (strcmp(word, verbs[v].word) == 0) {
			*verb = (enum request_verb)v;
			return 0;
		}
	return -1;
}

static int
take_lifetime(const char **text, size_t *n, unsigned *seconds)
{
	char word[16];
	unsigned long v;

	if (take_word(text, n, word, sizeof(word)) < 0)
		return -1;
	if (strcmp(word, "session") == 0)
		return 0;
	if (duration_parse(word, 'h', REQUEST_SECONDS_MAX, &v) < 0)
		return -1;
	*seconds = (unsigned)v;
	return 0;
}

/* "ID once", "ID deny", or "ID LIFETIME". */
static int
take_answer(const char **text, size_t *n, struct request *q)
{
	char word[16];

	if (take_word(text, n, word, sizeof(word)) < 0 ||
	    num_parse(word, 10, 1UL << 31, &q->id) < 0)
		return -1;
	if (*n == 4 && memcmp(*text, "once", 4) == 0)
		q->answer = REQUEST_ONCE;
	else if (*n == 4 && memcmp(*text, "deny", 4) == 0)
		q->answer = REQUEST_DENY_IT;
	else
		return take_lifetime(text, n, &q->seconds);
	*n = 0;
	return 0;
}

const char *
request_parse(const char *text, size_t n, struct request *r)
{
	struct request q = {0};

	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			return "the request has bytes that are not printable";
	if (take_verb(&text, &n, &q.verb) < 0)
		return "the request is unknown";
	if (verbs[q.verb].lifetime && take_lifetime(&text, &n, &q.seconds) < 0)
		return "the lifetime is neither \"session\" nor as 30s, 10m or "
		       "2h, 24h at most";
	if (verbs[q.verb].rule &&
	    take_word(&text, &n, q.rule, sizeof(q.rule)) < 0)
		return q.verb == REQUEST_RAISE
			   ? "the name is missing or too long"
		       : q.verb >= REQUEST_PUBLISH
			   ? "the port is missing or too long"
			   : "the rule is missing or too long";
	if (q.verb == REQUEST_RAISE &&
	    take_word(&text, &n, q.raise, sizeof(q.raise)) < 0)
		return "what is raised is missing or too long";
	if (q.verb == REQUEST_ANSWER && take_answer(&text, &n, &q) < 0)
		return "the answer is not a number and then once, deny or a "
		       "lifetime";
	if (n > 0)
		return "the request has too many words";
	*r = q;
	return NULL;
}
