#include "pen/terminfo.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "pen/path.h"
#include "pen/path_follow.h"

/* term(5): the most that a description has, and what it begins with. */
#define DESCRIPTION_MAX 32768
static const unsigned char magics[][2] = {{0x1a, 0x01}, {0x1e, 0x02}};

static int
is_description(int fd)
{
	unsigned char head[2];
	struct stat st;

	if (fstat(fd, &st) < 0 || st.st_size > DESCRIPTION_MAX ||
	    pread(fd, head, 2, 0) != 2)
		return 0;
	return memcmp(head, magics[0], 2) == 0 ||
	       memcmp(head, magics[1], 2) == 0;
}

/* Shows path, if it is a description; what was looked at is what is shown. */
static void
show_file(const struct project *p, struct view *v, const char *path)
{
	char *real = path_follow(path, NULL, NULL);
	int fd;

	if (!real || (path_in_system(path) && path_in_system(real)) ||
	    path_within(path, p->root)) {
		free(real);
		return;
	}
	fd = file_open_regular(real, O_NOFOLLOW);
	if (fd >= 0 && is_description(fd))
		view_bind(v, VIEW_RO, real, path, fd);
	else if (fd >= 0)
		close(fd);
	free(real);
}

/* Below the name's first character: term(5). */
static void
show_below(const struct project *p, struct view *v, const char *dir,
	   const char *term)
{
	char *path;

	/* what is compared with the view's paths must be one */
	if (*dir != '/' || strstr(dir, "/.."))
		return;
	path = mem_printf("%s/%c/%s", dir, *term, term);
	show_file(p, v, path);
	free(path);
}

void
terminfo_show(const struct project *p, struct view *v)
{
	const char *term = getenv("TERM"), *dir = getenv("TERMINFO");
	const char *list = getenv("TERMINFO_DIRS"), *end;
	char *own = path_join(p->home, ".terminfo");

	if (!term || !*term || *term == '.' || strchr(term, '/'))
		return;
	show_below(p, v, own, term);
	free(own);
	if (dir)
		show_below(p, v, dir, term);
	for (; list && *list; list = *end ? end + 1 : end) {
		char *one;

		end = strchrnul(list, ':');
		one = mem_part(list, (size_t)(end - list));
		show_below(p, v, one, term);
		free(one);
	}
}
