#include "pen-report/refs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/mem.h"
#include "pen-report/object.h"

#define PACKED_MAX ((size_t)64 << 20)

/* Directories of refs in each other, and refs that name each other. */
#define DEPTH_MAX 16
#define NAMES_MAX 5

static void
add_ref(struct refs *r, char *name, char *text)
{
	if (r->n == REFS_MAX) {
		r->cut = 1;
		free(name);
		free(text);
		return;
	}
	r->v = mem_room(r->v, r->n, sizeof(*r->v));
	r->v[r->n++] = (struct ref){name, text};
}

static void
read_below(struct refs *r, int fd, const char *dir, int depth)
{
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	size_t n;

	while (d && !r->cut && (e = readdir(d))) {
		char *name, *text;
		int sub = -1;

		if (*e->d_name == '.')
			continue;
		name = mem_printf("%s/%s", dir, e->d_name);
		text = beneath_read(dirfd(d), e->d_name, REF_MAX, &n, NULL);
		if (text) {
			text[strcspn(text, "\r\n")] = '\0';
			add_ref(r, name, text);
			continue;
		}
		if (depth > 0)
			sub = beneath_open(dirfd(d), e->d_name,
					   O_RDONLY | O_DIRECTORY);
		if (sub >= 0)
			read_below(r, sub, name, depth - 1);
		free(name);
	}
	if (d)
		closedir(d);
}

static void
read_packed(struct refs *r, int common)
{
	size_t n;
	char *text = beneath_read(common, "packed-refs", PACKED_MAX, &n, NULL);
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		size_t id_n = strspn(line, "0123456789abcdef");

		if (id_n > 0 && strncmp(line + id_n, " refs/", 6) == 0)
			add_ref(r, mem_copy(line + id_n + 1),
				mem_part(line, id_n));
	}
	free(text);
}

static int
by_name(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
refs_read(struct refs *r, int common)
{
	struct refs loose = {0}, packed = {0};

	read_below(&loose, beneath_open(common, "refs", O_RDONLY | O_DIRECTORY),
		   "refs", DEPTH_MAX);
	if (loose.n > 0)
		qsort(loose.v, loose.n, sizeof(*loose.v), by_name);
	read_packed(&packed, common);
	*r = (struct refs){.cut = loose.cut || packed.cut};
	for (size_t i = 0; i < packed.n; i++) {
		struct ref *p = &packed.v[i];

		if (refs_find(&loose, p->name)) {
			free(p->name);
			free(p->text);
		} else {
			add_ref(r, p->name, p->text);
		}
	}
	for (size_t i = 0; i < loose.n; i++)
		add_ref(r, loose.v[i].name, loose.v[i].text);
	free(loose.v);
	free(packed.v);
	if (r->n > 0)
		qsort(r->v, r->n, sizeof(*r->v), by_name);
}

void
refs_free(struct refs *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].name);
		free(r->v[i].text);
	}
	free(r->v);
}

const char *
refs_find(const struct refs *r, const char *name)
{
	struct ref key = {(char *)(size_t)name, NULL};
	const struct ref *found =
	    r->n ? bsearch(&key, r->v, r->n, sizeof(key), by_name) : NULL;

	return found ? found->text : NULL;
}

size_t
refs_resolve(const struct refs *r, const char *text, uint8_t *id)
{
	for (int i = 0; text && i < NAMES_MAX; i++) {
		if (strncmp(text, "ref: ", 5) != 0)
			return object_id(text, id);
		text = refs_find(r, text + 5 + strspn(text + 5, " \t"));
	}
	return 0;
}

int
refs_is_branch(const char *name)
{
	return strncmp(name, "refs/heads/", 11) == 0 ||
	       strncmp(name, "refs/remotes/", 13) == 0;
}

const char *
refs_short(const char *name)
{
	static const char *const kinds[] = {"refs/heads/", "refs/remotes/",
					    "refs/tags/", "refs/"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strncmp(name, kinds[i], strlen(kinds[i])) == 0)
			return name + strlen(kinds[i]);
	return name;
}
