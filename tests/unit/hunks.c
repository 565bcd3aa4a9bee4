/* hunks OLD NEW DIFF N… : OLD with the hunks of these numbers, from 1. */
// needs: pen-review/hunks
#include "pen-review/hunks.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/sni_check.h"

static char *
slurp(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = NULL;
	size_t n = 0;

	CHECK(f && getdelim(&text, &n, '\0', f) >= 0, "cannot read it");
	fclose(f);
	return text;
}

int
main(int argc, char **argv)
{
	char *diff, *a, *b, *text;
	struct hunk *v;
	size_t n, len;

	CHECK(argc > 3, "usage");
	a = slurp(argv[1]);
	b = slurp(argv[2]);
	diff = slurp(argv[3]);
	if (hunks_parse(&v, &n, diff) < 0) {
		puts("no diff");
		return 1;
	}
	for (int i = 4; i < argc; i++)
		v[strtoul(argv[i], NULL, 10) - 1].take = 1;
	text = hunks_apply(v, n, a, b, &len);
	printf("%zu\n%s", n, text ? text : "not of these\n");
	CHECK(!text || strlen(text) == len, "length");
	free(text);
	free(v);
	free(a);
	free(b);
	free(diff);
	return 0;
}
