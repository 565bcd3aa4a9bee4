#include "pen/gitdir.h"

#include <fcntl.h>
#include <stdlib.h>

#include "lib/file.h"
#include "lib/mem.h"
#include "pen/gitfile.h"
#include "pen/path.h"
#include "pen/path_follow.h"

/* More than any file has that is read here. */
#define FILE_MAX (1 << 20)

char *
gitdir_read(const char *dir, const char *name)
{
	char *path = path_join(dir, name), *text;
	size_t n;

	text = file_read(path, O_NOFOLLOW, FILE_MAX, &n);
	free(path);
	return text;
}

char *
gitdir_resolve(const char *dir, const char *path)
{
	char *full = *path == '/' ? mem_copy(path) : path_join(dir, path);
	char *real = path_follow(full, NULL, NULL);

	free(full);
	return real;
}

char *
gitdir_follow(const char *dir, const char *name, const char *prefix)
{
	char *text = gitdir_read(dir, name);
	char *line = text ? gitfile_line(text, prefix) : NULL;
	char *real = line ? gitdir_resolve(dir, line) : NULL;

	free(text);
	free(line);
	return real;
}
