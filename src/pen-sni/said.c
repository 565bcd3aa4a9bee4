#include "pen-sni/said.h"

#include <stdio.h>
#include <string.h>

const char *const said_budgets[SAID_BUDGETS] = {"requests", "up", "tokens"};

static const struct {
	const char *word;
	enum said_kind kind;
} reasons[] = {{"spent", SAID_SPENT}, {"failed", SAID_FAILED}, {"no", SAID_NO}};

static int
parse_request(const char *text, struct said *s)
{
	unsigned long long up, down, tokens;
	int n = 0;

	if (sscanf(text, "%7[A-Z] %599[!-~] %3u %19llu %19llu %19llu %n",
		   s->method, s->path, &s->status, &up, &down, &tokens,
		   &n) != 6)
		return -1;
	s->kind = SAID_REQUEST;
	s->up = up;
	s->down = down;
	s->tokens = tokens;
	s->why = text[n] ? text + n : NULL;
	return 0;
}

static int
parse_budget(const char *text, struct said *s)
{
	unsigned long long v[2 * SAID_BUDGETS];

	if (sscanf(text,
		   "%15[-a-z0-9] %19llu %19llu %19llu %19llu %19llu %19llu",
		   s->per, &v[0], &v[1], &v[2], &v[3], &v[4], &v[5]) != 7)
		return -1;
	s->kind = SAID_BUDGET;
	for (int i = 0; i < SAID_BUDGETS; i++) {
		s->used[i] = v[2 * i];
		s->limit[i] = v[2 * i + 1];
	}
	return 0;
}

int
said_parse(const char *text, struct said *s)
{
	*s = (struct said){.kind = SAID_LOST};
	if (strncmp(text, "budget ", 7) == 0)
		return parse_budget(text + 7, s);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		size_t n = strlen(reasons[i].word);

		if (strncmp(text, reasons[i].word, n) != 0 || text[n] != ' ')
			continue;
		s->kind = reasons[i].kind;
		s->why = text + n + 1;
		return 0;
	}
	if (sscanf(text, "lost %9lu", &s->lost) == 1)
		return 0;
	return parse_request(text, s);
}
