#include "pen-shell/about.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

/* Far more than pen prints. */
#define PRINT_MAX (1 << 20)

/* Starts argv with its standard output in a pipe, and nothing else. */
static pid_t
start(char *const argv[], int *out)
{
	int fds[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid;

	if (null < 0 || pipe2(fds, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot make a pipe: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0) {
		if (dup2(null, 0) < 0 || dup2(fds[1], 1) < 0 ||
		    dup2(null, 2) < 0)
			_exit(ERR_TOOL);
		execv(argv[0], argv);
		_exit(ERR_TOOL);
	}
	close(null);
	close(fds[1]);
	*out = fds[0];
	return pid;
}

static char *
finish(pid_t pid, int fd)
{
	size_t n;
	char *text = fd_read_all(fd, PRINT_MAX, &n);
	int status;

	close(fd);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NULL;
	return status == 0 ? text : NULL;
}

int
about_ask(struct about *a, char *const argv[], size_t n, char *const *prog)
{
	static const char *const kinds[] = {"--print=conf", "--print"};
	char *text[2];
	pid_t pid[2];
	int fd[2];

	for (int i = 0; i < 2; i++) { /* at the same time */
		struct strv words = {0};

		for (size_t k = 0; k < n; k++)
			strv_push(&words, argv[k]);
		strv_push(&words, kinds[i]);
		strv_push(&words, "--");
		for (char *const *w = prog; *w; w++)
			strv_push(&words, *w);
		pid[i] = start(words.v, &fd[i]);
		free(words.v);
	}
	for (int i = 0; i < 2; i++)
		text[i] = finish(pid[i], fd[i]);
	a->conf = text[0] ? text[0] : mem_copy("");
	a->chain = text[1] ? text[1] : mem_copy("");
	return text[0] && text[1] ? 0 : -1;
}

/* Calls f for each line of text, without its newline. */
static void
each_line(const char *text,
	  void (*f)(const char *line, size_t n, const void *arg, FILE *out),
	  const void *arg, FILE *out)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		f(text, n, arg, out);
		text += n + (text[n] == '\n');
	}
}

/* "name = value\t# origin" */
static int
names_setting(const char *line, size_t n, const char *name)
{
	size_t k = strlen(name);

	return n > k + 3 && memcmp(line, name, k) == 0 &&
	       memcmp(line + k, " = ", 3) == 0;
}

char *
about_setting(const struct about *a, const char *name)
{
	const char *line = a->conf;

	while (*line) {
		size_t n = strcspn(line, "\n");

		if (names_setting(line, n, name)) {
			const char *value = line + strlen(name) + 3;

			return mem_printf("%.*s", (int)strcspn(value, "\t\n"),
					  value);
		}
		line += n + (line[n] == '\n');
	}
	return NULL;
}

static void
print_setting(const char *line, size_t n, const void *arg, FILE *out)
{
	for (const char *const *name = arg; *name; name++)
		if (names_setting(line, n, *name))
			fprintf(out, "%.*s\n", (int)n, line);
}

void
about_settings(const struct about *a, const char *const names[], FILE *f)
{
	each_line(a->conf, print_setting, names, f);
}

/* An option of pen-ns, in a line of its own: "    --bind SRC DEST \". */
static void
print_option(const char *line, size_t n, const void *arg, FILE *out)
{
	while (n > 0 && (line[n - 1] == '\\' || line[n - 1] == ' '))
		n--;
	for (const char *const *name = arg; *name; name++) {
		size_t k = strlen(*name);

		if (n < 6 + k || memcmp(line, "    --", 6) != 0 ||
		    memcmp(line + 6, *name, k) != 0 ||
		    (n > 6 + k && line[6 + k] != ' '))
			continue;
		if (strcmp(*name, "setenv") == 0)
			fprintf(out, "%.*s\n", (int)(n - 6 - k - 1),
				line + 6 + k + 1);
		else
			fprintf(out, "%.*s\n", (int)(n - 6), line + 6);
	}
}

void
about_mounts(const struct about *a, FILE *f)
{
	static const char *const options[] = {
		"system", "proc",    "dev",     "tmpfs",   "ro-bind",
		"bind",	  "symlink", "mask",    "ro-bind-data", NULL};

	each_line(a->chain, print_option, options, f);
}

void
about_env(const struct about *a, FILE *f)
{
	static const char *const options[] = {"setenv", NULL};

	each_line(a->chain, print_option, options, f);
}
