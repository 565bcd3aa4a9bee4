#include "pen-ctl/budget.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "pen-ctl/reply.h"
#include "pen-ctl/session.h"
#include "pen-ctl/show.h"

static void
show_words(const char *name, const char *what, const char *used,
	   const char *limit, const char *per)
{
	printf("%s: %s %s%s%s, %s\n", name, what, used, *limit ? " of " : "",
	       *limit ? limit : ", no limit",
	       strcmp(per, "run") == 0 ? "in this run" : per);
}

static void
show_one(void *arg, const json_t *o)
{
	struct show_list *list = arg;
	json_t *limit = json_object_get(o, "limit");
	char *name = reply_text(o, "name"), *what = reply_text(o, "what");
	char *per = reply_text(o, "per"), used[24], allowed[24] = "";

	snprintf(used, sizeof(used), "%lld",
		 (long long)json_integer_value(json_object_get(o, "used")));
	if (limit)
		snprintf(allowed, sizeof(allowed), "%lld",
			 (long long)json_integer_value(limit));
	if (list->n++ == 0 && !list->spoken)
		printf("%-9s %12s %12s  %-10s  %s\n", "WHAT", "USED", "ALLOWED",
		       "PER", "NAME");
	if (list->spoken)
		show_words(name, what, used, allowed, per);
	else
		printf("%-9s %12s %12s  %-10s  %s\n", what, used,
		       limit ? allowed : "-", per, name);
	free(name);
	free(what);
	free(per);
}

static void
ask(struct session *s, const char *request, session_fn *fn, void *arg)
{
	const char *error = reply_error(session_ask(s, request, fn, arg));

	if (error)
		die(ERR_TOOL, "%s: %s", request, error);
}

void
budget_show(const char *pen, int json, int spoken)
{
	struct show_list list = {.spoken = spoken};
	struct session s;

	session_open(&s, pen);
	ask(&s, "budget", json ? show_json : show_one, &list);
	if (!json && list.n == 0)
		puts("this pen has no credential outside, and no budget");
}

struct search {
	const char *what; /* as "requests=+200" */
	char *name;	  /* of an API with such a budget, or NULL */
	int many;
};

static void
find_one(void *arg, const json_t *o)
{
	struct search *f = arg;
	char *what = reply_text(o, "what");
	size_t n = strlen(what);

	if (json_object_get(o, "limit") && strncmp(f->what, what, n) == 0 &&
	    f->what[n] == '=') {
		f->many |= f->name != NULL;
		free(f->name);
		f->name = reply_text(o, "name");
	}
	free(what);
}

/* The only API that has such a budget; the caller frees it. */
static char *
find_name(struct session *s, const char *what)
{
	struct search f = {.what = what};

	ask(s, "budget", find_one, &f);
	if (!f.name)
		die(ERR_TOOL, "budget '%s': this pen has no such budget", what);
	if (f.many)
		die_hint("pen-ctl budget lists them: pen-ctl budget NAME ...",
			 "budget '%s': more than one API has such a budget",
			 what);
	return f.name;
}

void
budget_raise(const char *pen, const struct strv *words)
{
	const char *given = strchr(words->v[1], '=') ? NULL : words->v[1];
	struct session s;

	if (given && words->n == 2)
		die(ERR_TOOL, "budget: no KIND=+NUMBER is given");
	session_open(&s, pen);
	for (size_t i = given ? 2 : 1; i < words->n; i++) {
		char *name =
		    given ? mem_copy(given) : find_name(&s, words->v[i]);
		char *request = mem_printf("raise %s %s", name, words->v[i]);

		ask(&s, request, NULL, NULL);
		free(request);
		free(name);
	}
}
