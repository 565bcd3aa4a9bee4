/*
 * Two directories that the input makes, the upper and the lower one: each byte
 * is a name, a level or a kind of file.  Whatever is in them, what is told has
 * the kind that the lower one's having it or not allows.
 */
#include "lib/upper.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/beneath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* More is no other kind of tree, and each file costs a system call. */
#define FILES_MAX 24

/* In memory: a tmpfs, which has the attributes since Linux 6.6. */
#define SCRATCH "/dev/shm"

static void
attribute(int dir, const char *name, const char *attribute, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", dir, name);
	lsetxattr(path, attribute, value, strlen(value), 0);
}

/* Makes name in dir; a directory replaces dir. */
static void
make(int *dir, const char *name, unsigned kind, const uint8_t *text)
{
	const char *values[] = {"", "y", "x"};
	int fd;

	switch (kind) {
	case 0:
	case 1:
		mkdirat(*dir, name, 0700);
		if (kind == 1)
			attribute(*dir, name, "user.overlay.opaque",
				  values[*text % 3]);
		fd = openat(*dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		if (fd >= 0) {
			close(*dir);
			*dir = fd;
		}
		break;
	case 2:
		mknodat(*dir, name, S_IFCHR, makedev(0, *text & 1));
		break;
	case 3:
		mknodat(*dir, name, S_IFIFO | 0600, 0);
		break;
	case 4:
		symlinkat(*text & 1 ? "a" : "/etc/passwd", *dir, name);
		break;
	default:
		/* there may be a FIFO */
		fd = openat(*dir, name,
			    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK,
			    kind == 5 ? 0700 : 0600);
		if (fd >= 0 && kind != 6)
			(void)!write(fd, text, 1);
		if (fd >= 0)
			close(fd);
		if (kind == 6)
			attribute(*dir, name, "user.overlay.whiteout", "y");
	}
}

static void
look(void *arg, const struct upper_entry *e)
{
	size_t *calls = arg;

	if (!e->path || !*e->path || *e->path == '/' ||
	    (e->kind == UPPER_CHANGED && !e->lower) ||
	    (e->kind == UPPER_REMOVED && !e->lower))
		abort();
	++*calls;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char scratch[] = SCRATCH "/upper-XXXXXX", up[32], low[32];
	size_t calls = 0, files = 0;
	int dirs[2];

	if (!mkdtemp(scratch))
		abort();
	snprintf(up, sizeof(up), "%s/up", scratch);
	snprintf(low, sizeof(low), "%s/low", scratch);
	mkdir(up, 0700);
	mkdir(low, 0700);
	dirs[0] = open(up, O_RDONLY | O_DIRECTORY);
	dirs[1] = open(low, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i + 2 < n && files < FILES_MAX; i += 2, files++) {
		const char name[] = {(char)('a' + data[i] % 4), '\0'};
		unsigned side = data[i] >> 7;

		if ((data[i] & 0x60) == 0x60) {
			close(dirs[side]);
			dirs[side] =
			    open(side ? low : up, O_RDONLY | O_DIRECTORY);
		}
		make(&dirs[side], name, data[i + 1] % 8, &data[i + 2]);
	}
	close(dirs[0]);
	close(dirs[1]);
	dirs[0] = open(up, O_RDONLY | O_DIRECTORY);
	dirs[1] = open(low, O_RDONLY | O_DIRECTORY);
	upper_walk(dirs[0], dirs[1], look, &calls);
	/* of a name there is what it is, and that the lower one is gone */
	if (calls > 2 * files)
		abort();
	close(dirs[0]);
	close(dirs[1]);
	dirs[0] = open(SCRATCH, O_RDONLY | O_DIRECTORY);
	beneath_remove(dirs[0], scratch + strlen(SCRATCH "/"));
	close(dirs[0]);
	return 0;
}
