#include "pen-report/package.h"

#include <stdlib.h>
#include <string.h>

#include "lib/jsonkeys.h"
#include "lib/mem.h"

/* Run by npm, yarn and pnpm in their own time: npm's scripts(7). */
static const char *const scripts[] = {
    "preinstall", "install",	 "postinstall", "preprepare",
    "prepare",	  "postprepare", "prepublish",	"dependencies"};

/* Hooks of git's, installed or found there by hook managers. */
static const char *const members[] = {"simple-git-hooks", "husky", "gitHooks",
				      "lint-staged", "pre-commit"};

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

/* The members of the object text; none where it is no object. */
static struct jsonkeys
parse(const char *text, size_t n)
{
	struct jsonkeys k;

	if (jsonkeys_parse(&k, text, n) < 0)
		k = (struct jsonkeys){0};
	return k;
}

static int
differs(const struct jsonkeys *was, const struct jsonkeys *is,
	const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(names[i]);
		const struct jsonkey *now = jsonkeys_find(is, names[i], k);

		if (now &&
		    !jsonkeys_equal(jsonkeys_find(was, names[i], k), now))
			return 1;
	}
	return 0;
}

static struct jsonkeys
scripts_of(const struct jsonkeys *k)
{
	const struct jsonkey *s = jsonkeys_find(k, "scripts", 7);

	return s ? parse(s->value, s->value_n) : (struct jsonkeys){0};
}

int
package_has_news(const char *was, const char *is)
{
	struct jsonkeys a = parse(was, strlen(was)), b = parse(is, strlen(is));
	struct jsonkeys x = scripts_of(&a), y = scripts_of(&b);
	int news = differs(&a, &b, members, LENGTH(members)) ||
		   differs(&x, &y, scripts, LENGTH(scripts));

	free(a.v);
	free(b.v);
	free(x.v);
	free(y.v);
	return news;
}
