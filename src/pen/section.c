#include "pen/section.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static const char *const kinds[] = {
    [SECTION_AGENT] = "agent",
    [SECTION_PROFILE] = "profile",
    [SECTION_PROJECT] = "project",
    [SECTION_GROUP] = "group",
};
static_assert(sizeof(kinds) / sizeof(*kinds) == SECTION_KINDS, "a name each");

const char *
section_kind_name(enum section_kind kind)
{
	return kinds[kind];
}

enum section_kind
section_kind(const char *name)
{
	int k = 0;

	while (strcmp(kinds[k], name) != 0)
		k++;
	return (enum section_kind)k;
}

int
section_is_titled(const struct section *section, const char *title)
{
	char *path, real[PATH_MAX];
	int same;

	if (section->kind != SECTION_PROJECT)
		return strcmp(title, section->title) == 0;
	path = *title == '~' ? mem_join(section->home, title + 1)
			     : mem_copy(title);
	same = strcmp(path, section->title) == 0 ||
	       (realpath(path, real) && strcmp(real, section->title) == 0);
	free(path);
	return same;
}
