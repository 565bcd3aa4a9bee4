#include "pen/tools.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/file.h"
#include "pen/url.h"

#define FILE_MAX (1 << 20)

#define BLANK " \t\r"

/* NULL at the end; otherwise the next line, without blanks around it. */
static char *
next_line(char **text)
{
	char *line = strsep(text, "\n");
	size_t n;

	if (!line)
		return NULL;
	line += strspn(line, BLANK);
	n = strlen(line);
	while (n > 0 && strchr(BLANK, line[n - 1]))
		line[--n] = '\0';
	return line;
}

/* "KEY = VALUE": ends the key, and returns the value or NULL. */
static char *
split_setting(char *line)
{
	char *value = strchr(line, '=');
	size_t n;

	if (!value)
		return NULL;
	n = (size_t)(value - line);
	while (n > 0 && strchr(BLANK, line[n - 1]))
		n--;
	value += 1 + strspn(value + 1, BLANK);
	line[n] = '\0';
	return value;
}

static int
ends_in(const char *s, const char *end)
{
	size_t n = strlen(s), k = strlen(end);

	return n >= k && strcmp(s + n - k, end) == 0;
}

static void
add_url(struct tools *t, const char *url)
{
	strv_push(&t->urls, mem_copy(url));
}

/* What prog is told, because it does not see the file that says so. */
static void
tell_prog(struct tools *t, const char *name, const char *url)
{
	char *public = url_public(url);

	strv_push(&t->env, mem_printf("%s=%s", name, public));
	free(public);
}

/* "registry" and "@scope:registry"; a value may be in double quotes. */
void
tools_read_npmrc(struct tools *t, char *text)
{
	char *line;

	while ((line = next_line(&text))) {
		char *value =
		    *line == '#' || *line == ';' ? NULL : split_setting(line);
		size_t n = value ? strlen(value) : 0;

		if (n > 1 && value[0] == '"' && value[n - 1] == '"') {
			value[n - 1] = '\0';
			value++;
		}
		if (!value || !(strcmp(line, "registry") == 0 ||
				(*line == '@' && ends_in(line, ":registry"))))
			continue;
		add_url(t, value);
		if (*line == 'r')
			tell_prog(t, "npm_config_registry", value);
	}
}

/* Values may be lists, over several lines that begin with blanks. */
void
tools_read_pip(struct tools *t, char *text)
{
	char *line, *begin = text, *word;
	int index = 0, only = 0;

	while (begin = text, (line = next_line(&text))) {
		char *value = line;

		if (*line == '#' || *line == ';')
			continue;
		if (line == begin) {
			value = split_setting(line);
			index = value && ends_in(line, "index-url");
			only = value && strcmp(line, "index-url") == 0;
		}
		while (index && (word = strsep(&value, BLANK))) {
			if (!*word)
				continue;
			add_url(t, word);
			if (only)
				tell_prog(t, "PIP_INDEX_URL", word);
		}
	}
}

/* deb [options] URI suite component… */
void
tools_read_list(struct tools *t, char *text)
{
	char *line;

	while ((line = next_line(&text))) {
		if (strncmp(line, "deb", 3) != 0)
			continue;
		line += strcspn(line, BLANK);
		line += strspn(line, BLANK);
		if (*line == '[') {
			line += strcspn(line, "]");
			line += *line != '\0';
			line += strspn(line, BLANK);
		}
		line[strcspn(line, BLANK)] = '\0';
		add_url(t, line);
	}
}

/* deb822: "URIs:" with a list, over several lines that begin with blanks. */
void
tools_read_sources(struct tools *t, char *text)
{
	char *line, *begin, *word;
	int uris = 0;

	while (begin = text, (line = next_line(&text))) {
		if (*line == '#')
			continue;
		if (line == begin) {
			uris = strncasecmp(line, "URIs:", 5) == 0;
			line += uris ? 5 : 0;
		}
		while (uris && (word = strsep(&line, BLANK)))
			if (*word)
				add_url(t, word);
	}
}

/* One that is missing says nothing; one that cannot be read, too little. */
static void
read_file(struct tools *t, const char *path, tools_read_fn *fn)
{
	size_t n;
	char *text = file_read(path, 0, FILE_MAX, &n);

	if (!text && (errno == ENOENT || errno == ENOTDIR))
		return;
	if (!text)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	fn(t, text);
	free(text);
}

static void
read_home(struct tools *t, const char *name, tools_read_fn *fn)
{
	char *path = mem_printf("%s/%s", t->home, name);

	read_file(t, path, fn);
	free(path);
}

/* The file that a variable names, or else that one. */
static void
read_named(struct tools *t, const char *variable, const char *name,
	   tools_read_fn *fn)
{
	const char *path = getenv(variable);

	if (path && *path == '/')
		read_file(t, path, fn);
	else
		read_home(t, name, fn);
}

/* Several URLs in a variable, if it is set. */
static void
read_variable(struct tools *t, const char *name, const char *tell_name)
{
	const char *value = getenv(name);
	char *copy = mem_copy(value ? value : ""), *rest = copy, *word;

	while ((word = strsep(&rest, BLANK))) {
		if (!*word)
			continue;
		add_url(t, word);
		if (tell_name)
			tell_prog(t, tell_name, word);
	}
	free(copy);
}

/*
 * npm's own default has no name in this tree: everything below its maker's
 * domain is that much more than it needs.
 */
void
tools_npm(struct tools *t)
{
	read_file(t, "/etc/npmrc", tools_read_npmrc);
	read_file(t, "/usr/etc/npmrc", tools_read_npmrc);
	read_file(t, "/usr/local/etc/npmrc", tools_read_npmrc);
	read_named(t, "NPM_CONFIG_USERCONFIG", ".npmrc", tools_read_npmrc);
	read_variable(t, "NPM_CONFIG_REGISTRY", "npm_config_registry");
	read_variable(t, "npm_config_registry", "npm_config_registry");
	if (t->env.n == 0)
		add_url(t, "https://*.npmjs.org");
}

/* An index of one's own may link to files anywhere; PyPI's are known. */
void
tools_pip(struct tools *t)
{
	size_t i = 0;

	read_file(t, "/etc/pip.conf", tools_read_pip);
	read_file(t, "/etc/xdg/pip/pip.conf", tools_read_pip);
	read_home(t, ".pip/pip.conf", tools_read_pip);
	read_named(t, "PIP_CONFIG_FILE", ".config/pip/pip.conf",
		   tools_read_pip);
	read_variable(t, "PIP_EXTRA_INDEX_URL", NULL);
	read_variable(t, "PIP_INDEX_URL", "PIP_INDEX_URL");
	if (t->env.n == 0)
		add_url(t, "https://pypi.org");
	while (i < t->urls.n && strncmp(t->urls.v[i], "https://pypi.org", 16))
		i++;
	if (i < t->urls.n)
		add_url(t, "https://files.pythonhosted.org");
}

void
tools_apt(struct tools *t)
{
	static const char dir[] = "/etc/apt/sources.list.d";
	struct dirent *e;
	DIR *d = opendir(dir);

	read_file(t, "/etc/apt/sources.list", tools_read_list);
	while (d && (e = readdir(d))) {
		char *path = mem_printf("%s/%s", dir, e->d_name);

		if (ends_in(path, ".list"))
			read_file(t, path, tools_read_list);
		else if (ends_in(path, ".sources"))
			read_file(t, path, tools_read_sources);
		free(path);
	}
	if (d)
		closedir(d);
}
