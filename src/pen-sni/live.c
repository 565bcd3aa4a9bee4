#include "pen-sni/live.h"

#include <string.h>

#include "lib/mem.h"
#include "pen-sni/policy_add.h"

void
live_init(struct policy *p, const int64_t *now)
{
	p->allow_room = p->allows + LIVE_MAX;
	p->deny_room = p->denies + LIVE_MAX;
	p->allow = mem_grow(p->allow, p->allow_room, sizeof(*p->allow));
	p->deny = mem_grow(p->deny, p->deny_room, sizeof(*p->deny));
	p->now = now;
}

static int
is_live(const struct policy *p, const struct life *l)
{
	return l->live && !l->off && (!l->until || *p->now < l->until);
}

static int
reads_as(const struct rule *r, const char *text)
{
	char own[RULE_TEXT];

	rule_format(r, own, sizeof(own));
	return strcmp(own, text) == 0;
}

/* text as rule_format writes it; NULL, or what is wrong with it. */
static const char *
canonical_text(const char *text, char out[RULE_TEXT])
{
	struct rule r;
	const char *why = rule_parse(text, &r);

	if (!why)
		rule_format(&r, out, RULE_TEXT);
	return why;
}

size_t
live_undo(struct policy *p, const char *text)
{
	char rule[RULE_TEXT];
	size_t n = 0;

	if (canonical_text(text, rule))
		return 0;
	for (size_t i = 0; i < p->allows; i++) {
		struct allow *a = &p->allow[i];

		if (is_live(p, &a->life) && reads_as(&a->rule, rule))
			n += (size_t)(a->life.off = 1);
	}
	for (size_t i = 0; i < p->denies; i++) {
		struct deny *d = &p->deny[i];

		if (is_live(p, &d->life) && reads_as(&d->rule, rule))
			n += (size_t)(d->life.off = 1);
	}
	return n;
}

static struct life
new_life(const struct policy *p, unsigned seconds)
{
	return (struct life){
	    .live = 1,
	    .until = seconds ? *p->now + (int64_t)seconds * 1000 : 0};
}

const char *
live_allow(struct policy *p, const char *text, unsigned seconds)
{
	const char *why;
	size_t at = p->allows;

	if (at == p->allow_room)
		return "there were too many changes in this session";
	why = policy_allow(p, text);
	if (why)
		return why;
	p->allow[at].life.off = 1;
	live_undo(p, text);
	p->allow[at].life = new_life(p, seconds);
	return NULL;
}

const char *
live_deny(struct policy *p, const char *text, unsigned seconds)
{
	const char *why;
	size_t at = p->denies;

	if (at == p->deny_room)
		return "there were too many changes in this session";
	why = policy_deny(p, text);
	if (why)
		return why;
	p->deny[at].life.off = 1;
	live_undo(p, text);
	p->deny[at].life = new_life(p, seconds);
	return NULL;
}

int
live_describe(const struct policy *p, size_t i, char text[RULE_TEXT],
	      const char **verdict, unsigned *seconds)
{
	const struct life *l = NULL;

	for (size_t k = 0; k < p->allows + p->denies; k++) {
		int allow = k < p->allows;
		const struct rule *r;

		l = allow ? &p->allow[k].life : &p->deny[k - p->allows].life;
		if (!is_live(p, l) || i-- > 0)
			continue;
		r = allow ? &p->allow[k].rule : &p->deny[k - p->allows].rule;
		rule_format(r, text, RULE_TEXT);
		*verdict = allow ? "allow" : "deny";
		*seconds = l->until
			       ? (unsigned)((l->until - *p->now + 999) / 1000)
			       : 0;
		return 0;
	}
	return -1;
}
