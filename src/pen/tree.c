#include "pen/tree.h"

#include <string.h>

/* The section's index among those of its kind, or -1. */
static int
find_section(const struct conf *c, const struct section *place)
{
	const char *name = section_kind_name(place->kind);

	for (unsigned i = 0; i < cfg_size(c->cfg, name); i++)
		if (section_is_titled(place,
				      cfg_title(cfg_getnsec(c->cfg, name, i))))
			return (int)i;
	return -1;
}

static cfg_t *
get_section(const struct conf *c, enum section_kind kind, int i)
{
	return cfg_getnsec(c->cfg, section_kind_name(kind), (unsigned)i);
}

static int
count_sections(const struct conf *c, enum section_kind kind)
{
	return (int)cfg_size(c->cfg, section_kind_name(kind));
}

int
tree_end_line(const struct conf *c, const struct section *place)
{
	int i = find_section(c, place);

	for (size_t k = 0; i >= 0 && k < c->ends_n; k++)
		if (c->ends[k].kind == place->kind && c->ends[k].i == i)
			return c->ends[k].line;
	return 0;
}

int
tree_has_value(const struct conf *c, const struct section *place,
	       enum settings_key key, const char *value)
{
	int i = find_section(c, place);
	cfg_opt_t *opt;

	if (i < 0)
		return 0;
	opt = cfg_getopt(get_section(c, place->kind, i), settings_name(key));
	for (unsigned k = 0; opt && k < cfg_opt_size(opt); k++)
		if (strcmp(cfg_opt_getnstr(opt, k), value) == 0)
			return 1;
	return 0;
}

static int
same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Whether the lists are the same, but for value somewhere in more. */
static int
same_list(cfg_opt_t *less, cfg_opt_t *more, const char *value)
{
	unsigned n = cfg_opt_size(less), k = 0, extra = 0;

	if (cfg_opt_size(more) != n + (value ? 1 : 0))
		return 0;
	for (unsigned i = 0; i < cfg_opt_size(more); i++) {
		const char *text = cfg_opt_getnstr(more, i);

		if (k < n && same_text(cfg_opt_getnstr(less, k), text))
			k++;
		else if (value && !extra++ && strcmp(text, value) == 0)
			continue;
		else
			return 0;
	}
	return k == n;
}

static int
same_hosts(cfg_t *a, cfg_t *b)
{
	if (cfg_size(a, "host") != cfg_size(b, "host"))
		return 0;
	for (unsigned i = 0; i < cfg_size(a, "host"); i++) {
		cfg_t *x = cfg_getnsec(a, "host", i);
		cfg_t *y = cfg_getnsec(b, "host", i);

		if (strcmp(cfg_title(x), cfg_title(y)) != 0 ||
		    cfg_getbool(x, "private") != cfg_getbool(y, "private"))
			return 0;
	}
	return 1;
}

/* The same for sections; key is the list that has value, if there is one. */
static int
same_section(enum section_kind kind, cfg_t *less, cfg_t *more,
	     enum settings_key key, const char *value)
{
	if (strcmp(cfg_title(less), cfg_title(more)) != 0)
		return 0;
	for (int k = 0; k < SET_KEYS; k++) {
		const char *name = settings_name((enum settings_key)k);
		cfg_opt_t *a, *b;
		int same;

		if (kind == SECTION_GROUP && k != SET_ALLOW)
			continue;
		if (k == SET_PRIVATE_HOST) {
			if (!same_hosts(less, more))
				return 0;
			continue;
		}
		a = cfg_getopt(less, name);
		b = cfg_getopt(more, name);
		if (k < SET_LISTS)
			same = same_list(a, b, k == (int)key ? value : NULL);
		else if (k < SET_BOOLS)
			same = same_text(cfg_opt_getnstr(a, 0),
					 cfg_opt_getnstr(b, 0));
		else
			same =
			    cfg_opt_getnbool(a, 0) == cfg_opt_getnbool(b, 0) &&
			    (a->flags & CFGF_RESET) == (b->flags & CFGF_RESET);
		if (!same)
			return 0;
	}
	return 1;
}

/* Whether the section has nothing but value in its list key. */
static int
has_only(cfg_t *sec, enum settings_key key, const char *value)
{
	cfg_opt_t *opt = cfg_getopt(sec, settings_name(key));

	return opt && cfg_opt_size(opt) == 2 &&
	       strcmp(cfg_opt_getnstr(opt, 0), CONF_INHERITED) == 0 &&
	       strcmp(cfg_opt_getnstr(opt, 1), value) == 0;
}

int
tree_adds_value(const struct conf *less, const struct conf *more,
		const struct section *place, enum settings_key key,
		const char *value)
{
	int at = find_section(less, place);

	for (int k = 0; k < SECTION_KINDS; k++) {
		enum section_kind kind = (enum section_kind)k;
		int ours = kind == place->kind, n = count_sections(less, kind);
		int made = ours && at < 0;

		if (count_sections(more, kind) != n + made)
			return 0;
		for (int i = 0; i < n; i++)
			if (!same_section(kind, get_section(less, kind, i),
					  get_section(more, kind, i), key,
					  ours && i == at ? value : NULL))
				return 0;
		if (made && (find_section(more, place) != n ||
			     !has_only(get_section(more, kind, n), key, value)))
			return 0;
	}
	return 1;
}
