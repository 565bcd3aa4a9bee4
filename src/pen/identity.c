#include "identity.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gitfile.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "path.h"

#define CONFIG_MAX (1 << 20)

static char *
read_text(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	size_t n;
	char *text;

	if (fd < 0)
		return NULL;
	text = fd_read_all(fd, CONFIG_MAX, &n);
	close(fd);
	return text;
}

/* value as git-config(1) reads it back. */
static char *
quoted(const char *value)
{
	char *out = mem_alloc(strlen(value) * 2 + 3), *o = out;

	*o++ = '"';
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			*o++ = '\\';
		*o++ = *value == '\n' ? ' ' : *value;
	}
	*o = '"';
	return out;
}

/* Takes key from the text of a file, if it is there. */
static void
take(char **value, const char *text, const char *key)
{
	char *found = gitfile_value(text, "user", key);

	if (!found)
		return;
	free(*value);
	*value = quoted(found);
	free(found);
}

char *
identity_gitconfig(const char *home)
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	char *files[2], *name = NULL, *email = NULL, *out = NULL;

	files[0] = xdg && *xdg == '/' ? path_join(xdg, "git/config")
				      : path_join(home, ".config/git/config");
	files[1] = path_join(home, ".gitconfig"); /* the last one wins */
	for (int i = 0; i < 2; i++) {
		char *text = read_text(files[i]);

		if (text) {
			take(&name, text, "name");
			take(&email, text, "email");
		}
		free(text);
		free(files[i]);
	}
	if (name || email)
		out = mem_printf("[user]\n%s%s%s%s%s%s",
				 name ? "\tname = " : "", name ? name : "",
				 name ? "\n" : "",
				 email ? "\temail = " : "",
				 email ? email : "", email ? "\n" : "");
	free(name);
	free(email);
	return out;
}
