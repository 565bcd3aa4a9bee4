#include "pen-review/compare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

/* Nobody reads more of one file. */
#define DIFF_MAX ((size_t)64 << 20)

/* Of a conflict's marks, as git has them. */
#define MARK_SIZE 7

/* Where pen-filter is inside, as pen has it. */
#define FILTER "/run/pen/pen-filter"

/* A descriptor with the n bytes of text, to be read from its beginning. */
static int
make_file(const char *text, size_t n)
{
	int fd = memfd_create("diff", MFD_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, text, n) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		die(ERR_TOOL, "cannot make a copy to be compared: %m");
	return fd;
}

/* Adds the text, if there is one, to the pen's files; its name there. */
static const char *
add_side(struct strv *argv, const char *side, const char *shown, struct side s)
{
	char *name = mem_printf("%s/%s", side, shown + (*shown == '/'));
	int fd;

	if (!s.text)
		return "/dev/null";
	fd = make_file(s.text, s.n);
	fd_cloexec(fd, 0);
	strv_push(argv, "--ro-bind-data");
	strv_push(argv, mem_printf("%d", fd));
	strv_push(argv, mem_printf("/compare/%s", name));
	return name;
}

static void
push_all(struct strv *argv, const char *const *words)
{
	for (; *words; words++)
		strv_push(argv, *words);
}

/* No network, no files but those that follow, no configuration. */
static void
begin_pen(struct strv *argv)
{
	static const char *const before[] = {"--system",
					     "--dev",
					     "/dev",
					     "--tmpfs",
					     "/tmp",
					     "--dir",
					     "/compare",
					     "--unshare-net",
					     "--new-session",
					     "--die-with-parent",
					     "--clearenv",
					     "--setenv",
					     "PATH",
					     "/usr/local/bin:/usr/bin:/bin",
					     "--setenv",
					     "HOME",
					     "/tmp",
					     "--setenv",
					     "GIT_CONFIG_NOSYSTEM",
					     "1",
					     "--setenv",
					     "GIT_CONFIG_GLOBAL",
					     "/dev/null",
					     "--setenv",
					     "LC_ALL",
					     "C.UTF-8",
					     "--chdir",
					     "/compare",
					     NULL};

	strv_push(argv, chain_sibling("pen-ns"));
	push_all(argv, before);
}

/* The words of git's behind it. */
static void
push_git(struct strv *argv, const char *const *words)
{
	strv_push(argv, "--ro-bind");
	strv_push(argv, chain_sibling("pen-filter"));
	strv_push(argv, FILTER);
	strv_push(argv, "--");
	strv_push(argv, FILTER);
	strv_push(argv, "--");
	strv_push(argv, "git");
	push_all(argv, words);
}

/*
 * What the command wrote, *n bytes; the caller frees it.  *status is what it
 * ended with, or -1.
 */
static char *
run_pen(const struct strv *argv, size_t *n, int *status)
{
	int ends[2], how = -1, null;
	char *text;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start a pen: %m");
	if (pid == 0) {
		null = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (dup2(null, STDIN_FILENO) < 0 ||
		    dup2(ends[1], STDOUT_FILENO) < 0)
			die(ERR_TOOL, "cannot start a pen: %m");
		execv(argv->v[0], argv->v);
		die(ERR_NOEXEC, "cannot execute '%s': %m", argv->v[0]);
	}
	close(ends[1]);
	text = fd_read_all(ends[0], DIFF_MAX, n);
	close(ends[0]);
	while (waitpid(pid, &how, 0) < 0 && errno == EINTR)
		;
	*status = WIFEXITED(how) ? WEXITSTATUS(how) : -1;
	return text;
}

/* The descriptors of the copies are this process' own. */
static void
close_sides(const struct strv *argv)
{
	for (size_t i = 0; i + 1 < argv->n; i++)
		if (strcmp(argv->v[i], "--ro-bind-data") == 0)
			close((int)strtol(argv->v[i + 1], NULL, 10));
}

char *
compare_diff(const char *shown, struct side host, struct side held,
	     unsigned around, size_t *n)
{
	char *lines = mem_printf("--unified=%u", around);
	const char *words[] = {"--no-pager",
			       "diff",
			       "--no-index",
			       "--no-ext-diff",
			       "--no-textconv",
			       "--no-color",
			       "--no-prefix",
			       lines,
			       "--",
			       NULL,
			       NULL,
			       NULL};
	struct strv argv = {0};
	int status;
	char *text;

	begin_pen(&argv);
	words[9] = add_side(&argv, "host", shown, host);
	words[10] = add_side(&argv, "held", shown, held);
	push_git(&argv, words);
	text = run_pen(&argv, n, &status);
	close_sides(&argv);
	free(lines);
	/* git diff's own: 1 is a difference */
	if (text && (status == 0 || status == 1))
		return text;
	free(text);
	return NULL;
}

/* A mark that is longer than whatever looks like one in the texts. */
static size_t
mark_size(const struct side *v, size_t n)
{
	size_t most = MARK_SIZE;

	for (size_t i = 0; i < n; i++)
		for (const char *at = v[i].text; at; at = strchr(at, '\n')) {
			char first[2] = {*(at += *at == '\n')};
			size_t k = first[0] ? strspn(at, first) : 0;

			if (k >= most && strchr("<|=>", first[0]))
				most = k + 1;
		}
	return most;
}

char *
compare_merge(struct side base, struct side host, struct side held, size_t *n,
	      int *conflicts)
{
	const struct side all[] = {base, host, held};
	char *marks = mem_printf("--marker-size=%zu", mark_size(all, 3));
	const char *words[] = {"merge-file", "-p",   "--diff3",	  marks,
			       "-L",	     "host", "-L",	  "before",
			       "-L",	     "held", "host/file", "base/file",
			       "held/file",  NULL};
	struct strv argv = {0};
	int status;
	char *text;

	begin_pen(&argv);
	add_side(&argv, "base", "file", base);
	add_side(&argv, "host", "file", host);
	add_side(&argv, "held", "file", held);
	push_git(&argv, words);
	text = run_pen(&argv, n, &status);
	close_sides(&argv);
	free(marks);
	*conflicts = status != 0;
	/* how many there are, at most 127; 255 is an error of its own */
	if (text && status >= 0 && status < 125)
		return text;
	free(text);
	return NULL;
}
