#include "pen/conf.h"

#include <assert.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "lib/mem.h"
#include "lib/similar.h"
#include "pen/comment.h"
#include "pen/tree.h"

extern char **environ;

static char inherited[] =
    "{\"" CONF_INHERITED "\"}"; /* libconfuse says char * */

/* Nobody writes this much; a file that somebody does is not read. */
#define FILE_MAX (16 << 20)

/*
 * In a first pass over the file each variable that it names has this mark, its
 * name and an end in place of its value: so it is known which values are made
 * of which variables.  CONF_INHERITED is a mark without a name.
 */
#define MARK CONF_INHERITED
#define MARK_END "\002"

/* The file that is being read: libconfuse passes nothing on to its callers. */
static struct {
	const char *path;
	enum { FATAL, WARNS, SILENT } faults; /* what is wrong is */
	int failed;
	int lines;	       /* of the file itself */
	char *last;	       /* the name in the line behind it */
	struct strv variables; /* that are named in it, and have a value */
	int marking;	       /* the first pass */
	struct strv made_of;   /* the variables in each value, or "" */
	size_t values;	       /* that were seen in the second pass */
	struct conf_made *expanded;
	size_t n;
	struct conf_end *ends;
	size_t ends_n;
} reading;

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

/* Ends the process with what is wrong, or only says it. */
__attribute__((format(printf, 2, 3))) static void
fail(const char *hint, const char *fmt, ...)
{
	va_list ap;
	char why[2048];

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	reading.failed = 1;
	if (reading.faults == FATAL)
		die_hint(hint, "%s", why);
	if (reading.faults == WARNS)
		err_warn("%s", why);
}

static void
fail_early(void)
{
	fail(NULL,
	     "%s:%d: the file ends too early: a }, a quote or */ is "
	     "missing",
	     reading.path, reading.lines);
}

/* What to write for a key that the section does not have, or NULL. */
static const char *
unknown_key_hint(const cfg_t *cfg, const char *why)
{
	char key[64];

	if (sscanf(why, "no such option '%63[^']'", key) != 1)
		return NULL;
	for (int k = 0; k < SET_KEYS; k++) {
		const char *name = settings_name((enum settings_key)k);

		if (strcmp(cfg->name, "root") == 0 && strcmp(key, name) == 0)
			return mem_printf("keys are in sections: profile "
					  "default { %s = ... }",
					  name);
		if (similar_is(key, name))
			return mem_printf("did you mean '%s'?", name);
	}
	return NULL;
}

__attribute__((format(printf, 2, 0))) static void
parse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char why[1024];

	if (reading.marking)
		return; /* the second pass says it */
	if (cfg->line > reading.lines) {
		fail_early();
		return;
	}
	vsnprintf(why, sizeof(why), fmt, ap);
	fail(unknown_key_hint(cfg, why), "%s:%d: %s", cfg->filename, cfg->line,
	     why);
}

static enum settings_key
key_of(const char *name)
{
	int k = 0;

	while (strcmp(settings_name((enum settings_key)k), name) != 0)
		k++;
	return (enum settings_key)k;
}

static int
is_known(const char *variable)
{
	for (size_t i = 0; i < reading.variables.n; i++)
		if (strcmp(reading.variables.v[i], variable) == 0)
			return 1;
	return 0;
}

/* Notes the variables that text names. */
static void
find_variables(const char *text)
{
	while ((text = strstr(text, "${"))) {
		size_t n = strcspn(text += 2, ":}");
		char *name = mem_part(text, n);
		const char *value = getenv(name);

		if (value && *value && !is_known(name))
			strv_push(&reading.variables, name);
		else
			free(name);
	}
}

/* Notes which variables a value is made of, in the first pass. */
static void
note_variables(const char *value)
{
	char *names = mem_copy("");

	while ((value = strstr(value, MARK)) && value[1]) {
		size_t n = strcspn(++value, MARK_END);
		char *more = mem_printf("%s%s%.*s", names, *names ? ", " : "",
					(int)n, value);

		free(names);
		names = more;
		value += n;
	}
	strv_push(&reading.made_of, names);
}

/* Called after each value, and for CONF_INHERITED, in both passes. */
static int
validate(cfg_t *cfg, cfg_opt_t *opt)
{
	unsigned n = cfg_opt_size(opt);
	const char *text = n ? cfg_opt_getnstr(opt, n - 1) : NULL, *why;
	const char *name = "";

	if (!text)
		return 0;
	if (reading.marking) {
		note_variables(text);
		return 0;
	}
	if (reading.values < reading.made_of.n)
		name = reading.made_of.v[reading.values++];
	if (strcmp(text, CONF_INHERITED) == 0)
		return 0;
	why = settings_check(key_of(opt->name), text);
	if (why)
		cfg_error(cfg, "%s: '%s'%s%s: %s", opt->name, text,
			  *name ? ", from " : "", name, why);
	if (!*name)
		return 0;
	reading.expanded =
	    mem_room(reading.expanded, reading.n, sizeof(*reading.expanded));
	reading.expanded[reading.n++] = (struct conf_made){text, name};
	return 0;
}

