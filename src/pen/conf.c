#include "conf.h"

#include <assert.h>
#include <confuse.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "comment.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

extern char **environ;

/*
 * The first element of every list before the file is read: "=" drops it, "+="
 * keeps it, and that is how the two are told apart afterwards.
 */
#define INHERITED "\001"
static char inherited[] = "{\"" INHERITED "\"}"; /* char *, libconfuse says */

/* Nobody writes this much; a file that somebody does is not read. */
#define FILE_MAX (16 << 20)

/* An element of a list or a value, and the variable that made it so. */
struct expanded {
	const char *text, *name;
};

/* The file that is being read: libconfuse passes nothing on to its callers. */
static struct {
	const char *path;
	int lines;		/* of the file itself */
	char *last;		/* the name in the line behind it */
	struct strv variables; /* that are named in it, and have a value */
	struct expanded *expanded;
	size_t n;
} reading;

static const char *const sections[] = {
	[CONF_AGENT] = "agent",
	[CONF_PROFILE] = "profile",
	[CONF_PROJECT] = "project",
	[CONF_GROUP] = "group",
};
static_assert(sizeof(sections) / sizeof(*sections) == CONF_SECTIONS,
	      "a name each");

/*
 * libconfuse asks for the home directory of "~user" in the names of files.
 * pen opens its files itself, and a static program has no name service.
 */
struct passwd *
getpwnam(const char *name)
{
	(void)name;
	return NULL;
}

struct passwd *
getpwuid(uid_t uid)
{
	(void)uid;
	return NULL;
}

struct conf {
	const char *path;
	cfg_t *cfg;
	/* libconfuse copies none of these */
	cfg_opt_t keys[SET_KEYS + 1];
	cfg_opt_t host[2], group[2];
	cfg_opt_t top[CONF_SECTIONS + 2]; /* with reading.last */
	struct expanded *expanded;
	size_t expanded_n;
};

static _Noreturn void
die_early(void)
{
	die(ERR_TOOL, "%s:%d: the file ends too early: a }, a quote or */ is "
		      "missing",
	    reading.path, reading.lines);
}

__attribute__((format(printf, 2, 0))) static void
parse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char why[1024];

	if (cfg->line > reading.lines)
		die_early();
	vsnprintf(why, sizeof(why), fmt, ap);
	die(ERR_TOOL, "%s:%d: %s", cfg->filename, cfg->line, why);
}

static enum settings_key
key_of(const char *name)
{
	int k = 0;

	while (strcmp(settings_name((enum settings_key)k), name) != 0)
		k++;
	return (enum settings_key)k;
}

/* Notes the variables that text names. */
static void
find_variables(const char *text)
{
	while ((text = strstr(text, "${"))) {
		size_t n = strcspn(text += 2, ":}");
		char *name = mem_part(text, n);
		const char *value = getenv(name);

		if (value && *value)
			strv_push(&reading.variables, name);
		else
			free(name);
	}
}

/* The variable in the file that text has its value from, or NULL. */
static const char *
find_variable(const char *text)
{
	for (size_t i = 0; i < reading.variables.n; i++)
		if (strstr(text, getenv(reading.variables.v[i])))
			return reading.variables.v[i];
	return NULL;
}

/* Called after each value, and for INHERITED. */
static int
validate(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt);
	const char *text = n ? cfg_opt_getnstr(opt, n - 1) : NULL, *why, *name;

	if (!text || strcmp(text, INHERITED) == 0)
		return 0;
	why = settings_check(key_of(opt->name), text);
	name = find_variable(text);
	if (why)
		cfg_error(cfg, "%s: '%s'%s%s: %s", opt->name, text,
			  name ? ", from " : "", name ? name : "", why);
	if (!name)
		return 0;
	reading.expanded = mem_grow(reading.expanded, reading.n + 1,
				    sizeof(*reading.expanded));
	reading.expanded[reading.n++] = (struct expanded){text, name};
	return 0;
}

/* The same for the title of a host section, when it has been read. */
static int
validate_host(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *title = cfg_title(cfg_opt_getnsec(opt,
						      cfg_opt_size(opt) - 1));
	const char *why = settings_check(SET_PRIVATE_HOST, title);

	if (why)
		cfg_error(cfg, "host: '%s': %s", title, why);
	return 0;
}

