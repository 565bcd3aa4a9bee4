/*
 * keymerge git|RULES BASE NOW DRAFT : the texts, and the keys that are held;
 * keymerge toml BASE DRAFT : whether the draft is no news.
 */
// needs: pen-report/gitmerge pen-report/jsonmerge pen-report/tomlmerge
#include "pen-report/keymerge.h"

#include <string.h>

#include "../lib/sni_check.h"

/* The branches "main" and "old" are there, and the submodule "sub". */
static int
has_branch(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "main") == 0 || strcmp(name, "old") == 0;
}

static int
has_submodule(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "sub") == 0;
}

int
main(int argc, char **argv)
{
	static const struct keymerge_git git = {has_branch, has_submodule,
						NULL};
	struct keymerge m;
	int r;

	if (argc == 4 && strcmp(argv[1], "toml") == 0)
		return !keymerge_toml_is_quiet(argv[2], argv[3]);
	CHECK(argc == 5, "usage");
	r = strcmp(argv[1], "git") == 0
		? keymerge_git(&m, argv[2], argv[3], argv[4], &git)
		: keymerge_json(&m, argv[2], argv[3], argv[4], argv[1]);
	if (r < 0)
		return 1;
	printf("%s", m.host);
	for (size_t i = 0; i < m.n; i++)
		printf("%s %s%s%s\n", m.held[i].quiet ? "QUIET" : "HELD",
		       m.held[i].key, m.held[i].old ? " was " : "",
		       m.held[i].old ? m.held[i].old : "");
	if (m.draft)
		printf("DRAFT\n%s", m.draft);
	keymerge_free(&m);
	return 0;
}
