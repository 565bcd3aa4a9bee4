/* Each word is within the text, and asking for one variable finds the last. */
#include "pen/gitfile.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct seen {
	size_t size;
	char *last;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
look(void *arg, const struct gitfile_variable *var)
{
	struct seen *s = arg;

	if (strlen(var->section) > s->size || strlen(var->name) > s->size ||
	    (var->sub && strlen(var->sub) > s->size) ||
	    (var->value && strlen(var->value) > s->size))
		abort();
	if (!var->sub && var->value && strcmp(var->section, "core") == 0 &&
	    strcmp(var->name, "worktree") == 0) {
		free(s->last);
		s->last = strdup(var->value);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *line, *value;
	struct seen s = {n, NULL};

	memcpy(text, data, n);
	text[n] = '\0';
	gitfile_each(text, look, &s);
	value = gitfile_value(text, "core", "worktree");
	if (!value != !s.last || (value && strcmp(value, s.last) != 0))
		abort();
	line = gitfile_line(text, "gitdir: ");
	free(line);
	free(value);
	free(s.last);
	free(text);
	return 0;
}
