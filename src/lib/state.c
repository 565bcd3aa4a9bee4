#include "lib/state.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "lib/mem.h"

char *
state_path(const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (state && *state == '/')
		return mem_printf("%s/pen/%s", state, name);
	if (home && *home == '/')
		return mem_printf("%s/.local/state/pen/%s", home, name);
	errno = ENOENT;
	return NULL;
}

int
state_make(char *path)
{
	for (char *s = path + 1; *s; s++) {
		int r;

		if (*s != '/')
			continue;
		*s = '\0';
		r = mkdir(path, 0700);
		*s = '/';
		if (r < 0 && errno != EEXIST)
			return -1;
	}
	return mkdir(path, 0700) < 0 && errno != EEXIST ? -1 : 0;
}
