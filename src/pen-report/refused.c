#include "pen-report/refused.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/mem.h"

/*
 * What shipped agents ask for and work without (updates, telemetry): so many
 * times a run, 0 is any number, it is no news.
 */
static const struct {
	const char *agent, *name;
	unsigned times;
} expected[] = {
    {"claude", "downloads.claude.ai", 0},
    {"claude", "storage.googleapis.com", 0},
    {"claude", "statsig.anthropic.com", 0},
    {"claude", "sentry.io", 0},
    {"codex", "api.github.com", 2},
    {"codex", "github.com", 2},
    {"aider", "pypi.org", 2},
    {"aider", "us.i.posthog.com", 0},
};

/* Names that are counted; whoever is inside chooses them. */
#define NAMES_MAX 256

static struct account_refused *
find_refused(struct account *a, const char *name)
{
	for (size_t i = 0; i < a->nrefused; i++)
		if (strcmp(a->refused[i].name, name) == 0)
			return &a->refused[i];
	if (a->nrefused == NAMES_MAX)
		return NULL;
	a->refused = mem_room(a->refused, a->nrefused, sizeof(*a->refused));
	a->refused[a->nrefused] =
	    (struct account_refused){.name = mem_copy(name)};
	return &a->refused[a->nrefused++];
}

/* What an allowed name lacks, by pen-sni's words for it; or NULL. */
static char *
option_for(const json_t *o, const char *name, const char *why)
{
	const char *at = json_string_value(json_object_get(o, "address"));
	long long port = json_integer_value(json_object_get(o, "port"));
	int v6 = at && strchr(at, ':');

	if (strcmp(why, "a private address") == 0)
		return mem_printf("--private %s", name);
	if (strcmp(why, "not a public address") == 0 && at)
		return mem_printf("--connect-to %s:%lld:%s%s%s:%lld", name,
				  port, v6 ? "[" : "", at, v6 ? "]" : "", port);
	return NULL;
}

/*
 * A request that pen-key refused since a budget is used up; what it says to the
 * model behind that is not for the user.  The event that it is used up has no
 * request of its own.
 */
static int
take_budget(struct account *a, const json_t *o)
{
	static const char budget[] = "the budget of ";
	const char *kind = json_string_value(json_object_get(o, "kind"));
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *why = json_string_value(json_object_get(o, "why"));
	struct account_refused *r;

	if (!kind || !name || !why || strncmp(why, budget, strlen(budget)) != 0)
		return 0;
	if (strcmp(kind, "budget") == 0)
		return 1;
	if (strcmp(kind, "key") != 0)
		return 0;
	r = find_refused(a, name);
	if (r) {
		r->times++;
		free(r->why);
		r->why = mem_part(why, strcspn(why, "."));
	}
	return 1;
}

/* An update of a push that pen-key let through, with the user's credential. */
static int
take_push(struct account *a, const json_t *o)
{
	const char *method = json_string_value(json_object_get(o, "method"));
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *path = json_string_value(json_object_get(o, "path"));
	const char *why = json_string_value(json_object_get(o, "why"));
	long long status = json_integer_value(json_object_get(o, "status"));

	if (!method || strcmp(method, "PUSH") != 0 || !name || !path || !why)
		return 0;
	if (a->pushed.n < NAMES_MAX)
		strv_push(&a->pushed,
			  mem_printf("%s%s %s%s", name, path, why,
				     status == 200 ? ""
				     : status == 0 ? ", without an answer"
						   : ", and failed"));
	return 1;
}

/*
 * One connection is refused as a name is looked up; clients ask for a name's
 * addresses of both kinds, and again.  What a rule denies was decided, and is
 * no news.
 */
static void
take_event(struct account *a, const json_t *o)
{
	const char *verdict = json_string_value(json_object_get(o, "verdict"));
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *why = json_string_value(json_object_get(o, "why"));
	const char *allow = json_string_value(json_object_get(o, "allow"));
	const char *kind = json_string_value(json_object_get(o, "kind"));
	struct account_refused *r;

	if (!verdict || strcmp(verdict, "refused") != 0 || !name || !*name ||
	    (why && strcmp(why, "denied") == 0) ||
	    ((!allow || !*allow) && (!why || !*why)))
		return;
	r = find_refused(a, name);
	if (!r)
		return;
	r->times++;
	if (r->unserved)
		return;
	r->unserved = kind && strcmp(kind, "key") == 0;
	free(r->allow);
	free(r->why);
	if (allow && *allow) {
		r->allow = mem_printf("--allow %s", allow);
		r->why = NULL;
	} else {
		r->allow = option_for(o, name, why);
		r->why = mem_copy(why);
	}
}

static void
read_file(struct account *a, const char *path)
{
	int fd = file_open_regular(path, O_NOFOLLOW);
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (!f) {
		if (fd >= 0)
			close(fd);
		if (errno != ENOENT)
			strv_push(&a->why,
				  mem_printf("'%s' cannot be read", path));
		return;
	}
	while ((n = getline(&line, &room, f)) > 0) {
		json_t *o = json_loadb(line, (size_t)n, 0, NULL);

		if (!take_push(a, o) && !take_budget(a, o))
			take_event(a, o);
		json_decref(o);
	}
	free(line);
	fclose(f);
}

static int
by_times(const void *a, const void *b)
{
	const struct account_refused *x = a, *y = b;

	if (x->times != y->times)
		return x->times < y->times ? 1 : -1;
	return strcmp(x->name, y->name);
}

static int
is_expected(const struct account *a, const struct account_refused *r)
{
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		if (a->m->agent &&
		    strcmp(a->m->agent, expected[i].agent) == 0 &&
		    strcmp(r->name, expected[i].name) == 0 &&
		    (!expected[i].times || r->times <= expected[i].times))
			return 1;
	return 0;
}

void
refused_read(struct account *a, const char *log)
{
	char *second;

	if (!log)
		return;
	second = mem_printf("%s.1", log); /* pen-sni(1): they take turns */
	read_file(a, second);
	read_file(a, log);
	free(second);
	for (size_t i = 0; i < a->nrefused; i++)
		a->refused[i].tell = !is_expected(a, &a->refused[i]);
	if (a->nrefused > 0)
		qsort(a->refused, a->nrefused, sizeof(*a->refused), by_times);
}