static void
make_keys(struct conf *c)
{
	c->host[0] = (cfg_opt_t)CFG_BOOL("private", cfg_false, CFGF_NONE);
	c->host[1] = (cfg_opt_t)CFG_END();
	for (int k = 0; k < SET_KEYS; k++) {
		const char *name = settings_name((enum settings_key)k);

		if (k == SET_PRIVATE_HOST) {
			c->keys[k] = (cfg_opt_t)CFG_SEC(
				"host", c->host,
				CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
			c->keys[k].validcb = validate_host;
			continue;
		}
		if (k < SET_LISTS)
			c->keys[k] = (cfg_opt_t)CFG_STR_LIST(name, inherited,
							     CFGF_NONE);
		else if (k < SET_BOOLS)
			c->keys[k] = (cfg_opt_t)CFG_STR(name, NULL, CFGF_NONE);
		else
			c->keys[k] =
				(cfg_opt_t)CFG_BOOL(name, cfg_false, CFGF_NONE);
		if (k < SET_BOOLS)
			c->keys[k].validcb = validate;
	}
	c->keys[SET_KEYS] = (cfg_opt_t)CFG_END();
	c->group[0] = c->keys[SET_ALLOW];
	c->group[1] = (cfg_opt_t)CFG_END();
}

static void
make_schema(struct conf *c)
{
	make_keys(c);
	for (int i = 0; i < CONF_SECTIONS; i++)
		c->top[i] = (cfg_opt_t)CFG_SEC(
			sections[i], i == CONF_GROUP ? c->group : c->keys,
			CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
	c->top[CONF_SECTIONS] =
		(cfg_opt_t)CFG_BOOL(reading.last, cfg_false, CFGF_NONE);
	c->top[CONF_SECTIONS + 1] = (cfg_opt_t)CFG_END();
}

/* O_NONBLOCK: a FIFO in its place must not hang pen. */
static int
open_file(const char *path, int owned)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ENOENT)
		return -1;
	if (fd < 0 || fstat(fd, &st) < 0)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	if (!S_ISREG(st.st_mode))
		die(ERR_TOOL, "cannot read '%s': it is not a file", path);
	if (owned && st.st_uid != geteuid() && st.st_uid != 0)
		die(ERR_TOOL, "'%s' belongs to somebody else (uid %u)", path,
		    (unsigned)st.st_uid);
	if (owned && (st.st_mode & (S_IWGRP | S_IWOTH)))
		die_hint(mem_printf("chmod go-w '%s'", path),
			 "'%s' can be written by others", path);
	return fd;
}

/* The file's text, with a newline at its end. */
static char *
read_text(int fd, const char *path)
{
	size_t n;
	char *text = fd_read_all(fd, FILE_MAX, &n), *all;

	if (!text)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	if (strlen(text) != n)
		die(ERR_TOOL, "cannot read '%s': it is not text", path);
	all = mem_join(text, n && text[n - 1] == '\n' ? "" : "\n");
	free(text);
	comment_blank(all);
	return all;
}

/*
 * Parses.  libconfuse takes an empty variable for one that is set; ${NAME:-…}
 * means what it does in a shell.
 */
static int
parse(cfg_t *cfg, FILE *f)
{
	struct strv empty = {0};
	int r;

	for (char **v = environ; *v; v++) {
		size_t n = strcspn(*v, "=");

		if (n > 0 && strcmp(*v + n, "=") == 0)
			strv_push(&empty, mem_part(*v, n));
	}
	for (size_t i = 0; i < empty.n; i++)
		unsetenv(empty.v[i]);
	r = cfg_parse_fp(cfg, f);
	for (size_t i = 0; i < empty.n; i++)
		setenv(empty.v[i], "", 1);
	return r;
}

/*
 * libconfuse takes the end of the file for whatever is still open.  So each
 * file is given one more line, which must be seen at the top level: a name that
 * is nowhere in it, set to true.  Returns text with it.
 */
static char *
add_last(char *text)
{
	char *name = mem_copy("the-last-line"), *longer;

	while (strstr(text, name)) {
		longer = mem_join(name, "-");
		free(name);
		name = longer;
	}
	for (const char *t = text; (t = strchr(t, '\n')); t++)
		reading.lines++;
	reading.last = name;
	longer = mem_printf("%s%s = true\n", text, name);
	free(text);
	return longer;
}

