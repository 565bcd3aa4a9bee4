#include "pen-report/objects.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "lib/beneath.h"
#include "lib/mem.h"
#include "pen-report/packindex.h"

#define ALTERNATES_MAX ((size_t)64 << 10)

/* Of a pack, at once. */
#define CHUNK ((size_t)64 << 10)

/* The largest index of a pack that is mapped: a hundred million objects. */
#define INDEX_MAX ((off_t)4 << 30)

uint8_t *
objects_map(int fd, size_t *n)
{
	struct stat st;
	uint8_t *p = MAP_FAILED;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size > 0 && st.st_size <= INDEX_MAX) {
		*n = (size_t)st.st_size;
		p = mmap(NULL, *n, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	return p == MAP_FAILED ? NULL : p;
}

static void
open_pack(struct objects *o, int dir, const char *name)
{
	size_t n = strlen(name);
	char *other;
	struct pack *p = &o->packs[o->npacks];

	if (n < 5 || strcmp(name + n - 4, ".idx") != 0 ||
	    o->npacks == OBJECTS_PACKS)
		return;
	other = mem_printf("%.*s.pack", (int)(n - 4), name);
	p->fd = beneath_open(dir, other, O_RDONLY);
	free(other);
	if (p->fd < 0)
		return;
	p->index = objects_map(beneath_open(dir, name, O_RDONLY), &p->index_n);
	if (p->index)
		o->npacks++;
	else
		close(p->fd);
}

static void
add_directory(struct objects *o, int dir)
{
	int pack = beneath_open(dir, "pack", O_RDONLY | O_DIRECTORY);
	DIR *d = pack < 0 ? NULL : fdopendir(pack);
	struct dirent *e;

	o->dirs[o->ndirs++] = dir;
	while (d && (e = readdir(d)))
		open_pack(o, dirfd(d), e->d_name);
	if (d)
		closedir(d);
}

/* Those of info/alternates; what they have is checked as all else is. */
static void
add_borrowed(struct objects *o)
{
	size_t n;
	char *text = beneath_read(o->dirs[0], "info/alternates", ALTERNATES_MAX,
				  &n, NULL);
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n")) && o->ndirs < OBJECTS_DIRS) {
		char *path = *line == '/' ? mem_copy(line)
					  : mem_printf("/proc/self/fd/%d/%s",
						       o->dirs[0], line);
		int dir = *line && *line != '#'
			      ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
			      : -1;

		if (dir >= 0)
			add_directory(o, dir);
		free(path);
	}
	free(text);
}

int
objects_open(struct objects *o, int common, size_t id_n)
{
	int dir = beneath_open(common, "objects", O_RDONLY | O_DIRECTORY);

	*o = (struct objects){.id_n = id_n};
	if (dir < 0)
		return -1;
	add_directory(o, dir);
	add_borrowed(o);
	return 0;
}

void
objects_close(struct objects *o)
{
	for (size_t i = 0; i < o->npacks; i++) {
		munmap(o->packs[i].index, o->packs[i].index_n);
		close(o->packs[i].fd);
	}
	for (size_t i = 0; i < o->ndirs; i++)
		close(o->dirs[i]);
}

/*
 * Inflates what begins at offset of fd, of exactly size bytes, or if size is 0
 * a loose object of at most OBJECTS_MAX.  The caller frees it.
 */
static uint8_t *
inflate_at(int fd, off_t offset, size_t size, int loose, size_t *out_n)
{
	z_stream z = {0};
	size_t room = loose ? CHUNK : size + 1;
	size_t chunk = room < CHUNK / 2 ? room * 2 : CHUNK;
	uint8_t *out, *in = mem_grow(NULL, chunk, 1);
	int r = Z_OK;

	if (inflateInit(&z) != Z_OK) {
		free(in);
		return NULL;
	}
	out = mem_grow(NULL, room, 1);
	z.next_out = out;
	z.avail_out = (uInt)room;
	while (r == Z_OK) {
		if (z.avail_in == 0) {
			ssize_t got = pread(fd, in, chunk, offset);

			if (got <= 0)
				break;
			offset += got;
			z.next_in = in;
			z.avail_in = (uInt)got;
		}
		if (z.avail_out == 0) {
			if (!loose || room > OBJECTS_MAX)
				break;
			out = mem_grow(out, room * 2, 1);
			z.next_out = out + room;
			z.avail_out = (uInt)room;
			room *= 2;
		}
		r = inflate(&z, Z_NO_FLUSH);
	}
	*out_n = (size_t)(z.next_out - out);
	inflateEnd(&z);
	free(in);
	if (r == Z_STREAM_END && (loose || *out_n == size))
		return out;
	free(out);
	return NULL;
}

