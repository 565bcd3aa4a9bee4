#include "pen-review/show.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-review/compare.h"
#include "pen-review/host.h"

/* Lines around a change. */
#define AROUND 3

#define BOLD "\033[1m"
#define RED "\033[31m"
#define GREEN "\033[32m"
#define CYAN "\033[36m"
#define PLAIN "\033[m"

/* A line made visible but for its tabs. */
static void
print_visible(FILE *out, const char *line, size_t n)
{
	while (n > 0) {
		const char *tab = memchr(line, '\t', n);
		size_t len = tab ? (size_t)(tab - line) : n;
		char *seen = mem_alloc(4 * len + 5);

		fputs(err_visible(seen, 4 * len + 5, line, len), out);
		free(seen);
		if (!tab)
			return;
		putc('\t', out);
		line += len + 1;
		n -= len + 1;
	}
}

static const char *
colour_of(const char *line, size_t n)
{
	if (n >= 4 &&
	    (strncmp(line, "+++ ", 4) == 0 || strncmp(line, "--- ", 4) == 0))
		return BOLD;
	if (n == 0)
		return NULL;
	return *line == '+'   ? GREEN
	       : *line == '-' ? RED
	       : *line == '@' ? CYAN
			      : NULL;
}

void
show_text(FILE *out, const char *text, size_t n, int colours)
{
	while (n > 0) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;
		const char *colour = colours ? colour_of(text, len) : NULL;

		fputs(colour ? colour : "", out);
		print_visible(out, text, len);
		fputs(colour ? PLAIN : "", out);
		putc('\n', out);
		len += end != NULL;
		text += len;
		n -= len;
	}
}

static int
begins_with(const char *text, size_t n, const char *word)
{
	return n >= strlen(word) && strncmp(text, word, strlen(word)) == 0;
}

/* A line of a file may begin as one of git's: only those of the head go. */
void
show_diff(FILE *out, const char *text, size_t n, int colours)
{
	while (n > 0 && !begins_with(text, n, "--- ") &&
	       !begins_with(text, n, "@@ ")) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end + 1 - text) : n;

		if (!begins_with(text, n, "diff --git ") &&
		    !begins_with(text, n, "index ") &&
		    !begins_with(text, n, "new file mode "))
			show_text(out, text, len, colours);
		text += len;
		n -= len;
	}
	show_text(out, text, n, colours);
}

void
show_head(FILE *out, const char *path, const char *remark, int colours)
{
	fputs(colours ? BOLD : "", out);
	print_visible(out, path, strlen(path));
	fprintf(out, "%s  (", colours ? PLAIN : "");
	print_visible(out, remark, strlen(remark));
	fputs(")\n", out);
}

void
show_line(FILE *out, const char *what, const char *text)
{
	fputs(what, out);
	putc(' ', out);
	print_visible(out, text, strlen(text));
	putc('\n', out);
}

static void
show_file(FILE *out, const struct drafts *d, const struct draft *draft,
	  int colours)
{
	struct stat st;
	size_t n = 0, k, len;
	char *host = host_read(d->p, draft->host, &n, &st);
	char *own = drafts_text(d, draft->whose, draft->path, &k), *diff;

	if (!own) {
		fprintf(out, "cannot read it: %s\n", strerror(errno));
		free(host);
		return;
	}
	if (!host && draft->mode & 0111)
		fputs("a new file that can be executed\n", out);
	else if (host && !(draft->mode & 0111) != !(st.st_mode & 0111))
		fprintf(out, "can%s be executed then\n",
			draft->mode & 0111 ? "" : "not");
	if (host && !draft->rules && !drafts_is_current(draft, host, n))
		fputs("the host's file was changed meanwhile\n", out);
	diff = compare_diff(draft->shown, (struct side){host, n},
			    (struct side){own, k}, AROUND, &len);
	if (diff)
		show_diff(out, diff, len, colours);
	else
		fputs("there is no diff to show\n", out);
	free(diff);
	free(host);
	free(own);
}

void
show_draft(FILE *out, const struct drafts *d, const struct draft *draft,
	   int colours)
{
	char *remark = mem_printf("%s would obey it", draft->by);

	show_head(out, draft->shown, remark, colours);
	free(remark);
	switch (draft->type) {
	case DRAFT_FILE:
		show_file(out, d, draft, colours);
		break;
	case DRAFT_SYMLINK:
		show_line(out, "a symbolic link to",
			  draft->link ? draft->link : "");
		break;
	case DRAFT_REMOVED:
		fputs("removed\n", out);
		break;
	default:
		fputs("no file that could be kept\n", out);
	}
	putc('\n', out);
}

static pid_t pager;

FILE *
show_begin(int *colours)
{
	const char *name = getenv("PAGER"), *none = getenv("NO_COLOR");
	int tty = isatty(STDOUT_FILENO), ends[2];

	*colours = tty && !(none && *none);
	if (!tty || (name && (!*name || strcmp(name, "cat") == 0)))
		return stdout;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return stdout;
	fflush(stdout);
	pager = fork();
	if (pager == 0) {
		dup2(ends[0], STDIN_FILENO);
		setenv("LESS", "FRX", 0);
		execl("/bin/sh", "sh", "-c", name ? name : "less", NULL);
		_exit(127);
	}
	close(ends[0]);
	if (pager < 0) {
		close(ends[1]);
		return stdout;
	}
	return fdopen(ends[1], "w");
}

void
show_end(FILE *out)
{
	if (out == stdout) {
		if (fflush(stdout) != 0)
			die(ERR_TOOL, "cannot write: %m");
		return;
	}
	fclose(out);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
}
