#include "pen/managed.h"

#include <confuse.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/rule.h"
#include "pen/comment.h"
#include "pen/pen.h"

#define HINT \
	"what " MANAGED_FILE " decides, no user's file and no option changes"

/* What a list has that the file does not speak of. */
#define UNSAID "\001"

/* libconfuse takes the end of the file for whatever is still open: conf.c. */
#define LAST "the-last-line"

#define FILE_MAX (1 << 20)

/* What the file may say of a setting; words are ranked from the strictest. */
static const struct {
	enum settings_key key;
	enum { OFF, ON, AT_MOST, MEASURED, RANKED } how;
	const char *words[3];
} keys[] = {
    {SET_NESTING, OFF, {0}},
    {SET_DEBUG, OFF, {0}},
    {SET_PERF, OFF, {0}},
    {SET_SOCKETS, OFF, {0}},
    {SET_GPU, OFF, {0}},
    {SET_OVERLAY, ON, {0}},
    {SET_PROCESSES, AT_MOST, {0}},
    {SET_MEMORY, MEASURED, {0}},
    {SET_CPU, MEASURED, {0}},
    {SET_TIME, MEASURED, {0}},
    {SET_AT_END, RANKED, {"ask", "tell", "nothing"}},
    {SET_NETWORK, RANKED, {"offline", "allowlist"}},
};

#define KEYS (sizeof(keys) / sizeof(*keys))

/* What is no word of the key's, as "open", is the loosest. */
static size_t
find_rank(size_t k, const char *text)
{
	size_t i = 0;

	while (i < 3 && keys[k].words[i] && strcmp(keys[k].words[i], text) != 0)
		i++;
	return i;
}

__attribute__((format(printf, 2, 0))) static void
parse_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	char why[1024];

	vsnprintf(why, sizeof(why), fmt, ap);
	die(ERR_TOOL, "%s:%d: %s", MANAGED_FILE, cfg->line, why);
}

/* The file's text, or NULL.  A variable in it would be the user's to set. */
static char *
read_managed(void)
{
	int fd = file_open_regular(MANAGED_FILE, 0);
	struct stat st;
	char *text;
	size_t n;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return NULL;
	text =
	    fd < 0 || fstat(fd, &st) < 0 ? NULL : fd_read_all(fd, FILE_MAX, &n);
	if (!text)
		die(ERR_TOOL, "cannot read '%s': %m", MANAGED_FILE);
	close(fd);
	if (st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)))
		die_hint(
		    "chown root " MANAGED_FILE "; chmod go-w " MANAGED_FILE,
		    "'%s' can be written by others than root", MANAGED_FILE);
	comment_blank(text);
	if (strlen(text) != n || strstr(text, "${"))
		die(ERR_TOOL, "cannot read '%s': %s", MANAGED_FILE,
		    strlen(text) != n ? "it is not text"
				      : "variables have no place in it");
	return mem_join(text, "\n" LAST " = true\n");
}

static int
is_typed(const struct settings_item *item)
{
	return strncmp(item->from, COMMAND_LINE, strlen(COMMAND_LINE)) == 0;
}

/* Whether it is pen's, or of the files that come with it: nobody chose it. */
static int
is_shipped(const struct settings_item *item)
{
	return strcmp(item->from, SETTINGS_ORIGIN) == 0 ||
	       strstr(item->from, "/agents/") || strstr(item->from, "/groups/");
}

/* Says that an item does not count; that what was typed does not is fatal. */
static void
drop_item(enum settings_key key, const struct settings_item *item,
	  const char *why)
{
	if (is_typed(item))
		die_hint(HINT, "%s '%s' (%s): %s", settings_name(key),
			 item->text, item->from, why);
	if (!is_shipped(item))
		err_warn("%s '%s' (%s) does not count: %s", settings_name(key),
			 item->text, item->from, why);
}

static int
is_covered(const struct strv *only, const char *text)
{
	struct rule wide, narrow;

	if (rule_parse(text, &narrow))
		return 0;
	for (size_t i = 0; i < only->n; i++)
		if (!rule_parse(only->v[i], &wide) &&
		    rule_covers(&wide, &narrow))
			return 1;
	return 0;
}

/* A pin leads a name that is allowed to where it likes: none counts. */
static void
keep_only(struct settings *s, const struct strv *only)
{
	static const enum settings_key lists[] = {SET_ALLOW, SET_CONNECT_TO};

	for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
		struct settings_list *l = &s->list[lists[k]];
		size_t kept = 0;

		for (size_t i = 0; i < l->n; i++)
			if (lists[k] == SET_ALLOW &&
			    is_covered(only, l->v[i].text))
				l->v[kept++] = l->v[i];
			else
				drop_item(lists[k], &l->v[i],
					  "allow_only of " MANAGED_FILE
					  " has no room for it");
		l->n = kept;
	}
}