uint8_t *
objects_inflate(int fd, off_t offset, size_t size)
{
	size_t n;

	return inflate_at(fd, offset, size, 0, &n);
}

/* A loose object without its header. */
static uint8_t *
read_loose(const struct objects *o, const uint8_t *id, enum object_type *type,
	   size_t *n)
{
	char path[2 * OBJECT_ID_MAX + 2];
	size_t at = 0, size, head;
	uint8_t *p;
	int fd = -1;

	for (size_t i = 0; i < o->id_n; i++)
		at += (size_t)snprintf(path + at, sizeof(path) - at,
				       i ? "%02x" : "%02x/", id[i]);
	for (size_t i = 0; i < o->ndirs && fd < 0; i++)
		fd = beneath_open(o->dirs[i], path, O_RDONLY);
	if (fd < 0)
		return NULL;
	p = inflate_at(fd, 0, 0, 1, n);
	close(fd);
	if (!p)
		return NULL;
	head = object_header(p, *n, type, &size);
	if (head == 0 || size != *n - head) {
		free(p);
		return NULL;
	}
	memmove(p, p + head, size);
	*n = size;
	return p;
}

static uint8_t *read_packed(const struct objects *o, const uint8_t *id,
			    enum object_type *type, size_t *n, int depth);

/* The entry at offset of a pack, with the delta that it may be applied. */
static uint8_t *
read_entry(const struct objects *o, const struct pack *p, uint64_t offset,
	   enum object_type *type, size_t *n, int depth)
{
	uint8_t head[64], *base, *delta, *out;
	ssize_t got = pread(p->fd, head, sizeof(head), (off_t)offset);
	uint64_t back;
	size_t size, at, base_n, delta_n;

	if (depth == 0 || got <= 0)
		return NULL;
	at = object_pack_head(head, (size_t)got, type, &size, &back);
	if (at == 0 || size > OBJECTS_MAX)
		return NULL;
	if (*type >= OBJECT_COMMIT && *type <= OBJECT_TAG)
		return inflate_at(p->fd, (off_t)(offset + at), size, 0, n);
	if (*type == OBJECT_OFFSET_DELTA) {
		if (back == 0 || back > offset)
			return NULL;
		base =
		    read_entry(o, p, offset - back, type, &base_n, depth - 1);
	} else if (*type == OBJECT_ID_DELTA && at + o->id_n <= (size_t)got) {
		base = read_packed(o, head + at, type, &base_n, depth - 1);
		at += o->id_n;
	} else {
		return NULL;
	}
	if (!base)
		return NULL;
	delta = inflate_at(p->fd, (off_t)(offset + at), size, 0, &delta_n);
	out = delta ? object_patch(delta, delta_n, base, base_n, OBJECTS_MAX, n)
		    : NULL;
	free(base);
	free(delta);
	return out;
}

static uint8_t *
read_packed(const struct objects *o, const uint8_t *id, enum object_type *type,
	    size_t *n, int depth)
{
	for (size_t i = 0; i < o->npacks; i++) {
		uint64_t offset;
		uint8_t *p;

		if (packindex_find(o->packs[i].index, o->packs[i].index_n, id,
				   o->id_n, &offset) < 0)
			continue;
		p = read_entry(o, &o->packs[i], offset, type, n, depth);
		if (p)
			return p;
	}
	return NULL;
}

uint8_t *
objects_read(const struct objects *o, const uint8_t *id, enum object_type want,
	     size_t *n)
{
	enum object_type type;
	uint8_t *p = read_loose(o, id, &type, n);

	/* a loose object that somebody forged may be in a pack as well */
	if (p && (type != want || !object_is_named(id, o->id_n, type, p, *n))) {
		free(p);
		p = NULL;
	}
	if (p)
		return p;
	p = read_packed(o, id, &type, n, OBJECTS_DEPTH);
	if (p && type == want && object_is_named(id, o->id_n, type, p, *n))
		return p;
	free(p);
	return NULL;
}
