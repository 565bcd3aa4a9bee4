/* gitindex malformed, gitindex list FILE, or gitindex FILE… for the corpus. */
#include "lib/gitindex.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/sni_check.h"
#include "lib/fd.h"

#define SHA1 20

struct text {
	uint8_t p[4096];
	size_t n;
};

static void
put(struct text *t, const void *p, size_t n)
{
	CHECK(t->n + n <= sizeof(t->p), "too long");
	memcpy(t->p + t->n, p, n);
	t->n += n;
}

static void
put32(struct text *t, unsigned long v)
{
	uint8_t b[4] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16),
			(uint8_t)(v >> 8), (uint8_t)v};

	put(t, b, 4);
}

static void
header(struct text *t, unsigned version, unsigned count)
{
	t->n = 0;
	put(t, "DIRC", 4);
	put32(t, version);
	put32(t, count);
}

/* An entry of version 2, or of version 4 that strips strip bytes. */
static void
entry(struct text *t, unsigned long mode, const char *name, size_t told,
      int strip)
{
	static const uint8_t zero[64];
	size_t start = t->n;
	uint8_t b[3] = {(uint8_t)(told >> 8), (uint8_t)told, (uint8_t)strip};

	put(t, zero, 24);
	put32(t, mode);
	put(t, zero, 12 + SHA1);
	put(t, b, strip < 0 ? 2 : 3);
	put(t, name, strlen(name) + 1);
	while (strip < 0 && (t->n - start) % 8)
		put(t, zero, 1);
}

static void
extension(struct text *t, const char *name, const unsigned long *words,
	  size_t n, size_t more)
{
	static const uint8_t zero[SHA1];

	put(t, name, 4);
	put32(t, 4 * n + more);
	for (size_t i = 0; i < n; i++)
		put32(t, words[i]);
	put(t, zero, more);
}

static void
count_links(void *arg, const struct gitindex_entry *e)
{
	*(int *)arg += (e->mode & GITINDEX_TYPE) == GITINDEX_LINK;
}

/* t and a checksum are read so, with that many gitlinks. */
static void
reads(struct text t, enum gitindex want, int links)
{
	static const uint8_t sum[SHA1];
	enum gitindex got;
	uint8_t *copy;
	int n = 0;

	put(&t, sum, SHA1);
	copy = check_exact(t.p, t.n);
	got = gitindex_each(copy, t.n, count_links, &n);
	free(copy);
	/* zeros may be entries of a split one, if the hashes are longer */
	CHECK(got == want || (want == GITINDEX_BAD && got != GITINDEX_OK),
	      "%d, not %d", (int)got, (int)want);
	CHECK(want == GITINDEX_BAD || n == links, "%d gitlinks", n);
}

static void
names(void)
{
	struct text t;

	header(&t, 2, 2);
	entry(&t, 0100644, "a", 1, -1);
	entry(&t, 0160000, "b", 1, -1);
	reads(t, GITINDEX_OK, 1);
	for (size_t n = 0; n < t.n; n++) {
		struct text cut = t;

		cut.n = n;
		reads(cut, GITINDEX_BAD, 0);
	}
	header(&t, 2, 1);
	entry(&t, 0160000, "ab", 1, -1); /* git cuts it where it is told to */
	reads(t, GITINDEX_BAD, 0);
	header(&t, 2, 1);
	entry(&t, 0160000, "", 0, -1); /* an entry of the other file */
	reads(t, GITINDEX_SPLIT, 1);
	header(&t, 5, 0);
	reads(t, GITINDEX_BAD, 0);
	header(&t, 2, 0xffffffff);
	reads(t, GITINDEX_BAD, 0);
	header(&t, 4, 2);
	entry(&t, 0100644, "abc", 3, 0);
	entry(&t, 0160000, "d", 3, 1);
	reads(t, GITINDEX_OK, 1);
	header(&t, 4, 2);
	entry(&t, 0100644, "abc", 3, 0);
	entry(&t, 0160000, "d", 1, 4); /* more than there is */
	reads(t, GITINDEX_BAD, 0);
}

static void
extensions(void)
{
	unsigned long end, words[5] = {1, 12, 1, 0, 1};
	struct text t, base;

	header(&base, 4, 2);
	entry(&base, 0100644, "abc", 3, 0);
	words[3] = base.n;
	entry(&base, 0100644, "d", 1, 3);
	end = base.n;
	t = base;
	extension(&t, "IEOT", words, 5, 0);
	extension(&t, "EOIE", &end, 1, SHA1);
	reads(t, GITINDEX_OK, 0);
	/* the second thread reads something else */
	words[3]--;
	t = base;
	extension(&t, "IEOT", words, 5, 0);
	extension(&t, "EOIE", &end, 1, SHA1);
	reads(t, GITINDEX_BAD, 0);
	/* or nobody reads the last entry */
	words[3]++;
	words[2] = 2;
	t = base;
	extension(&t, "IEOT", words, 3, 0);
	reads(t, GITINDEX_OK, 0);
	words[2] = 1;
	t = base;
	extension(&t, "IEOT", words, 3, 0);
	reads(t, GITINDEX_BAD, 0);
	/* the table begins elsewhere, and perhaps in another extension */
	end++;
	t = base;
	extension(&t, "EOIE", &end, 1, SHA1);
	reads(t, GITINDEX_BAD, 0);
	t = base;
	put(&t, "TREE", 4);
	put32(&t, 12 + SHA1);
	extension(&t, "EOIE", &end, 1, SHA1);
	reads(t, GITINDEX_BAD, 0);
	t = base;
	extension(&t, "link", NULL, 0, SHA1);
	reads(t, GITINDEX_SPLIT, 0);
	/* the name of a block's first entry does without the one before */
	header(&t, 4, 2);
	entry(&t, 0100644, "abc", 3, 0);
	words[2] = 1;
	words[3] = t.n;
	entry(&t, 0160000, "d", 3, 1);
	extension(&t, "IEOT", words, 5, 0);
	reads(t, GITINDEX_BAD, 0);
}

static void
show(void *arg, const struct gitindex_entry *e)
{
	if (*(int *)arg && (e->mode & GITINDEX_TYPE) == GITINDEX_LINK)
		puts(e->path);
	if (*(int *)arg && e->marks)
		printf("%s is marked %u\n", e->path, e->marks);
}

static void
read_file(const char *path, int list)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum gitindex got;
	uint8_t *exact;
	size_t n;
	char *text = fd < 0 ? NULL : fd_read_all(fd, 1 << 20, &n);

	CHECK(text, "cannot read %s", path);
	exact = check_exact(text, n);
	got = gitindex_each(exact, n, show, &list);
	if (list && got == GITINDEX_SPLIT)
		puts("(split)");
	CHECK(!list || got != GITINDEX_BAD, "%s is refused", path);
	free(exact);
	free(text);
	close(fd);
}

int
main(int argc, char **argv)
{
	CHECK(argc > 1, "usage: gitindex malformed");
	if (strcmp(argv[1], "malformed") == 0) {
		names();
		extensions();
	} else if (strcmp(argv[1], "list") == 0 && argc == 3) {
		read_file(argv[2], 1);
	} else {
		for (int i = 1; i < argc; i++)
			read_file(argv[i], 0);
	}
	return 0;
}
