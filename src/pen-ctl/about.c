#include "pen-ctl/about.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/setting.h"

/* Far more than pen prints. */
#define ABOUT_MAX (4 << 20)

void
about_read(struct about *a, int fd)
{
	size_t n, len;

	a->conf = fd_read_all(fd, ABOUT_MAX, &n);
	if (!a->conf)
		die(ERR_TOOL, "cannot read what the pen is: %m");
	close(fd);
	len = strlen(a->conf);
	a->chain = len < n ? a->conf + len + 1 : a->conf + len;
}

/* Calls f for each line of text, without its newline. */
static void
each_line(const char *text,
	  void (*f)(const char *line, size_t n, const char *name),
	  const char *name)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		f(text, n, name);
		text += n + (text[n] == '\n');
	}
}

static void
print_setting(const char *line, size_t n, const char *name)
{
	if (setting_is(line, n, name))
		printf("%.*s\n", (int)n, line);
}

/* Lists have several lines; of what is one value the first is in force. */
void
about_settings(const struct about *a, const char *const names[])
{
	for (const char *const *name = names; *name; name++) {
		const char *line = setting_find(a->conf, *name);

		if (strcmp(*name, "publish") == 0 ||
		    strcmp(*name, "reach") == 0)
			each_line(a->conf, print_setting, *name);
		else if (line)
			print_setting(line, strcspn(line, "\n"), *name);
	}
}

/* An option of pen-ns, in a line of its own: "    --bind SRC DEST \". */
static void
print_option(const char *line, size_t n, const char *name)
{
	size_t k = strlen(name);

	while (n > 0 && (line[n - 1] == '\\' || line[n - 1] == ' '))
		n--;
	if (n < 6 + k || memcmp(line, "    --", 6) != 0 ||
	    memcmp(line + 6, name, k) != 0 || (n > 6 + k && line[6 + k] != ' '))
		return;
	if (strcmp(name, "setenv") == 0)
		printf("%.*s\n", (int)(n - 6 - k - 1), line + 6 + k + 1);
	else
		printf("%.*s\n", (int)(n - 6), line + 6);
}

static void
print_mount(const char *line, size_t n, const char *name)
{
	static const char *const options[] = {
	    "system", "proc",	 "dev",	 "tmpfs",	 "ro-bind",
	    "bind",   "symlink", "mask", "ro-bind-data", NULL};

	(void)name;
	for (size_t i = 0; options[i]; i++)
		print_option(line, n, options[i]);
}

/* In their order, which decides what covers what. */
void
about_mounts(const struct about *a)
{
	each_line(a->chain, print_mount, NULL);
}

void
about_env(const struct about *a)
{
	each_line(a->chain, print_option, "setenv");
}
