#include "pen-key/budget.h"

#include <stdio.h>
#include <string.h>

#include "lib/num.h"

static const struct {
	const char *name, *text, *example;
} kinds[COUNT_KINDS] = {
    [COUNT_REQUESTS] = {"requests", "requests", "100"},
    [COUNT_UP] = {"up", "bytes to be sent", "10M"},
    [COUNT_TOKENS] = {"tokens", "tokens", "1M"},
};

static int
parse_number(const char *text, uint64_t thousand, uint64_t *number)
{
	static const char units[] = "KMG";
	size_t n = strlen(text);
	const char *unit = n > 1 ? strchr(units, text[n - 1]) : NULL;
	char digits[16];
	unsigned long v;

	n -= unit != NULL;
	if (n == 0 || n >= sizeof(digits))
		return -1;
	memcpy(digits, text, n);
	digits[n] = '\0';
	if (num_parse(digits, 10, 1UL << 30, &v) < 0 || v == 0)
		return -1;
	*number = v;
	for (; unit && unit >= units; unit--)
		*number *= thousand;
	return 0;
}

/* KIND=NUMBER, and sign before the number.  0, or -1. */
static int
parse_limit(const char *text, const char *sign, int *kind, uint64_t *number)
{
	const char *equal = strchr(text, '=');
	size_t n = strlen(sign);

	for (int i = 0; equal && i < COUNT_KINDS; i++) {
		if (strlen(kinds[i].name) != (size_t)(equal - text) ||
		    strncmp(kinds[i].name, text, (size_t)(equal - text)) != 0)
			continue;
		*kind = i;
		return strncmp(equal + 1, sign, n) != 0
			   ? -1
			   : parse_number(equal + 1 + n,
					  i == COUNT_UP ? 1024 : 1000, number);
	}
	return -1;
}

int
budget_parse(struct budget *b, const char *text)
{
	uint64_t number;
	int kind;

	b->per_day |= strcmp(text, "per=day") == 0;
	if (strcmp(text, "per=run") == 0 || strcmp(text, "per=day") == 0)
		return 0;
	if (parse_limit(text, "", &kind, &number) < 0)
		return -1;
	b->limit[kind] = number;
	return 0;
}

/* What a model reads, and can tell its user. */
static const char *
say_spent(struct budget *b, enum count_kind k)
{
	const char *of = b->per_day ? "today" : "this run";

	if (b->alone)
		snprintf(b->why[k], sizeof(b->why[k]),
			 "the budget of %s of %s is used up. Stop, and tell "
			 "the user, who can start pen-key with another one",
			 kinds[k].text, of);
	else
		snprintf(b->why[k], sizeof(b->why[k]),
			 "the budget of %s of %s is used up. Stop, and tell "
			 "the user, who can raise it outside the pen: pen-ctl "
			 "budget %s=+%s",
			 kinds[k].text, of, kinds[k].name, kinds[k].example);
	return b->why[k];
}

/* As many as a model writes in an answer. */
#define ANSWER_TOKENS 128000

static int
is_beyond(const struct budget *b, enum count_kind k, uint64_t more)
{
	return b->limit[k] && b->count.used[k] + more > b->limit[k];
}

/* The day's count is there until store_count.  NULL, or why it is not. */
static const char *
load_count(struct budget *b)
{
	unsigned day = b->count.day;

	if (!b->per_day)
		return NULL;
	if (count_begin(&b->file, count_day(time(NULL)), &b->count) < 0)
		return b->file.why;
	if (b->count.day != day)
		b->told = 0;
	return NULL;
}

static const char *
store_count(struct budget *b)
{
	return b->per_day && count_end(&b->file, &b->count) < 0 ? b->file.why
								: NULL;
}

/* Whether it would have to wait for those under way. */
static int
has_to_wait(const struct budget *b, uint64_t n)
{
	return b->count.held && is_beyond(b, COUNT_TOKENS, b->count.held + n);
}

/* As much as it may use, or 0. */
static uint64_t
estimate(const struct budget *b, int64_t length)
{
	uint64_t n = ANSWER_TOKENS + (length > 0 ? (uint64_t)length / 4 : 0);

	if (length == -2 || !b->limit[COUNT_TOKENS])
		return 0;
	return n > b->most ? n : b->most;
}

