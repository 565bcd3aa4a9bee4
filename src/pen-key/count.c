#include "pen-key/count.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/sha.h"

#define FILE_MAX ((off_t)COUNT_LINES * COUNT_LINE)

/* Behind the lines: who runs has a byte there, that its credential's hash says.
 */
#define RUNNING ((off_t)1 << 40)

void
count_format(const struct count *c, char line[COUNT_LINE])
{
	char text[COUNT_LINE + 1];
	int n = snprintf(text, sizeof(text), "%s %08u %020llu %020llu %020llu",
			 c->id, c->day % 100000000,
			 (unsigned long long)c->used[COUNT_REQUESTS],
			 (unsigned long long)c->used[COUNT_UP],
			 (unsigned long long)c->used[COUNT_TOKENS]);

	snprintf(text + n, sizeof(text) - (size_t)n, " %020llu%*s",
		 (unsigned long long)c->held, COUNT_LINE, "");
	memcpy(line, text, COUNT_LINE - 1);
	line[COUNT_LINE - 1] = '\n';
}

int
count_parse(const char line[COUNT_LINE], struct count *c)
{
	char text[COUNT_LINE + 1], again[COUNT_LINE];
	unsigned long long used[COUNT_KINDS], held;
	struct count own = {.day = 0};

	memcpy(text, line, COUNT_LINE);
	text[COUNT_LINE] = '\0';
	if (sscanf(text, "%32[0-9a-f] %8u %20llu %20llu %20llu %20llu", own.id,
		   &own.day, &used[COUNT_REQUESTS], &used[COUNT_UP],
		   &used[COUNT_TOKENS], &held) != 6)
		return -1;
	for (int i = 0; i < COUNT_KINDS; i++)
		own.used[i] = used[i];
	own.held = held;
	/* there is one way to write it */
	count_format(&own, again);
	if (memcmp(again, line, COUNT_LINE) != 0 || strlen(own.id) != COUNT_ID)
		return -1;
	*c = own;
	return 0;
}

unsigned
count_day(time_t t)
{
	struct tm tm;

	if (!localtime_r(&t, &tm))
		return 0;
	return (unsigned)(tm.tm_year + 1900) * 10000 +
	       (unsigned)(tm.tm_mon + 1) * 100 + (unsigned)tm.tm_mday;
}

/* Of this descriptor, and not the process. */
static int
lock(int fd, short type, int wait, off_t at, off_t n)
{
	struct flock l = {
	    .l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = n};
	int r;

	do
		r = fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &l);
	while (r < 0 && errno == EINTR);
	return r;
}

static off_t
running_byte(const struct count_file *f)
{
	unsigned n = 0;

	sscanf(f->id, "%7x", &n);
	return RUNNING + (off_t)n;
}

int
count_open(struct count_file *f, const char *path, const void *secret, size_t n)
{
	char hash[2 * SHA256_SIZE + 1];
	struct stat st;

	*f = (struct count_file){.fd = -1};
	sha256_text(secret, n, hash);
	memcpy(f->id, hash, COUNT_ID);
	f->fd = open(
	    path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (f->fd < 0 || fstat(f->fd, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return lock(f->fd, F_RDLCK, 1, running_byte(f), 1);
}

int
count_is_alone(const struct count_file *f)
{
	off_t at = running_byte(f);

	if (lock(f->fd, F_WRLCK, 0, at, 1) < 0)
		return 0;
	lock(f->fd, F_RDLCK, 1, at, 1);
	return 1;
}

/*
 * Finds the credential's line, or a place for it: behind the others, or that of
 * one from a day before.  NULL, or what is wrong.
 */
static const char *
find_line(struct count_file *f, unsigned today, struct count *c)
{
	char lines[COUNT_LINES * COUNT_LINE];
	ssize_t n = pread(f->fd, lines, sizeof(lines), 0);
	struct count one;
	off_t room = -1;

	if (n < 0)
		return "the file of the day's budgets cannot be read";
	for (off_t at = 0; at < n; at += COUNT_LINE) {
		if (n - at < COUNT_LINE || count_parse(lines + at, &one) < 0)
			return "the file of the day's budgets is damaged";
		if (strcmp(one.id, f->id) == 0) {
			f->at = at;
			*c = one;
			return NULL;
		}
		if (room < 0 && one.day < today)
			room = at;
	}
	f->at = room >= 0 ? room : n;
	if (f->at >= FILE_MAX)
		return "the file of the day's budgets has too many credentials";
	*c = (struct count){.day = today};
	memcpy(c->id, f->id, sizeof(c->id));
	return NULL;
}

int
count_begin(struct count_file *f, unsigned today, struct count *c)
{
	struct stat st;

	if (!f->why && lock(f->fd, F_WRLCK, 1, 0, FILE_MAX) < 0)
		f->why = "the file of the day's budgets cannot be locked";
	if (f->why)
		return -1;
	if (fstat(f->fd, &st) < 0 || st.st_nlink == 0)
		f->why = "the file of the day's budgets has been removed";
	else if (st.st_size > FILE_MAX)
		f->why = "the file of the day's budgets is damaged";
	else
		f->why = find_line(f, today, c);
	if (f->why) {
		count_end(f, NULL);
		return -1;
	}
	if (c->day < today) {
		memset(c->used, 0, sizeof(c->used));
		c->day = today;
	}
	return 0;
}

int
count_end(struct count_file *f, const struct count *c)
{
	char line[COUNT_LINE];

	if (c) {
		count_format(c, line);
		if (pwrite(f->fd, line, sizeof(line), f->at) != sizeof(line))
			f->why = "the file of the day's budgets cannot be "
				 "written";
	}
	lock(f->fd, F_UNLCK, 0, 0, FILE_MAX);
	return f->why ? -1 : 0;
}
