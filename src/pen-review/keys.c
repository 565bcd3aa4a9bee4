#include "pen-review/keys.h"

#include <stdlib.h>
#include <string.h>

#include "lib/gitkeys.h"
#include "lib/jsonkeys.h"
#include "lib/mem.h"

#define GIT "gitconfig"

static void
add_key(struct keys *k, char *name, char *old, char *value)
{
	k->v = mem_room(k->v, k->n, sizeof(*k->v));
	k->v[k->n++] = (struct keys_one){name, old, value, 0};
}

void
keys_free(struct keys *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->v[i].name);
		free(k->v[i].old);
		free(k->v[i].value);
	}
	free(k->v);
	*k = (struct keys){0};
}

static int
has_name(const struct keys *k, const char *name)
{
	for (size_t i = 0; i < k->n; i++)
		if (strcmp(k->v[i].name, name) == 0)
			return 1;
	return 0;
}

/* The values of a variable, joined; NULL where there are none. */
static char *
git_values(const struct gitkeys *k, const struct gitkey *key)
{
	char *all = NULL;

	for (size_t i = 0; i < k->n; i++) {
		const char *value = k->v[i].value ? k->v[i].value : "";
		char *more;

		if (!gitkeys_same(&k->v[i], key))
			continue;
		more = mem_printf("%s%s%s", all ? all : "", all ? ", " : "",
				  value);
		free(all);
		all = more;
	}
	return all;
}

static void
compare_git(struct keys *out, const struct gitkeys *base,
	    const struct gitkeys *draft, const struct gitkeys *names)
{
	for (size_t i = 0; i < names->n; i++) {
		const struct gitkey *key = &names->v[i];
		char *name = gitkeys_name(key);

		if (!gitkeys_equal(base, draft, key) && !has_name(out, name))
			add_key(out, name, git_values(base, key),
				git_values(draft, key));
		else
			free(name);
	}
}

static int
read_git(struct keys *out, const char *base, const char *draft)
{
	struct gitkeys b, d;

	if (gitkeys_parse(&b, base, strlen(base)) < 0)
		return -1;
	if (gitkeys_parse(&d, draft, strlen(draft)) < 0) {
		gitkeys_free(&b);
		return -1;
	}
	compare_git(out, &b, &d, &d);
	compare_git(out, &b, &d, &b);
	gitkeys_free(&b);
	gitkeys_free(&d);
	return 0;
}

static char *
take_git(const char *text, const char *from, const char *name)
{
	struct gitkeys had, k;
	char *out = NULL;

	if (gitkeys_parse(&k, from, strlen(from)) < 0)
		return NULL;
	if (gitkeys_parse(&had, text, strlen(text)) < 0) {
		gitkeys_free(&k);
		return NULL;
	}
	for (int side = 0; !out && side < 2; side++) {
		const struct gitkeys *names = side ? &had : &k;

		for (size_t i = 0; !out && i < names->n; i++) {
			char *own = gitkeys_name(&names->v[i]);

			if (strcmp(own, name) == 0)
				out = gitkeys_take(text, &k, &names->v[i]);
			free(own);
		}
	}
	gitkeys_free(&had);
	gitkeys_free(&k);
	return out ? out : mem_copy(text);
}

/* An empty text is an object without members. */
static int
parse(struct jsonkeys *k, const char *text)
{
	*k = (struct jsonkeys){0};
	if (text[strspn(text, " \t\r\n")] == '\0')
		return 0;
	return jsonkeys_parse(k, text, strlen(text));
}

static char *
text_of(const struct jsonkey *key)
{
	return key ? mem_part(key->value, key->value_n) : NULL;
}

static char *
join_name(const char *prefix, const struct jsonkey *key)
{
	return mem_printf("%s%s%.*s", prefix, *prefix ? "." : "",
			  (int)key->name_n, key->name);
}

static int
is_object(const struct jsonkey *key)
{
	return !key || *key->value == '{';
}

/* Whose members are decided one by one, and so deep: as pen-report does. */
static const struct {
	const char *name;
	int depth;
} entered[] = {
    {"projects", 2}, {"ui", 1}, {"general", 1}, {"model", 1}, {"security", 2}};

/* Whether the members of the member decide; the first name of prefix does. */
static int
enters(const struct jsonkey *key, const char *prefix, int depth)
{
	const char *name = depth > 0 ? prefix : key->name;
	size_t n = depth > 0 ? strcspn(prefix, ".") : key->name_n;

	for (size_t i = 0; i < sizeof(entered) / sizeof(*entered); i++)
		if (strlen(entered[i].name) == n &&
		    memcmp(entered[i].name, name, n) == 0)
			return depth < entered[i].depth;
	return 0;
}