/* What was killed holds nothing back any more, and may have spent it. */
static void
settle(struct budget *b)
{
	if (!b->per_day || b->count.held <= b->own || !count_is_alone(&b->file))
		return;
	b->count.used[COUNT_TOKENS] += b->count.held - b->own;
	b->count.held = b->own;
}

static const char *
begin(struct budget *b, int64_t length, uint64_t *held, int *status)
{
	uint64_t n = estimate(b, length);

	*status = 429;
	if (has_to_wait(b, n))
		settle(b);
	if (is_beyond(b, COUNT_REQUESTS, 1))
		return say_spent(b, COUNT_REQUESTS);
	if (is_beyond(b, COUNT_UP, length > 0 ? (uint64_t)length : 0))
		return say_spent(b, COUNT_UP);
	if (is_beyond(b, COUNT_TOKENS, 1))
		return say_spent(b, COUNT_TOKENS);
	*status = 503;
	if (n && has_to_wait(b, n))
		return "the requests under way may use up the budget of "
		       "tokens: try again once one has ended";
	b->count.used[COUNT_REQUESTS]++;
	b->count.held += *held = n;
	b->own += n;
	return NULL;
}

const char *
budget_begin(struct budget *b, int64_t length, uint64_t *held, int *status)
{
	const char *why, *failed;

	*held = 0;
	*status = 429;
	why = load_count(b);
	if (why)
		return why;
	why = begin(b, length, held, status);
	failed = store_count(b);
	if (failed)
		*status = 429;
	return failed ? failed : why;
}

const char *
budget_send(struct budget *b, uint64_t n)
{
	const char *why = load_count(b), *failed;

	if (why)
		return why;
	if (is_beyond(b, COUNT_UP, n))
		why = say_spent(b, COUNT_UP);
	else
		b->count.used[COUNT_UP] += n;
	failed = store_count(b);
	return failed ? failed : why;
}

void
budget_end(struct budget *b, uint64_t tokens, uint64_t *held)
{
	uint64_t n = *held;

	*held = 0;
	b->own -= n;
	b->most = tokens > b->most ? tokens : b->most;
	if (load_count(b)) /* no other request begins */
		return;
	b->count.used[COUNT_TOKENS] += tokens;
	b->count.held -= n < b->count.held ? n : b->count.held;
	store_count(b);
}

int
budget_tell(struct budget *b, const char *why)
{
	for (int i = 0; i < COUNT_KINDS; i++) {
		unsigned bit = 1u << i;

		if (why != b->why[i] || b->told & bit)
			continue;
		b->told |= bit;
		return 1;
	}
	if (!why || why != b->file.why || b->told & 1u << COUNT_KINDS)
		return 0;
	b->told |= 1u << COUNT_KINDS;
	return 1;
}

/* NULL, or what is wrong. */
static const char *
raise_limit(struct budget *b, const char *text)
{
	uint64_t number;
	int kind;

	if (parse_limit(text, "+", &kind, &number) < 0)
		return "it is none of requests=+100, up=+10M and tokens=+1M";
	if (!b->limit[kind])
		return "there is no such budget";
	if (number > UINT64_MAX / 2 - b->limit[kind])
		return "that is too much";
	b->limit[kind] += number;
	b->told &= ~(1u << kind);
	return NULL;
}

char *
budget_answer(struct budget *b, const char *text, char *to, size_t size)
{
	const uint64_t *used = b->count.used;
	const char *why = NULL;
	char per[16] = "run";

	if (strncmp(text, "raise ", 6) == 0)
		why = raise_limit(b, text + 6);
	else if (strcmp(text, "budget") != 0)
		why = "that is not understood";
	if (!why)
		why = load_count(b);
	if (!why && b->per_day) {
		count_end(&b->file, NULL);
		snprintf(per, sizeof(per), "%04u-%02u-%02u",
			 b->count.day / 10000, b->count.day / 100 % 100,
			 b->count.day % 100);
	}
	if (why)
		snprintf(to, size, "no %s", why);
	else
		snprintf(to, size, "budget %s %llu %llu %llu %llu %llu %llu",
			 per, (unsigned long long)used[COUNT_REQUESTS],
			 (unsigned long long)b->limit[COUNT_REQUESTS],
			 (unsigned long long)used[COUNT_UP],
			 (unsigned long long)b->limit[COUNT_UP],
			 (unsigned long long)used[COUNT_TOKENS],
			 (unsigned long long)b->limit[COUNT_TOKENS]);
	return to;
}
