#include "pen-sni/audit.h"

#include "pen-sni/live.h"

const struct allow *
audit_allow(struct policy *p, struct events *e, const struct rule *wish)
{
	char text[RULE_TEXT] = "";

	rule_format(wish, text, sizeof(text));
	if (live_allow(p, text, 0))
		return NULL;
	events_add(e, &(struct event){.kind = "audit",
				      .verdict = "allowed",
				      .always = 1,
				      .name = wish->name,
				      .port = wish->port,
				      .rule = text});
	return &p->allow[p->allows - 1];
}
