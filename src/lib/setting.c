#include "lib/setting.h"

#include <string.h>

#include "lib/mem.h"

int
setting_is(const char *line, size_t n, const char *name)
{
	size_t k = strlen(name);

	return n > k + 3 && memcmp(line, name, k) == 0 &&
	       memcmp(line + k, " = ", 3) == 0;
}

const char *
setting_find(const char *text, const char *name)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (setting_is(text, n, name))
			return text;
		text += n + (text[n] == '\n');
	}
	return NULL;
}

char *
setting_value(const char *text, const char *name)
{
	const char *line = setting_find(text, name);

	if (!line)
		return NULL;
	line += strlen(name) + 3;
	return mem_printf("%.*s", (int)strcspn(line, "\t\n"), line);
}
