#include "pen-key/report.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

void
report_open(struct report *r, const char *path)
{
	struct stat st;

	if (strcmp(path, "-") == 0) {
		r->fd = STDOUT_FILENO;
		return;
	}
	r->fd = open(path,
		     O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK |
			 O_CLOEXEC,
		     0600);
	if (r->fd < 0 || fstat(r->fd, &st) < 0)
		die(ERR_TOOL, "cannot open the log '%s': %m", path);
	if (!S_ISREG(st.st_mode))
		die(ERR_TOOL, "the log '%s' is not a file", path);
}

/* What pen-sni reads: words, and then the reason. */
static int
format_words(const struct report_request *q, char *to, size_t size)
{
	char why[256] = "";

	if (q->why)
		err_visible(why, sizeof(why), q->why, strlen(q->why));
	return snprintf(to, size, "%s %s %d %llu %llu %llu %s", q->method,
			*q->path ? q->path : "?", q->status,
			(unsigned long long)q->up, (unsigned long long)q->down,
			(unsigned long long)q->tokens, why);
}

/* Text of ours, or a path that judge.c let through: nothing to escape. */
static int
format(const struct report_request *q, char *to, size_t size)
{
	int n = snprintf(to, size,
			 "\"method\":\"%s\",\"path\":\"%s\",\"status\":%d,"
			 "\"up\":%llu,\"down\":%llu,\"tokens\":%llu",
			 q->method, q->path, q->status,
			 (unsigned long long)q->up, (unsigned long long)q->down,
			 (unsigned long long)q->tokens);

	if (q->why && (size_t)n < size) {
		char why[256], *c;

		err_visible(why, sizeof(why), q->why, strlen(q->why));
		for (c = why; *c; c++)
			if (*c == '"' || *c == '\\')
				*c = '\'';
		n += snprintf(to + n, size - (size_t)n, ",\"why\":\"%s\"", why);
	}
	return n;
}

static void
write_line(const struct report *r, const char *kind, const char *fields)
{
	char line[REPORT_MAX + 512];
	struct timespec now;
	struct tm utc;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	if (!gmtime_r(&now.tv_sec, &utc))
		return;
	n = snprintf(line, sizeof(line),
		     "{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ\","
		     "\"kind\":\"%s\",\"name\":\"%s\",%s}\n",
		     utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
		     utc.tm_hour, utc.tm_min, utc.tm_sec, now.tv_nsec / 1000000,
		     kind, r->host, fields);
	if (fd_write_all(r->fd, line, (size_t)n) < 0)
		err_warn("cannot write the log: %m");
}

void
report_lost(struct report *r, int last)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "lost %lu", r->lost);

	if (r->lost &&
	    send(r->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) == n)
		r->lost = 0;
	if (r->lost && last)
		err_warn("%lu requests to %s are missing from the log", r->lost,
			 r->host);
}

/* Text is for pen-sni, or the fields of an event. */
static void
put(struct report *r, const char *kind, const char *text, int n)
{
	if (r->fd < 0 || n < 0 || n >= REPORT_MAX)
		return;
	if (r->socket)
		report_lost(r, 0);
	if (!r->socket)
		write_line(r, kind, text);
	else if (send(r->fd, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		r->lost++;
}

void
report_request(struct report *r, const struct report_request *q)
{
	char text[REPORT_MAX];

	put(r, "key", text,
	    r->socket ? format_words(q, text, sizeof(text))
		      : format(q, text, sizeof(text)));
}

void
report_spent(struct report *r, const char *why)
{
	char text[REPORT_MAX];

	put(r, "budget", text,
	    snprintf(text, sizeof(text),
		     r->socket ? "spent %s"
			       : "\"verdict\":\"refused\",\"why\":\"%s\"",
		     why));
}