static int read_json(struct keys *out, const char *prefix, const char *base,
		     const char *draft, int depth);

static int
compare_member(struct keys *out, const char *prefix, const struct jsonkey *b,
	       const struct jsonkey *d, int depth)
{
	const struct jsonkey *key = d ? d : b;
	char *name, *old, *value;
	int bad = 0;

	if (jsonkeys_equal(b, d))
		return 0;
	name = join_name(prefix, key);
	old = text_of(b);
	value = text_of(d);
	if (enters(key, prefix, depth) && is_object(b) && is_object(d)) {
		bad = read_json(out, name, old ? old : "", value ? value : "",
				depth + 1);
		free(name);
		free(old);
		free(value);
	} else {
		add_key(out, name, old, value);
	}
	return bad;
}

static int
read_json(struct keys *out, const char *prefix, const char *base,
	  const char *draft, int depth)
{
	struct jsonkeys b, d = {0};
	int bad = parse(&b, base) < 0 || parse(&d, draft) < 0;

	for (size_t i = 0; !bad && i < d.n; i++)
		bad = compare_member(
			  out, prefix,
			  jsonkeys_find(&b, d.v[i].name, d.v[i].name_n),
			  &d.v[i], depth) < 0;
	for (size_t i = 0; !bad && i < b.n; i++)
		if (!jsonkeys_find(&d, b.v[i].name, b.v[i].name_n))
			bad = compare_member(out, prefix, &b.v[i], NULL,
					     depth) < 0;
	free(b.v);
	free(d.v);
	return bad ? -1 : 0;
}

static char *take_json(const char *text, const char *from, const char *prefix,
		       const char *name, int depth);

/* The member of text that name leads to, taken from the one of from. */
static char *
take_member(const char *text, const struct jsonkey *had,
	    const struct jsonkey *key, const char *prefix, const char *name,
	    int depth)
{
	const struct jsonkey *named = key ? key : had;
	char *own = join_name(prefix, named), *out = NULL, *inner;
	size_t n = strlen(own);

	if (strcmp(own, name) == 0) {
		out = jsonkeys_set(text, named->name, named->name_n, key);
	} else if (enters(named, prefix, depth) && is_object(key) &&
		   is_object(had) && strncmp(own, name, n) == 0 &&
		   name[n] == '.') {
		char *a = had ? text_of(had) : mem_copy(""),
		     *b = key ? text_of(key) : mem_copy("");

		inner = take_json(a, b, own, name, depth + 1);
		if (inner && strcmp(inner, a) != 0) {
			struct jsonkey value = {.value = inner,
						.value_n = strlen(inner)};

			while (value.value_n > 0 &&
			       inner[value.value_n - 1] == '\n')
				value.value_n--;
			out = jsonkeys_set(text, named->name, named->name_n,
					   &value);
		}
		free(inner);
		free(a);
		free(b);
	}
	free(own);
	return out;
}

static char *
take_json(const char *text, const char *from, const char *prefix,
	  const char *name, int depth)
{
	struct jsonkeys had, k = {0};
	char *out = NULL;
	int bad = parse(&had, text) < 0 || parse(&k, from) < 0;

	for (size_t i = 0; !bad && !out && i < k.n; i++)
		out = take_member(
		    text, jsonkeys_find(&had, k.v[i].name, k.v[i].name_n),
		    &k.v[i], prefix, name, depth);
	for (size_t i = 0; !bad && !out && i < had.n; i++)
		if (!jsonkeys_find(&k, had.v[i].name, had.v[i].name_n))
			out = take_member(text, &had.v[i], NULL, prefix, name,
					  depth);
	free(had.v);
	free(k.v);
	if (bad)
		return NULL;
	return out ? out : mem_copy(text);
}

int
keys_read(struct keys *k, const char *rules, const char *base,
	  const char *draft)
{
	int bad;

	*k = (struct keys){0};
	bad = strcmp(rules, GIT) == 0 ? read_git(k, base, draft)
				      : read_json(k, "", base, draft, 0);
	if (bad)
		keys_free(k);
	return bad ? -1 : 0;
}

char *
keys_take(const char *rules, const char *text, const char *from,
	  const char *name)
{
	return strcmp(rules, GIT) == 0 ? take_git(text, from, name)
				       : take_json(text, from, "", name, 0);
}
