#include "pen/jsonfile.h"

#include <stdlib.h>
#include <string.h>

#include "lib/file.h"
#include "lib/mem.h"

#define FILE_MAX (1 << 20)

json_t *
jsonfile_read(const char *path)
{
	size_t n;
	char *text = file_read(path, 0, FILE_MAX, &n);
	json_t *top = text ? json_loadb(text, n, 0, NULL) : NULL;

	if (text)
		explicit_bzero(text, n);
	free(text);
	return top;
}

json_t *
jsonfile_member(json_t *top, const char *members)
{
	char *copy = mem_copy(members), *rest = NULL;

	for (char *name = strtok_r(copy, ".", &rest); name;
	     name = strtok_r(NULL, ".", &rest))
		top = json_object_get(top, name);
	free(copy);
	return top;
}