/* A size, a time or a number with its unit; "none" is more than any. */
static double
parse_amount(const char *text)
{
	static const struct {
		char unit;
		double times;
	} units[] = {{'K', 1024.0}, {'M', 1048576.0}, {'G', 1073741824.0},
		     {'m', 60.0},   {'h', 3600.0},    {'d', 86400.0}};
	char *end;
	double v = strtod(text, &end);

	if (strcmp(text, "none") == 0)
		return HUGE_VAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (*end == units[i].unit)
			return v * units[i].times;
	return v;
}

static int
is_looser(size_t k, const char *text, const char *managed)
{
	unsigned long mine = 0, most = 0;

	switch (keys[k].how) {
	case OFF:
		return strcmp(managed, "false") == 0 &&
		       strcmp(text, "true") == 0;
	case ON:
		return strcmp(managed, "true") == 0 &&
		       strcmp(text, "false") == 0;
	case AT_MOST:
		num_parse(text, 10, ~0UL, &mine);
		num_parse(managed, 10, ~0UL, &most);
		return mine > most;
	case MEASURED:
		return parse_amount(text) > parse_amount(managed);
	default:
		return find_rank(k, text) > find_rank(k, managed);
	}
}

/* Puts the managed value of a single setting in the place of a looser one. */
static void
tighten(struct settings *s, size_t k, const char *managed)
{
	struct settings_item *item = &s->list[keys[k].key].v[0];

	if (!is_looser(k, item->text, managed))
		return;
	drop_item(keys[k].key, item,
		  mem_printf("%s says %s", MANAGED_FILE, managed));
	settings_add(s, keys[k].key, mem_copy(managed), MANAGED_FILE);
}

static void
check_value(enum settings_key key, const char *text)
{
	const char *why = settings_check(key, text);

	if (!why && key == SET_ALLOW && *text == '@')
		why = "a group is what a user's file says it is: name hosts";
	if (why)
		die(ERR_TOOL, "%s: %s: '%s': %s", MANAGED_FILE,
		    settings_name(key), text, why);
}

/* Pushes what the list name has.  Whether the file speaks of it. */
static int
read_list(cfg_t *cfg, const char *name, enum settings_key key,
	  struct strv *list)
{
	unsigned n = cfg_size(cfg, name);

	for (unsigned i = 0; i < n; i++) {
		const char *text = cfg_getnstr(cfg, name, i);

		if (strcmp(text, UNSAID) == 0)
			continue;
		check_value(key, text);
		strv_push(list, mem_copy(text));
	}
	return n == 0 || list->n > 0;
}

static void
apply(struct settings *s, cfg_t *cfg, struct strv *only)
{
	struct strv deny = {0};
	int limited = read_list(cfg, "allow_only", SET_ALLOW, only);

	read_list(cfg, "deny", SET_DENY, &deny);
	for (size_t i = 0; i < deny.n; i++)
		settings_add(s, SET_DENY, deny.v[i], MANAGED_FILE);
	for (size_t k = 0; k < KEYS; k++) {
		const char *text = cfg_getstr(cfg, settings_name(keys[k].key));

		if (!text)
			continue;
		check_value(keys[k].key, text);
		tighten(s, k, text);
	}
	if (!limited)
		return;
	if (only->n == 0)
		die(ERR_TOOL,
		    "%s: allow_only is empty: write network = "
		    "offline",
		    MANAGED_FILE);
	keep_only(s, only);
	for (size_t k = 0; k < KEYS; k++)
		if (keys[k].key == SET_NETWORK)
			tighten(s, k, "allowlist");
}

void
managed_apply(struct settings *s, struct strv *allow_only)
{
	static char none[] = "{\"" UNSAID "\"}";
	cfg_opt_t opts[KEYS + 4];
	char *text = read_managed();
	FILE *f;
	cfg_t *cfg;

	if (!text)
		return;
	for (size_t k = 0; k < KEYS; k++)
		opts[k] = (cfg_opt_t)CFG_STR(settings_name(keys[k].key), NULL,
					     CFGF_NONE);
	opts[KEYS] = (cfg_opt_t)CFG_STR_LIST("deny", none, CFGF_NONE);
	opts[KEYS + 1] = (cfg_opt_t)CFG_STR_LIST("allow_only", none, CFGF_NONE);
	opts[KEYS + 2] = (cfg_opt_t)CFG_BOOL(LAST, cfg_false, CFGF_NONE);
	opts[KEYS + 3] = (cfg_opt_t)CFG_END();
	cfg = cfg_init(opts, CFGF_NONE);
	f = fmemopen(text, strlen(text), "r");
	if (!cfg || !f)
		die(ERR_TOOL, "cannot read '%s': %m", MANAGED_FILE);
	cfg_set_error_function(cfg, parse_error);
	if (cfg_parse_fp(cfg, f) != CFG_SUCCESS || !cfg_getbool(cfg, LAST))
		die(ERR_TOOL, "%s: the file ends too early", MANAGED_FILE);
	fclose(f);
	free(text);
	apply(s, cfg, allow_only);
	cfg_free(cfg);
}