/* The same for the title of a host section, when it has been read. */
static int
validate_host(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *title =
	    cfg_title(cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1));
	const char *why = settings_check(SET_PRIVATE_HOST, title);

	if (why && !reading.marking)
		cfg_error(cfg, "host: '%s': %s", title, why);
	return 0;
}

/* Called behind each section: its brace is in this line. */
static int
note_end(cfg_t *cfg, cfg_opt_t *opt)
{
	reading.ends =
	    mem_room(reading.ends, reading.ends_n, sizeof(*reading.ends));
	reading.ends[reading.ends_n++] = (struct conf_end){
	    section_kind(opt->name), (int)cfg_opt_size(opt) - 1, cfg->line};
	return 0;
}

/* What a boolean is read as: a mark is none. */
static cfg_opt_t
boolean(const char *name)
{
	return reading.marking
		   ? (cfg_opt_t)CFG_STR(name, NULL, CFGF_NONE)
		   : (cfg_opt_t)CFG_BOOL(name, cfg_false, CFGF_NONE);
}

/* Keys of 0.1.0, and what follows them. */
static const char *const gone[] = {"report", "protect_git_config"};

#define GONE (sizeof(gone) / sizeof(*gone))

static int
validate_gone(cfg_t *cfg, cfg_opt_t *opt)
{
	cfg_error(cfg, "%s: there is no such key any more: %s", opt->name,
		  strcmp(opt->name, gone[0]) == 0
		      ? "whatever a run changes is told at its end; what "
			"is not to reach this host before it was looked "
			"at is named by 'draft'"
		      : "git's configuration is a draft, of which the host "
			"gets what is harmless; 'protect' makes it "
			"read-only");
	return 0;
}

static void
make_keys(struct conf *c)
{
	c->host[0] = boolean("private");
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
			c->keys[k] =
			    (cfg_opt_t)CFG_STR_LIST(name, inherited, CFGF_NONE);
		else if (k < SET_BOOLS)
			c->keys[k] = (cfg_opt_t)CFG_STR(name, NULL, CFGF_NONE);
		else
			c->keys[k] = boolean(name);
		if (k < SET_BOOLS)
			c->keys[k].validcb = validate;
	}
	c->keys[SET_KEYS] = (cfg_opt_t)CFG_STR_LIST(gone[0], NULL, CFGF_NONE);
	c->keys[SET_KEYS + 1] = boolean(gone[1]);
	for (size_t i = 0; i < GONE; i++)
		c->keys[SET_KEYS + i].validcb = validate_gone;
	c->keys[SET_KEYS + GONE] = (cfg_opt_t)CFG_END();
	c->group[0] = c->keys[SET_ALLOW];
	c->group[1] = (cfg_opt_t)CFG_END();
}

