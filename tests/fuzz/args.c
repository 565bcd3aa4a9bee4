/*
 * pen-ns' command line, and what --args reads.  The first byte chooses between
 * pen-ns and bwrap; words end with NUL, and what follows the byte 1 is the text
 * of the descriptors that --args names.  What is fatal comes back here, what is
 * allocated is freed after each run, and no real descriptor is touched.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS = 256, FDS = 16, BLOCKS = 1 << 16 };

static jmp_buf fatal;
static void *blocks[BLOCKS];
static size_t nblocks;
static const uint8_t *text;
static size_t text_n;
static unsigned closed; /* a bit for each descriptor */

/* Instead of libpen's err.c: what dies, ends the run. */
const char *err_prog = "pen-ns";
int err_status, err_levels;
const char *(*err_words)(const char *fmt);

void err_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void err_hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void err_exit(int status);
_Noreturn void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
_Noreturn void die_hint(const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
check_message(const char *fmt, va_list ap)
{
	char line[8192];

	if (vsnprintf(line, sizeof(line), fmt, ap) <= 0)
		abort();
}

void
err_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	check_message(fmt, ap);
	va_end(ap);
}

void
err_hint(const char *fmt, ...)
{
	(void)fmt;
}

void
err_exit(int status)
{
	longjmp(fatal, status);
}

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	check_message(fmt, ap);
	va_end(ap);
	longjmp(fatal, status);
}

void
die_hint(const char *hint, const char *fmt, ...)
{
	va_list ap;

	(void)hint;
	va_start(ap, fmt);
	check_message(fmt, ap);
	va_end(ap);
	longjmp(fatal, 125);
}

static void *
keep(void *old, void *p)
{
	for (size_t i = 0; old && i < nblocks; i++)
		if (blocks[i] == old) {
			blocks[i] = p;
			return p;
		}
	if (nblocks == BLOCKS)
		longjmp(fatal, 1);
	return blocks[nblocks++] = p;
}

static int
printed(char **s, const char *fmt, va_list ap)
{
	int n = (vasprintf)(s, fmt, ap);

	keep(NULL, n < 0 ? NULL : *s);
	return n;
}

#define calloc(n, size) keep(NULL, (calloc)(n, size))
#define reallocarray(p, n, size) keep(p, (reallocarray)(p, n, size))
#define strdup(s) keep(NULL, (strdup)(s))
#define vasprintf printed
#include "../../src/lib/mem.c"
#define exit(status) longjmp(fatal, 1)
#define printf(...) (void)0
#include "../../src/lib/opt.c"
#undef printf

/* The descriptors 0 to 15 are open until --args has read them. */
static int
fake_fcntl(int fd)
{
	errno = EBADF;
	return fd < FDS && !(closed >> fd & 1) ? 0 : -1;
}

int
fd_cloexec(int fd, int on)
{
	(void)on;
	return fake_fcntl(fd);
}

char *
fd_read_all(int fd, size_t max, size_t *n)
{
	char *copy = mem_alloc(text_n + 1);

	(void)fd;
	(void)max;
	memcpy(copy, text, text_n);
	*n = text_n;
	return copy;
}

int
caps_number(const char *name)
{
	return strcasecmp(name, "cap_kill") == 0 ? 5 : -1;
}

uint64_t
caps_effective(void)
{
	return 1 << 5; /* asked for root as bwrap alone */
}

#define fcntl(fd, cmd) fake_fcntl(fd)
#define close(fd) (closed |= 1u << (fd))
#define puts(s) longjmp(fatal, 1)
#define pipe2(fds, flags) (fds[0] = fds[1] = -1)
#define fprintf(...) 0
#include "../../src/pen-ns/ns.c"
#include "../../src/pen-ns/option.c"
#include "../../src/pen-ns/options_view.c"
#include "../../src/pen-ns/options.c"
#include "../../src/pen-ns/options_run.c"
#undef OPT
#define main bwrap_main
#include "../../src/pen-bwrap/main.c"
#undef main

char *
chain_sibling(const char *name)
{
	return mem_copy(name);
}

_Noreturn void
run_jail(struct ns *ns, int argc, char **argv)
{
	(void)ns;
	(void)argc;
	(void)argv;
	longjmp(fatal, 1);
}

void
limits_check(unsigned stack_kib, unsigned space_mib)
{
	(void)stack_kib;
	(void)space_mib;
}

/* What is read without an error is what the rest of pen-ns relies on. */
static void
check_read(const struct ns *ns, char **words, int n)
{
	if (ns->argv < words || ns->argv >= words + n ||
	    !(ns->unshare & CLONE_NEWNS) || ns->perms >= 0 || ns->size > 0 ||
	    ns->layers.n > 0)
		abort();
	if (!ns->stays && !(ns->unshare & CLONE_NEWPID))
		abort();
	for (size_t i = 0; i < ns->nops; i++) {
		const struct op *op = &ns->ops[i];

		if (op->kind >= OP_KINDS || op->perms > 07777 ||
		    (op->kind != OP_DRAFT_TREE && (!op->dest || !*op->dest)) ||
		    (op->src && !*op->src) ||
		    (op->kind == OP_OVERLAY && op->layers.n == 0) ||
		    (op->kind == OP_BIND && !op->src && op->fd < 0))
			abort();
	}
	for (size_t i = 0; i < ns->held.n; i++)
		if (ns->held.v[i] < 0 || ns->held.v[i] >= FDS)
			abort();
}

static int
split(char *s, size_t n, char **words)
{
	int k = 0;

	words[k++] = (char *)(size_t) "pen-ns";
	for (char *p = s; p < s + n && k < WORDS; p += strlen(p) + 1)
		words[k++] = p;
	words[k] = NULL;
	return k;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *words[WORDS + 1], line[4097];
	struct ns ns = {0};
	const uint8_t *one;
	int k;

	if (n < 1 || n >= sizeof(line))
		return 0;
	one = memchr(data + 1, 1, n - 1);
	text = one ? one + 1 : data + n;
	text_n = (size_t)(data + n - text);
	n = (size_t)((one ? one : data + n) - data) - 1;
	memcpy(line, data + 1, n);
	line[n] = '\0';
	k = split(line, n, words);
	nblocks = 0;
	closed = 0;
	if (setjmp(fatal) == 0) {
		if (data[0] & 1)
			options_read(&ns, k, words);
		else
			read_options(&ns, k, words);
		check_read(&ns, words, k);
	}
	while (nblocks > 0)
		free(blocks[--nblocks]);
	return 0;
}
