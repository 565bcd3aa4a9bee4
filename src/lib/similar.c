#include "lib/similar.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define WORD_MAX 63

static size_t
smallest(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* The optimal string alignment distance, three rows of its table at a time. */
size_t
similar_distance(const char *a, const char *b, size_t limit)
{
	size_t rows[3][WORD_MAX + 1], n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return limit + 1;
	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *row = rows[i % 3], *up = rows[(i + 2) % 3];
		const size_t *above = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
				      a[i - 2] == b[j - 1];

			row[j] = smallest(up[j] + 1, row[j - 1] + 1,
					  up[j - 1] + (a[i - 1] != b[j - 1]));
			if (swapped && above[j - 2] + 1 < row[j])
				row[j] = above[j - 2] + 1;
		}
	}
	return rows[n % 3][m] > limit ? limit + 1 : rows[n % 3][m];
}

int
similar_is(const char *word, const char *name)
{
	size_t n = strlen(word), limit = n > 4 ? 2 : 1;

	if (n < 2)
		return 0;
	return (n > 2 && strncmp(word, name, n) == 0) ||
	       similar_distance(word, name, limit) <= limit;
}

const struct opt *
similar_option(const struct opt *opts, const char *word)
{
	const char *name = word + strspn(word, "-");
	char *typed = mem_part(name, strcspn(name, "="));
	const struct opt *best = NULL;
	size_t least = 4;

	for (const struct opt *o = opts; o->name; o++) {
		size_t d = similar_distance(typed, o->name, 3);

		if (similar_is(typed, o->name) && (!best || d < least)) {
			best = o;
			least = d;
		}
	}
	free(typed);
	return best;
}
