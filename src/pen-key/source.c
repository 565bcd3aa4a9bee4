#include "pen-key/source.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"

/* Of a file with a credential, or of what a command prints. */
#define FILE_MAX (1 << 20)

static void
wipe(char *text, size_t n)
{
	explicit_bzero(text, n);
	free(text);
}

int
source_is_good(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return 0;
	return n >= SOURCE_MIN && n <= SOURCE_MAX;
}

/* Its length, without the line's end that files and commands have. */
static size_t
require_good(const char *text, size_t n, const char *from)
{
	while (n > 0 && strchr("\r\n", text[n - 1]))
		n--;
	if (n < SOURCE_MIN || n > SOURCE_MAX)
		die(ERR_TOOL,
		    "%s: a credential has %d to %d characters, and this has "
		    "%zu",
		    from, SOURCE_MIN, SOURCE_MAX, n);
	if (!source_is_good(text, n))
		die(ERR_TOOL, "%s: what is there is not a credential", from);
	return n;
}

void
source_take(struct secret *s, const char *text, size_t n)
{
	s->text = mmap(NULL, SOURCE_MAX + 1, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s->text == MAP_FAILED ||
	    madvise(s->text, SOURCE_MAX + 1, MADV_DONTDUMP) < 0)
		die(ERR_TOOL, "cannot make room for the credential: %m");
	if (mlock(s->text, SOURCE_MAX + 1) < 0)
		die_hint("ulimit -l is too small",
			 "cannot lock the credential in memory: %m");
	memcpy(s->text, text, n);
	s->n = n;
}

static void
take_secret(struct secret *s, const char *text, size_t n, const char *from)
{
	source_take(s, text, require_good(text, n, from));
}

static void
read_env(const char *name, const char *from, struct secret *s)
{
	char *value = getenv(name);

	if (!value || !*value)
		die(ERR_TOOL, "%s: the variable is not set", from);
	take_secret(s, value, strlen(value), from);
	explicit_bzero(value, strlen(value));
	unsetenv(name);
}

/* The string at MEMBER.MEMBER of a JSON object. */
static void
read_member(const char *text, size_t n, char *members, const char *from,
	    struct secret *s)
{
	json_error_t error;
	json_t *top = json_loadb(text, n, 0, &error), *at = top;
	char *rest = NULL, *value;

	if (!top)
		die(ERR_TOOL, "%s: line %d is not JSON", from, error.line);
	for (char *name = strtok_r(members, ".", &rest); name;
	     name = strtok_r(NULL, ".", &rest))
		at = json_object_get(at, name);
	if (!json_is_string(at))
		die(ERR_TOOL, "%s: there is no such string in it", from);
	value = (char *)json_string_value(at);
	take_secret(s, value, strlen(value), from);
	explicit_bzero(value, strlen(value));
	json_decref(top);
}

static void
read_file(const char *name, const char *from, struct secret *s)
{
	const char *hash = strrchr(name, '#');
	char *path =
	    mem_part(name, hash ? (size_t)(hash - name) : strlen(name));
	char *members = hash ? mem_copy(hash + 1) : NULL;
	size_t n;
	char *text = file_read(path, 0, FILE_MAX, &n);

	if (!text)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	if (members)
		read_member(text, n, members, from, s);
	else
		take_secret(s, text, n, from);
	wipe(text, n);
	free(members);
	free(path);
}

static void
read_command(const struct strv *command, struct secret *s)
{
	int out[2], status;
	size_t n;
	char *text;
	pid_t pid;

	if (pipe2(out, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die(ERR_TOOL, "cannot run '%s': %m", command->v[0]);
	if (pid == 0) {
		if (dup2(out[1], STDOUT_FILENO) < 0)
			_exit(ERR_TOOL);
		chain_exec(command->v);
	}
	close(out[1]);
	text = fd_read_all(out[0], FILE_MAX, &n);
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!text || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die(ERR_TOOL, "'%s' did not print the credential",
		    command->v[0]);
	take_secret(s, text, n, command->v[0]);
	wipe(text, n);
}

void
source_read(const char *from, const struct strv *command, struct secret *s)
{
	if (!from)
		read_command(command, s);
	else if (strncmp(from, "env:", 4) == 0)
		read_env(from + 4, from, s);
	else
		read_file(from + 5, from, s);
}

void
source_check(const char *from)
{
	struct secret s = {NULL, 0};
	const char *value;

	if (from && strncmp(from, "env:", 4) == 0) {
		value = getenv(from + 4);
		if (value && *value)
			require_good(value, strlen(value), from);
	} else if (from) {
		read_file(from + 5, from, &s);
		source_wipe(&s);
		munmap(s.text, SOURCE_MAX + 1);
	}
}

void
source_set(struct secret *s, const char *text, size_t n)
{
	explicit_bzero(s->text, SOURCE_MAX + 1);
	memcpy(s->text, text, n < SOURCE_MAX ? n : SOURCE_MAX);
	s->n = n < SOURCE_MAX ? n : SOURCE_MAX;
}

void
source_wipe(struct secret *s)
{
	if (s->text)
		explicit_bzero(s->text, SOURCE_MAX + 1);
}
