/*
 * A head that the parser lets through: what is judged to pass has a path that
 * is read in one way, and fields without a line's end, a credential or a name
 * twice as long as what it was made of.
 */
#include "pen-key/judge.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check(const struct judged *d, size_t n)
{
	size_t at = 0;

	if (d->path[0] != '/' || strstr(d->path, "//") ||
	    strstr(d->path, "/../") || strchr(d->path, '%') ||
	    (d->query && strpbrk(d->query, "#?%/\\ ")))
		abort();
	if (d->fields_n > n)
		abort();
	while (at < d->fields_n) {
		const char *field = d->fields + at;

		if (strpbrk(field, "\r\n") ||
		    strncasecmp(field, "x-api-key", 9) == 0 ||
		    strncasecmp(field, "host", 4) == 0 ||
		    strncasecmp(field, "authorization", 13) == 0 ||
		    strncasecmp(field, "content-length", 14) == 0)
			abort();
		at += strlen(field) + 1;
	}
}

/* Of git's host, what passes is of the one repository. */
static void
judge_git(const uint8_t *data, size_t n)
{
	static char repository[] = "/o/r", ref[] = "refs/heads/*";
	static char *repositories[] = {repository, NULL}, *push[] = {ref, NULL};
	static struct judged d;
	struct git g = {.repositories = {repositories, 1}, .push = {push, 1}};
	struct judge j = {.api = &api_any,
			  .placeholder = "a-placeholder",
			  .prefix = "",
			  .git = &g};
	struct http h = {0};
	size_t ok;
	int content;

	if (http_step(&h, data, n, &ok, &content) != HTTP_HEAD ||
	    judge_head(&j, data, ok, &h, &d) < 0)
		return;
	check(&d, ok);
	if (d.part == GIT_NONE ||
	    (strncmp(d.path, "/o/r/", 5) != 0 &&
	     strncmp(d.path, "/o/r.git/", 9) != 0) ||
	    (d.method == JUDGE_POST) != !d.query)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = {"anthropic", "openai", "gemini"};
	static struct judged d;
	uint8_t *copy = malloc(n ? n : 1);

	memcpy(copy, data, n);
	for (size_t i = 0; i < 3; i++) {
		const struct api *api = api_find(names[i]);
		struct judge j = {api, api->pass, "a-placeholder",
				  n % 2 ? "/a/b" : ""};
		struct http h = {0};
		size_t ok;
		int content;

		if (http_step(&h, copy, n, &ok, &content) == HTTP_HEAD &&
		    judge_head(&j, copy, ok, &h, &d) == 0)
			check(&d, ok);
	}
	judge_git(copy, n);
	free(copy);
	return 0;
}
