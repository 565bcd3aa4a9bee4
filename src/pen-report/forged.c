#include "pen-report/forged.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "pen-report/class.h"
#include "pen-report/verify.h"

/* Some seconds of one processor: what a fetch of some size makes. */
#define BYTES_MAX (UINT64_C(256) << 20)
#define OBJECTS_MAX_NEW UINT64_C(200000)

/* A repository, open while its objects follow each other. */
struct repository {
	const char *path; /* of its directory, as long as n */
	size_t n;
	int common, objects;
};

struct forged {
	struct walk *w;
	struct verify v;
	struct repository at;
	char *pack; /* the last one that was looked at */
	enum verified of_pack;
	int whole;
};

/* What of path is below the "objects" of a repository, or NULL. */
static const char *
find_objects(const struct walk *w, const char *path, size_t *repository_n)
{
	const char *git = walk_repository(w, path);
	const char *below = git ? manifest_below(git, path) : NULL;

	if (!below || strncmp(below, "objects/", 8) != 0)
		return NULL;
	*repository_n = strlen(git);
	return below + 8;
}

static void
close_repository(struct repository *r)
{
	if (r->n > 0 && r->common >= 0)
		close(r->common);
	if (r->n > 0 && r->objects >= 0)
		close(r->objects);
	r->n = 0;
}

static void
open_repository(struct forged *f, const char *path, size_t n)
{
	struct repository *r = &f->at;
	char *dir;
	int root;

	if (r->n == n && strncmp(r->path, path, n) == 0)
		return;
	close_repository(r);
	dir = mem_part(path, n);
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*r = (struct repository){.path = path, .n = n};
	r->common = beneath_open(root, dir, O_RDONLY | O_DIRECTORY);
	r->objects = beneath_open(r->common, "objects", O_RDONLY | O_DIRECTORY);
	close(root);
	free(dir);
}

static enum verified
verify_once(struct forged *f, const char *below)
{
	char *stem = mem_part(below, strcspn(below, "."));

	if (f->pack && strcmp(f->pack, stem) == 0) {
		free(stem);
		return f->of_pack;
	}
	free(f->pack);
	f->pack = stem;
	f->of_pack = verify_pack(
	    &f->v, f->at.objects, stem,
	    strlen(stem) > strlen("pack/pack-") + 40 ? (size_t)32 : (size_t)20);
	return f->of_pack;
}

static int
ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), k = strlen(end);

	return n > k && strcmp(path + n - k, end) == 0;
}

static enum verified
verify_file(struct forged *f, const char *below)
{
	if (strncmp(below, "pack/", 5) == 0) {
		if (ends_with(below, ".pack") || ends_with(below, ".idx"))
			return verify_once(f, below);
		if (strcmp(below, "pack/multi-pack-index") == 0)
			return verify_midx(&f->v, f->at.objects);
		return strncmp(below, "pack/multi-pack-index.d/", 24) == 0
			   ? VERIFY_UNKNOWN
			   : VERIFY_GOOD;
	}
	if (strcmp(below, "info/commit-graph") == 0 ||
	    ends_with(below, ".graph"))
		return verify_graph(&f->v, f->at.common, f->at.objects, below);
	return strlen(below) > 3 && below[2] == '/'
		   ? verify_loose(&f->v, f->at.objects, below)
		   : VERIFY_GOOD;
}

void
forged_mark(struct walk *w)
{
	struct forged f = {
	    .w = w, .v = {BYTES_MAX, OBJECTS_MAX_NEW}, .whole = 1};

	for (size_t i = 0; i < w->n; i++) {
		struct change_entry *c = &w->v[i];
		enum verified is;
		const char *below;
		size_t n;

		if (c->change == CHANGE_REMOVED || c->flags & WALK_DIRECTORY)
			continue;
		below = find_objects(w, c->path, &n);
		if (!below)
			continue;
		open_repository(&f, c->path, n);
		is = f.at.objects < 0 ? VERIFY_UNKNOWN : verify_file(&f, below);
		if (is == VERIFY_FORGED)
			c->flags |= WALK_FORGED;
		else if (is == VERIFY_UNKNOWN)
			f.whole = 0;
	}
	if (!f.whole)
		strv_push(&w->why, mem_copy("git's new objects are too many to "
					    "be checked here: git fsck does"));
	close_repository(&f.at);
	free(f.pack);
}
