#include "names.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Reading a small directory costs as much as so many looks at what is not. */
#define ASKED_FIRST 4

/* What a larger one costs is more than all that anybody asks here. */
#define ENTRIES_MAX 256

/* getdents(2) */
struct entry {
	uint64_t ino;
	int64_t next;
	uint16_t len;
	uint8_t type;
	char name[];
};

/* FNV-1a; -1 when there is more in it than ASCII. */
static int
bit_of(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++) {
		if (!isascii((unsigned char)*name))
			return -1;
		h = (h ^ (uint32_t)tolower(*name)) * 16777619u;
	}
	return (int)((h ^ h >> 16) % NAMES_BITS);
}

static int
add_entries(struct names *n, const char *buf, long len, unsigned *count)
{
	for (long at = 0; at < len;) {
		const struct entry *e = (const void *)(buf + at);
		int bit = bit_of(e->name);

		if (bit < 0 || ++*count > ENTRIES_MAX)
			return -1;
		n->bits[bit / 64] |= UINT64_C(1) << bit % 64;
		at += e->len;
	}
	return 0;
}

static void
read_all(struct names *n, int dir)
{
	_Alignas(struct entry) char buf[8192];
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned count = 0;
	long len;

	if (fd < 0)
		return;
	while ((len = syscall(SYS_getdents64, fd, buf, sizeof(buf))) > 0)
		if (add_entries(n, buf, len, &count) < 0)
			break;
	n->known = len == 0;
	close(fd);
}

int
names_lack(struct names *n, int dir, const char *name)
{
	int bit;

	if (n->asked < ASKED_FIRST && ++n->asked == ASKED_FIRST)
		read_all(n, dir);
	if (!n->known)
		return 0;
	bit = bit_of(name);
	return bit >= 0 && !(n->bits[bit / 64] >> bit % 64 & 1);
}
