#include "pen/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen/path_follow.h"

#define NAME_MAX_SHOWN 32
#define SAME_NAME_MAX 16

/* FNV-1a.  That no other path has it is seen in the file path. */
static uint64_t
hash_path(const char *text)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

/* NAME-HEX12, and one more number where another project has that. */
static char *
make_id(const char *root, unsigned again)
{
	const char *base = strrchr(root, '/') + 1;
	char *name = mem_part(base, strnlen(base, NAME_MAX_SHOWN)), *id;

	for (char *c = name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX"
			    "YZ0123456789_-",
			    *c))
			*c = '_';
	id = mem_printf("%s-%012llx", name,
			(unsigned long long)(hash_path(root) >> 16));
	free(name);
	return again ? mem_printf("%s-%u", id, again) : id;
}

/* What the file path says: the root, and how to know it by another name. */
static char *
describe(const struct project *p)
{
	struct statx sx;

	if (syscall(SYS_statx, p->root_fd, "", AT_EMPTY_PATH,
		    STATX_INO | STATX_BTIME, &sx) < 0)
		die(ERR_TOOL, "cannot look at '%s': %m", p->root);
	return mem_printf("%s\n%u:%u %llu %lld.%09u\n", p->root,
			  sx.stx_dev_major, sx.stx_dev_minor,
			  (unsigned long long)sx.stx_ino,
			  (long long)sx.stx_btime.tv_sec, sx.stx_btime.tv_nsec);
}

/* Whether dir's file path names the same root; 0 with ENOENT: there is none. */
static int
is_same(int dir, const char *text)
{
	size_t n, root = strcspn(text, "\n") + 1;
	char *have = beneath_read(dir, "path", 1 << 16, &n, NULL);
	int same = have && strncmp(have, text, root) == 0;

	if (have && !same)
		errno = 0;
	free(have);
	return same;
}

/* `ulimit -f` is an error here, not death without a word. */
static int
write_file(int dir, const char *name, const char *text)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, was;
	int fd =
	    openat(dir, name,
		   O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0400);
	int bad;

	sigaction(SIGXFSZ, &ignore, &was);
	bad = fd < 0 || fd_write_all(fd, text, strlen(text)) < 0;
	sigaction(SIGXFSZ, &was, NULL);
	if (fd >= 0 && close(fd) < 0)
		bad = 1;
	return bad ? -1 : 0;
}

static _Noreturn void
die_unwritten(const char *dir, const char *name)
{
	die_hint(errno == EFBIG ? "ulimit -f is too small" : NULL,
		 "cannot write '%s/%s': %m", dir, name);
}

void
run_find(struct run *r, const struct project *p, const char *state,
	 const char *id)
{
	char *text = describe(p), *real = NULL;
	int fd, found = 0;

	r->id = id;
	for (unsigned n = 0; !found && n < SAME_NAME_MAX; n++) {
		r->dir =
		    mem_printf("%s/projects/%s", state, make_id(p->root, n));
		fd = path_open(r->dir, 0, NULL, NULL, &real);
		found = fd < 0 || is_same(fd, text) || errno == ENOENT;
		if (fd >= 0)
			close(fd);
	}
	r->kept = mem_printf("%s/draft/tree", r->dir);
	r->path = text;
}

static int
make_directory(const char *path)
{
	char *real = NULL;
	int fd = path_open(path, 1, NULL, NULL, &real);

	if (fd < 0)
		die(ERR_TOOL, "cannot make the directory '%s': %m", path);
	free(real);
	return fd;
}

char *
run_directory(const struct run *r)
{
	return mem_printf("%s/runs/%s", r->dir, r->id);
}

int
run_note(const struct run *r, const char *manifest)
{
	char *runs = run_directory(r);
	mode_t mask = umask(077);
	int dir = make_directory(r->dir), run = make_directory(runs), fd;

	/* whole or not there, also while another pen writes the same */
	if (!is_same(dir, r->path) && (write_file(run, "path", r->path) < 0 ||
				       renameat(run, "path", dir, "path") < 0))
		die_unwritten(r->dir, "path");
	if (write_file(run, "manifest.json", manifest) < 0)
		die_unwritten(runs, "manifest.json");
	/*
	 * pen-ns makes it writable when prog may have begun: one that is so,
	 * and that nobody has locked, is a dead run's, which others remove
	 */
	fd = openat(run, "manifest.json", O_RDONLY | O_NOFOLLOW);
	flock(fd, LOCK_SH); /* who has it goes on: pen-monitor, to the end */
	if (fd < 0)
		die_unwritten(runs, "manifest.json");
	umask(mask);
	close(run);
	close(dir);
	free(runs);
	return fd;
}
