#include "pen-log/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/rule.h"
#include "pen-log/show.h"

struct refusal {
	char *name, *why, *allow; /* made visible */
	long long port;
	unsigned long long times;
};

static struct refusal *
find_refusal(struct summary *s, const char *name, long long port)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].port == port && strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 64;
		s->v = mem_grow(s->v, s->room, sizeof(*s->v));
	}
	s->v[s->n] = (struct refusal){.name = mem_copy(name), .port = port};
	return &s->v[s->n++];
}

void
summary_add(struct summary *s, const json_t *event)
{
	const char *verdict =
	    json_string_value(json_object_get(event, "verdict"));
	struct refusal *r;
	char *name, *address, *why;

	if (!verdict || strcmp(verdict, "refused") != 0)
		return;
	name = show_text(event, "name");
	address = show_text(event, "address");
	why = show_text(event, "why");
	r = find_refusal(s,
			 *name	    ? name
			 : *address ? address
				    : "-",
			 json_integer_value(json_object_get(event, "port")));
	free(r->why);
	free(r->allow);
	r->why = *name && *address ? mem_printf("%s (%s)", why, address)
				   : mem_copy(why);
	free(name);
	free(address);
	free(why);
	r->allow = show_text(event, "allow");
	r->times++;
}

void
summary_add_audited(struct summary *s, const json_t *event)
{
	const char *kind = json_string_value(json_object_get(event, "kind"));
	struct refusal *r;
	char *rule;

	if (!kind || strcmp(kind, "audit") != 0)
		return;
	rule = show_text(event, "rule");
	r = find_refusal(s, rule, 0);
	free(r->allow);
	r->allow = rule;
	r->times++;
}

static int
compare_refusals(const void *a, const void *b)
{
	const struct refusal *x = a, *y = b;

	if (x->times != y->times)
		return x->times < y->times ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Whether the rule was written before; the list is short. */
static int
was_said(const struct summary *s, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(s->v[k].allow, s->v[i].allow) == 0)
			return 1;
	return 0;
}

/*
 * Only what is a rule, whoever wrote the log: this text is there to be pasted.
 */
static void
print_conf(const struct summary *s, const char *title)
{
	int head = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct rule r;
		char text[RULE_TEXT];

		if (rule_parse_allow(s->v[i].allow, &r) || was_said(s, i))
			continue;
		rule_format(&r, text, sizeof(text));
		if (!head++)
			printf("%sprofile default {\n", title);
		printf("\tallow += {\"%s\"}\n", text);
	}
	if (head)
		printf("}\n");
}

void
summary_print_audited(struct summary *s)
{
	if (s->n == 0) {
		printf("nothing was needed that was not allowed\n");
		return;
	}
	qsort(s->v, s->n, sizeof(*s->v), compare_refusals);
	print_conf(s, "# what was needed and not allowed, for pen.conf(5):\n");
}

void
summary_print(struct summary *s, unsigned long long uncounted)
{
	if (s->n == 0 && !uncounted) {
		printf("nothing was refused\n");
		return;
	}
	qsort(s->v, s->n, sizeof(*s->v), compare_refusals);
	printf("%7s  %-40s %s\n", "TIMES", "NAME", "WHY");
	for (size_t i = 0; i < s->n; i++) {
		const struct refusal *r = &s->v[i];
		char *full = r->port ? mem_printf("%s:%lld", r->name, r->port)
				     : mem_copy(r->name);

		printf("%7llu  %-40s %s\n", r->times, full, r->why);
		free(full);
	}
	if (uncounted)
		printf("%7llu  %-40s %s\n", uncounted, "(other refusals)",
		       "are not in the log");
	print_conf(s, "\n# what of this is wanted, for pen.conf(5):\n");
}
