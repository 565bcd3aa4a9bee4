#include "lib/bases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"

static int
by_path(const void *a, const void *b)
{
	return strcmp(((const struct base *)a)->path,
		      ((const struct base *)b)->path);
}

static struct base *
add_base(struct bases *b, const char *path)
{
	b->v = mem_room(b->v, b->n, sizeof(*b->v));
	b->v[b->n] = (struct base){.path = mem_copy(path)};
	return &b->v[b->n++];
}

static int
parse_one(struct base *one, const char *text)
{
	if (strcmp(text, "-") == 0) {
		one->kind = BASE_NONE;
	} else if (strcmp(text, "?") == 0) {
		one->kind = BASE_UNKNOWN;
	} else {
		one->kind = BASE_FILE;
		if (sscanf(text, "%llu %llu %llu %lld %lld %lld %lld %lld %lld",
			   &one->dev, &one->ino, &one->size, &one->mtime[0],
			   &one->mtime[1], &one->ctime[0], &one->ctime[1],
			   &one->same[0], &one->same[1]) != 9)
			return -1;
	}
	return 0;
}

/* A path and what is known of it, each ended by NUL. */
int
bases_parse(struct bases *b, const char *text, size_t n)
{
	const char *end = text + n;

	*b = (struct bases){0};
	while (text < end) {
		size_t k = strnlen(text, (size_t)(end - text));
		const char *known = text + k + 1;

		if (known >= end ||
		    !memchr(known, '\0', (size_t)(end - known)) ||
		    parse_one(add_base(b, text), known) < 0) {
			bases_free(b);
			return -1;
		}
		text = known + strlen(known) + 1;
	}
	if (b->n > 0)
		qsort(b->v, b->n, sizeof(*b->v), by_path);
	b->sorted = b->n;
	return 0;
}

void
bases_free(struct bases *b)
{
	for (size_t i = 0; i < b->n; i++)
		free(b->v[i].path);
	free(b->v);
	*b = (struct bases){0};
}

struct base *
bases_find(struct bases *b, const char *path)
{
	const struct base key = {.path = (char *)(size_t)path};

	return b->sorted
		   ? bsearch(&key, b->v, b->sorted, sizeof(*b->v), by_path)
		   : NULL;
}

static void
fill(struct base *one, const struct stat *st)
{
	one->kind = BASE_FILE;
	one->dev = st->st_dev;
	one->ino = st->st_ino;
	one->size = (unsigned long long)st->st_size;
	one->mtime[0] = st->st_mtim.tv_sec;
	one->mtime[1] = st->st_mtim.tv_nsec;
	one->ctime[0] = st->st_ctim.tv_sec;
	one->ctime[1] = st->st_ctim.tv_nsec;
}

struct base *
bases_add(struct bases *b, const char *path, enum base_kind kind,
	  const struct stat *st)
{
	struct base *one = add_base(b, path);

	one->kind = kind;
	if (kind == BASE_FILE)
		fill(one, st);
	return one;
}

void
bases_set(struct bases *b, const char *path, const struct stat *st)
{
	struct base *one = bases_find(b, path);

	fill(one ? one : add_base(b, path), st);
}

char *
bases_text(struct bases *b, size_t *n)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, n);

	if (!f)
		die(ERR_TOOL, "out of memory");
	for (size_t i = 0; i < b->n; i++) {
		const struct base *o = &b->v[i];

		if (!o->used)
			continue;
		fprintf(f, "%s%c", o->path, '\0');
		if (o->kind == BASE_FILE)
			fprintf(
			    f, "%llu %llu %llu %lld %lld %lld %lld %lld %lld",
			    o->dev, o->ino, o->size, o->mtime[0], o->mtime[1],
			    o->ctime[0], o->ctime[1], o->same[0], o->same[1]);
		else
			putc(o->kind == BASE_NONE ? '-' : '?', f);
		putc('\0', f);
	}
	if (fclose(f) != 0)
		die(ERR_TOOL, "out of memory");
	return text;
}

int
bases_is_current(const struct base *b, const struct stat *st)
{
	if (b->kind != BASE_FILE)
		return b->kind == BASE_NONE && !st;
	return st && b->dev == st->st_dev && b->ino == st->st_ino &&
	       b->size == (unsigned long long)st->st_size &&
	       b->mtime[0] == st->st_mtim.tv_sec &&
	       b->mtime[1] == st->st_mtim.tv_nsec &&
	       b->ctime[0] == st->st_ctim.tv_sec &&
	       b->ctime[1] == st->st_ctim.tv_nsec;
}

int
bases_is_same(const struct base *b, const struct stat *own)
{
	return b->kind == BASE_FILE && b->same[0] == own->st_ctim.tv_sec &&
	       b->same[1] == own->st_ctim.tv_nsec;
}
