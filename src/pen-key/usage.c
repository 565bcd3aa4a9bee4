#include "pen-key/usage.h"

#include <string.h>

enum { OUTSIDE, IN_NAME, ESCAPED, BEHIND_NAME, BEHIND_COLON, IN_NUMBER };

/* No request costs as many. */
#define NUMBER_MAX (UINT64_C(1) << 40)

/* A total has the others in it.  Quoted text has "\"" around names. */
static const struct {
	const char *name;
	int total;
} names[USAGE_NAMES] = {
    {"input_tokens", 0},
    {"cache_creation_input_tokens", 0},
    {"cache_read_input_tokens", 0},
    {"output_tokens", 0},
    {"total_tokens", 1},
    {"totalTokenCount", 1},
    {"completion_tokens", 0},
};

/* A stream says it more than once, and what it carries may look like it: less
 * than was said is no news. */
static void
end_number(struct usage *u)
{
	if (u->number > u->value[u->which])
		u->value[u->which] = u->number;
}

static void
end_name(struct usage *u)
{
	u->state = OUTSIDE;
	for (int i = 0; i < USAGE_NAMES; i++)
		if (strlen(names[i].name) == u->name_n &&
		    memcmp(names[i].name, u->name, u->name_n) == 0) {
			u->which = i;
			u->state = BEHIND_NAME;
		}
}

static void
take_character(struct usage *u, char c)
{
	int blank = c == ' ';

	if (c == '\n') { /* no string has one: here events begin anew */
		if (u->state == IN_NUMBER)
			end_number(u);
		u->state = OUTSIDE;
		return;
	}
	switch (u->state) {
	case IN_NAME:
		if (c == '"')
			end_name(u);
		else if (c == '\\')
			u->state = ESCAPED;
		else if (u->name_n < sizeof(u->name))
			u->name[u->name_n++] = c;
		return;
	case ESCAPED: /* and so none of these names */
		u->name_n = sizeof(u->name);
		u->state = IN_NAME;
		return;
	case BEHIND_NAME:
		if (c == ':')
			u->state = BEHIND_COLON;
		else if (!blank)
			u->state = OUTSIDE;
		break;
	case BEHIND_COLON:
	case IN_NUMBER:
		if (c >= '0' && c <= '9') {
			if (u->state == BEHIND_COLON)
				u->number = 0;
			u->state = IN_NUMBER;
			if (u->number < NUMBER_MAX)
				u->number =
				    u->number * 10 + (uint64_t)(c - '0');
			return;
		}
		if (u->state == IN_NUMBER)
			end_number(u);
		if (!blank || u->state == IN_NUMBER)
			u->state = OUTSIDE;
		break;
	default:
		break;
	}
	if (c == '"') {
		u->state = IN_NAME;
		u->name_n = 0;
	}
}

void
usage_scan(struct usage *u, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (u->state == OUTSIDE) {
			const char *quote = memchr(p + i, '"', n - i);

			if (!quote)
				return;
			i = (size_t)(quote - p);
		}
		take_character(u, p[i]);
	}
}

uint64_t
usage_tokens(const struct usage *u)
{
	uint64_t parts = 0, total = 0;

	for (int i = 0; i < USAGE_NAMES; i++)
		if (names[i].total)
			total = u->value[i] > total ? u->value[i] : total;
		else
			parts += u->value[i];
	return total > parts ? total : parts;
}
