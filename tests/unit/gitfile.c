// needs: pen/gitfile
/* gitfile CASE, gitfile list FILE, or gitfile FILE… to replay the corpus. */
#include "pen/gitfile.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/sni_check.h"
#include "lib/fd.h"

struct text {
	char s[4096];
	size_t n;
};

/* section.sub.name=value, a line each, as git config --list has them */
static void
append(void *arg, const struct gitfile_variable *var)
{
	struct text *t = arg;

	t->n += (size_t)snprintf(
	    t->s + t->n, sizeof(t->s) - t->n, "%s%s%s.%s%s%s\n", var->section,
	    var->sub ? "." : "", var->sub ? var->sub : "", var->name,
	    var->value ? "=" : "", var->value ? var->value : "");
	CHECK(t->n < sizeof(t->s), "too much text");
}

static void
reads(const char *config, const char *want)
{
	struct text t = {.n = 0};

	gitfile_each(config, append, &t);
	CHECK(strcmp(t.s, want) == 0, "'%s' was read as '%s'", config, t.s);
}

static void
variables(void)
{
	char *value;

	reads("[core]\n\tHooksPath = x\n", "core.hookspath=x\n");
	reads("[core] fsmonitor=./x", "core.fsmonitor=./x\n");
	reads("[ core", "");
	reads("[a]b[c]d=1", "");
	reads("[include \"A\\\"b\"]\npath = \"x # y\" ; z\n",
	      "include.A\"b.path=x # y\n");
	reads("[a.B-c]\nd\n", "a.b-c.d\n");
	reads("[a]\nb = c \\\n d\t \r\ne=\\\\\\\"\n", "a.b=c  d\na.e=\\\"\n");
	reads("\xef\xbb\xbf[a]\nb=1\n", "a.b=1\n");
	value = gitfile_value("[core]\nworktree=a\n[x]\nworktree=b\n"
			      "[core \"s\"]\nworktree=c\n[core]\nWorkTree=d",
			      "core", "worktree");
	CHECK(value && strcmp(value, "d") == 0, "not the last one");
	free(value);
	CHECK(!gitfile_value("[core]\nworktree\n", "core", "worktree"),
	      "a value where there is none");
}

static void
malformed(void)
{
	static const char *const texts[] = {
	    "[",	 "[a", "[a \"",	    "[a \"\\",	  "[a]b=\\",
	    "[a]b=\"",	 "]",  "[a]\n=x\n", "[a]\nb c\n", "[]",
	    "[a]b=\\\r", "\\", "#"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct text t = {.n = 0};
		char *copy =
		    (char *)check_exact(texts[i], strlen(texts[i]) + 1);

		gitfile_each(copy, append, &t);
		free(copy);
	}
	reads("[a]\nb c\nd=1\n", "a.d=1\n");
}

static void
is_line(const char *text, const char *want)
{
	char *line = gitfile_line(text, "gitdir: ");

	CHECK(want ? line && strcmp(line, want) == 0 : !line, "'%s'", text);
	free(line);
}

static void
lines(void)
{
	is_line("gitdir: ../x\n", "../x");
	is_line("gitdir: x", "x");
	is_line("gitdir: x\r\ny", "x");
	is_line("gitdir: \n", NULL);
	is_line("gitdir:x", NULL);
	is_line("", NULL);
}

static void
read_file(const char *path, int show)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct text t = {.n = 0};
	size_t n;
	char *text = fd < 0 ? NULL : fd_read_all(fd, 4096, &n);

	CHECK(text, "cannot read %s", path);
	gitfile_each(text, append, &t);
	if (show)
		fputs(t.s, stdout);
	free(text);
	close(fd);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {{"variables", variables},
		     {"malformed", malformed},
		     {"lines", lines}};

	CHECK(argc > 1, "usage: gitfile CASE");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			return 0;
		}
	if (strcmp(argv[1], "list") == 0 && argc == 3) {
		read_file(argv[2], 1);
		return 0;
	}
	for (int i = 1; i < argc; i++)
		read_file(argv[i], 0);
	return 0;
}