static void
make_schema(struct conf *c)
{
	make_keys(c);
	for (int i = 0; i < SECTION_KINDS; i++) {
		c->top[i] = (cfg_opt_t)CFG_SEC(
		    section_kind_name((enum section_kind)i),
		    i == SECTION_GROUP ? c->group : c->keys,
		    CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
		if (!reading.marking)
			c->top[i].validcb = note_end;
	}
	c->top[SECTION_KINDS] =
	    (cfg_opt_t)CFG_BOOL(reading.last, cfg_false, CFGF_NONE);
	c->top[SECTION_KINDS + 1] = (cfg_opt_t)CFG_END();
}

/* Whether that is /dev/null: a file that says nothing, and is everybody's. */
static int
is_null(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(1, 3);
}

/* Whether nobody else can write to the file; or it is said who can. */
static int
is_own(const char *path, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		fail(NULL, "cannot read '%s': %s", path, strerror(errno));
	else if (st.st_uid != geteuid() && st.st_uid != 0)
		fail(NULL, "'%s' belongs to somebody else (uid %u)", path,
		     (unsigned)st.st_uid);
	else if (st.st_mode & (S_IWGRP | S_IWOTH))
		fail(mem_printf("chmod go-w '%s'", path),
		     "'%s' can be written by others", path);
	else
		return 1;
	return 0;
}

static char *
read_text(int fd, const char *path)
{
	size_t n;
	char *text = fd_read_all(fd, FILE_MAX, &n);

	if (text && strlen(text) == n)
		return text;
	fail(NULL, "cannot read '%s': %s", path,
	     text ? "it is not text" : strerror(errno));
	free(text);
	return NULL;
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

/* Runs libconfuse over text.  CFG_SUCCESS or another of its codes. */
static int
run_parser(struct conf *c, char *text)
{
	FILE *f = fmemopen(text, strlen(text), "r");
	int r;

	make_schema(c);
	c->cfg = cfg_init(c->top, CFGF_NONE);
	if (!f || !c->cfg)
		die(ERR_TOOL, "cannot read '%s': %m", c->path);
	c->cfg->filename = mem_copy(c->path); /* for messages; cfg owns it */
	cfg_set_error_function(c->cfg, parse_error);
	r = parse(c->cfg, f);
	fclose(f);
	return r;
}

/* The first pass, which finds out what the values are made of. */
static void
mark_values(const char *path, char *text)
{
	struct conf marked = {.path = path};
	struct strv *names = &reading.variables, was = {0};

	for (size_t i = 0; i < names->n; i++) {
		strv_push(&was, mem_copy(getenv(names->v[i])));
		setenv(names->v[i], mem_printf(MARK "%s" MARK_END, names->v[i]),
		       1);
	}
	reading.marking = 1;
	run_parser(&marked, text);
	reading.marking = 0;
	for (size_t i = 0; i < names->n; i++)
		setenv(names->v[i], was.v[i], 1);
	cfg_free(marked.cfg);
}

/* Parses the text of the file path, which is blank where a comment was. */
static struct conf *
parse_text(const char *path, char *blank)
{
	struct conf *c = mem_alloc(sizeof(*c));
	char *text = add_last(blank);
	int r;

	c->path = path;
	find_variables(text);
	if (reading.variables.n > 0)
		mark_values(path, text);
	r = run_parser(c, text);
	if (r == CFG_SUCCESS ? !cfg_getbool(c->cfg, reading.last)
			     : !reading.failed)
		fail_early();
	free(text);
	c->made = reading.expanded;
	c->made_n = reading.n;
	c->ends = reading.ends;
	c->ends_n = reading.ends_n;
	return c;
}

static void
begin_reading(const char *path, int faults)
{
	memset(&reading, 0, sizeof(reading));
	reading.path = path;
	reading.faults = faults;
}

/* The file's text, or NULL. */
static char *
read_file(const char *path, int owned)
{
	int fd = file_open_regular(path, 0);
	char *text = NULL;

	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 && errno == EINVAL && is_null(path))
		return mem_copy("");
	if (fd < 0)
		fail(NULL, "cannot read '%s': %s", path,
		     errno == EINVAL ? "it is not a file" : strerror(errno));
	else if (!owned || is_own(path, fd))
		text = read_text(fd, path);
	if (fd >= 0)
		close(fd);
	return text;
}

/* Parses text as it is in the file. */
static struct conf *
parse_whole(const char *path, const char *text)
{
	size_t n = strlen(text);
	char *copy = mem_join(text, n && text[n - 1] == '\n' ? "" : "\n");

	comment_blank(copy);
	return parse_text(path, copy);
}

struct conf *
conf_read(const char *path, int owned)
{
	char *text;

	begin_reading(path, FATAL);
	text = read_file(path, owned);
	return text ? parse_whole(path, text) : NULL;
}

struct conf *
conf_skim(const char *path)
{
	char *text;

	begin_reading(path, WARNS);
	text = read_file(path, 1);
	return text ? parse_whole(path, text) : NULL;
}

char *
conf_text(const char *path)
{
	begin_reading(path, FATAL);
	return read_file(path, 1);
}

struct conf *
conf_parse(const char *path, const char *text)
{
	begin_reading(path, FATAL);
	return parse_whole(path, text);
}

struct conf *
conf_try(const char *text)
{
	struct conf *c;

	begin_reading("", SILENT);
	c = parse_whole("", text);
	return reading.failed ? NULL : c;
}

void
conf_titles(const struct conf *c, enum section_kind kind, struct strv *titles)
{
	const char *name = section_kind_name(kind);

	for (unsigned i = 0; c && i < cfg_size(c->cfg, name); i++)
		strv_push(titles, cfg_title(cfg_getnsec(c->cfg, name, i)));
}

/* Where a value is from: the section, and the variable if one is in it. */
static const char *
origin(const struct conf *c, const char *text, const char *from)
{
	for (size_t i = 0; i < c->made_n; i++)
		if (c->made[i].text == text)
			return mem_printf("%s, %s", from, c->made[i].name);
	return from;
}

static void
apply_list(const struct conf *c, struct settings *s, enum settings_key key,
	   cfg_opt_t *opt, const char *from)
{
	unsigned n = cfg_opt_size(opt);
	unsigned i =
	    n > 0 && strcmp(cfg_opt_getnstr(opt, 0), CONF_INHERITED) == 0;

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
			settings_add(s, key, cfg_opt_getnstr(opt, 0),
				     origin(c, cfg_opt_getnstr(opt, 0), from));
		else
			settings_add(
			    s, key, cfg_opt_getnbool(opt, 0) ? "true" : "false",
			    from);
	}
}

int
conf_apply(const struct conf *c, enum section_kind kind, const char *title,
	   const char *home, struct settings *s)
{
	int found = 0;

	for (unsigned i = 0; c && i < cfg_size(c->cfg, section_kind_name(kind));
	     i++) {
		cfg_t *sec = cfg_getnsec(c->cfg, section_kind_name(kind), i);
		const char *t = cfg_title(sec), *from;

		if (!section_is_titled(&(struct section){kind, title, home}, t))
			continue;
		from = mem_printf("%s, %s %s", c->path, section_kind_name(kind),
				  t);
		if (kind == SECTION_GROUP)
			apply_list(c, s, SET_ALLOW, cfg_getopt(sec, "allow"),
				   from);
		else
			apply_section(c, s, sec, from);
		found = 1;
	}
	return found;
}
