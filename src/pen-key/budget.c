#include "pen-key/budget.h"

#include <stddef.h>
#include <string.h>

#include "lib/num.h"

/* What a model reads, and can tell its user. */
#define ASK                                                          \
	" of this run is used up. Stop, and tell the user that the " \
	"budget in pen.conf would have to be raised"

static const struct {
	const char *name, *why;
} kinds[BUDGET_KINDS] = {
    [BUDGET_REQUESTS] = {"requests", "the budget of requests" ASK},
    [BUDGET_UP] = {"up", "the budget of bytes to be sent" ASK},
    [BUDGET_TOKENS] = {"tokens", "the budget of tokens" ASK},
};

int
budget_parse(struct budget *b, const char *text)
{
	static const char units[] = "KMG";
	const char *equal = strchr(text, '='), *unit;
	char digits[16];
	unsigned long v;
	size_t n;

	for (int i = 0; equal && i < BUDGET_KINDS; i++) {
		if (strlen(kinds[i].name) != (size_t)(equal - text) ||
		    strncmp(kinds[i].name, text, strlen(kinds[i].name)) != 0)
			continue;
		n = strlen(++equal);
		unit = n > 1 ? strchr(units, equal[n - 1]) : NULL;
		n -= unit != NULL;
		if (n == 0 || n >= sizeof(digits))
			return -1;
		memcpy(digits, equal, n);
		digits[n] = '\0';
		if (num_parse(digits, 10, 1UL << 30, &v) < 0 || v == 0)
			return -1;
		b->limit[i] = v;
		for (; unit && unit >= units; unit--)
			b->limit[i] *= i == BUDGET_UP ? 1024 : 1000;
		return 0;
	}
	return -1;
}

const char budget_busy[] =
    "the requests under way may use up the budget of tokens of this run: try "
    "again once one has ended";

/* As many as a model writes in an answer. */
#define ANSWER_TOKENS 128000

static int
is_beyond(const struct budget *b, enum budget_kind k, uint64_t more)
{
	return b->limit[k] && b->used[k] + more > b->limit[k];
}

const char *
budget_begin(struct budget *b, int64_t length)
{
	if (is_beyond(b, BUDGET_REQUESTS, 1))
		return kinds[BUDGET_REQUESTS].why;
	if (is_beyond(b, BUDGET_UP, length > 0 ? (uint64_t)length : 0))
		return kinds[BUDGET_UP].why;
	if (is_beyond(b, BUDGET_TOKENS, 1))
		return kinds[BUDGET_TOKENS].why;
	b->used[BUDGET_REQUESTS]++;
	return NULL;
}

const char *
budget_hold(struct budget *b, int64_t length, uint64_t *held)
{
	uint64_t n = ANSWER_TOKENS + (length > 0 ? (uint64_t)length / 4 : 0);

	*held = 0;
	if (!b->limit[BUDGET_TOKENS])
		return NULL;
	n = n > b->most ? n : b->most;
	if (b->held && is_beyond(b, BUDGET_TOKENS, b->held + n))
		return budget_busy;
	b->held += *held = n;
	return NULL;
}

void
budget_spend(struct budget *b, uint64_t tokens)
{
	b->used[BUDGET_TOKENS] += tokens;
	b->most = tokens > b->most ? tokens : b->most;
}

const char *
budget_send(struct budget *b, uint64_t n)
{
	if (is_beyond(b, BUDGET_UP, n))
		return kinds[BUDGET_UP].why;
	b->used[BUDGET_UP] += n;
	return NULL;
}