struct conf *
conf_read(const char *path, int owned)
{
	int fd = open_file(path, owned);
	struct conf *c;
	char *text;
	FILE *f;

	if (fd < 0)
		return NULL;
	memset(&reading, 0, sizeof(reading));
	reading.path = path;
	text = add_last(read_text(fd, path));
	close(fd);
	find_variables(text);
	c = mem_alloc(sizeof(*c));
	f = fmemopen(text, strlen(text), "r");
	c->path = path;
	make_schema(c);
	c->cfg = cfg_init(c->top, CFGF_NONE);
	if (!f || !c->cfg)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	c->cfg->filename = mem_copy(path); /* for messages; cfg owns it */
	cfg_set_error_function(c->cfg, parse_error);
	if (parse(c->cfg, f) != CFG_SUCCESS ||
	    !cfg_getbool(c->cfg, reading.last))
		die_early(); /* anything else is told to parse_error */
	fclose(f);
	free(text);
	c->expanded = reading.expanded;
	c->expanded_n = reading.n;
	return c;
}

/* Where a value is from: the section, and the variable if one is in it. */
static const char *
origin(const struct conf *c, const char *text, const char *from)
{
	for (size_t i = 0; i < c->expanded_n; i++)
		if (c->expanded[i].text == text)
			return mem_printf("%s, %s", from, c->expanded[i].name);
	return from;
}

static void
apply_list(const struct conf *c, struct settings *s, enum settings_key key,
	   cfg_opt_t *opt, const char *from)
{
	unsigned n = cfg_opt_size(opt);
	unsigned i = n > 0 && strcmp(cfg_opt_getnstr(opt, 0), INHERITED) == 0;

	if (i == 0)
		settings_clear(s, key);
	for (; i < n; i++) {
		const char *text = cfg_opt_getnstr(opt, i);

		settings_add(s, key, text, origin(c, text, from));
	}
}

static void
apply_hosts(struct settings *s, cfg_t *sec, const char *from)
{
	for (unsigned i = 0; i < cfg_size(sec, "host"); i++) {
		cfg_t *host = cfg_getnsec(sec, "host", i);

		settings_remove(s, SET_PRIVATE_HOST, cfg_title(host));
		if (cfg_getbool(host, "private"))
			settings_add(s, SET_PRIVATE_HOST, cfg_title(host),
				     from);
	}
}

static void
apply_section(const struct conf *c, struct settings *s, cfg_t *sec,
	      const char *from)
{
	for (int k = 0; k < SET_KEYS; k++) {
		enum settings_key key = (enum settings_key)k;
		cfg_opt_t *opt = k == SET_PRIVATE_HOST
					 ? NULL
					 : cfg_getopt(sec, settings_name(key));

		if (k == SET_PRIVATE_HOST)
			apply_hosts(s, sec, from);
		else if (k < SET_LISTS)
			apply_list(c, s, key, opt, from);
		else if (opt->flags & CFGF_RESET)
			continue; /* the file does not say it */
		else if (k < SET_BOOLS)
			settings_add(s, key, cfg_opt_getnstr(opt, 0), from);
		else
			settings_add(s, key,
				     cfg_opt_getnbool(opt, 0) ? "true"
							      : "false",
				     from);
	}
}

/* Whether a project section's title is the directory root. */
static int
is_project(const char *title, const char *root, const char *home)
{
	char *path, real[PATH_MAX];
	int same;

	path = *title == '~' ? mem_printf("%s%s", home, title + 1)
			     : mem_copy(title);
	same = strcmp(path, root) == 0 ||
	       (realpath(path, real) && strcmp(real, root) == 0);
	free(path);
	return same;
}

int
conf_apply(const struct conf *c, enum conf_section kind, const char *title,
	   const char *home, struct settings *s)
{
	int found = 0;

	for (unsigned i = 0; c && i < cfg_size(c->cfg, sections[kind]); i++) {
		cfg_t *sec = cfg_getnsec(c->cfg, sections[kind], i);
		const char *t = cfg_title(sec), *from;

		if (kind == CONF_PROJECT ? !is_project(t, title, home)
					 : strcmp(t, title) != 0)
			continue;
		from = mem_printf("%s, %s %s", c->path, sections[kind], t);
		if (kind == CONF_GROUP)
			apply_list(c, s, SET_ALLOW, cfg_getopt(sec, "allow"),
				   from);
		else
			apply_section(c, s, sec, from);
		found = 1;
	}
	return found;
}
