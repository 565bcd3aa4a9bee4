/*
 * gitkeys list FILE, or gitkeys take TEXT FROM: for each variable of FROM the
 * text in which TEXT has its values, as git reads both afterwards.
 */
#include "lib/gitkeys.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/sni_check.h"
#include "lib/fd.h"

static char *
read_file(const char *path, size_t *n)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = fd >= 0 ? fd_read_all(fd, 1 << 20, n) : NULL;

	CHECK(text, "no text in '%s'", path);
	close(fd);
	return text;
}

/* As git config --list -z. */
static int
list(const char *path)
{
	struct gitkeys k;
	size_t n;
	char *text = read_file(path, &n);

	if (gitkeys_parse(&k, text, n) < 0)
		return 1;
	for (size_t i = 0; i < k.n; i++) {
		char *name = gitkeys_name(&k.v[i]);

		printf("%s%s%s%c", name, k.v[i].value ? "\n" : "",
		       k.v[i].value ? k.v[i].value : "", '\0');
		free(name);
	}
	gitkeys_free(&k);
	free(text);
	return 0;
}

static int
take(const char *into, const char *path)
{
	struct gitkeys from;
	size_t n;
	char *text = read_file(into, &n), *other = read_file(path, &n);

	if (gitkeys_parse(&from, other, n) < 0)
		return 1;
	for (size_t i = 0; i < from.n; i++) {
		char *next = gitkeys_take(text, &from, &from.v[i]);

		if (!next)
			return 1;
		free(text);
		text = next;
	}
	fputs(text, stdout);
	gitkeys_free(&from);
	free(other);
	free(text);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "list") == 0)
		return list(argv[2]);
	CHECK(argc == 4 && strcmp(argv[1], "take") == 0, "usage");
	return take(argv[2], argv[3]);
}
