// needs: pen/path pen/path_follow
/* path text, or path follow DIR: a tree with links, as path.bats makes it */
#include "pen/path.h"
#include "pen/path_follow.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/sni_check.h"

static void
within(const char *path, const char *dir, int want)
{
	CHECK(path_within(path, dir) == want, "%s, %s", path, dir);
}

static void
expands(const char *path, const char *want)
{
	char *got = path_expand(path, "/home/x");

	CHECK(strcmp(got, want) == 0, "%s: %s", path, got);
	free(got);
}

static void
system_trees(void)
{
	static const char *const in[] = {"/usr/bin/x",
					 "/etc",
					 "/nix/var/nix/profiles/default/bin",
					 "/gnu/store/x",
					 "/run/booted-system/sw",
					 "/sys/devices/system"};
	static const char *const out[] = {
	    "/",    "/nix/var",	 "/nix",      "/run",
	    "/sys", "/etcetera", "/usrlocal", "/var/lib/ca"};

	for (size_t i = 0; i < sizeof(in) / sizeof(*in); i++)
		CHECK(path_in_system(in[i]), "%s", in[i]);
	for (size_t i = 0; i < sizeof(out) / sizeof(*out); i++)
		CHECK(!path_in_system(out[i]), "%s", out[i]);
}

static void
text(void)
{
	within("/a/b", "/a", 1);
	within("/a", "/a", 1);
	within("/a", "/", 1);
	within("/", "/", 1);
	within("/ab", "/a", 0);
	within("/a", "/a/b", 0);
	within("/", "/a", 0);
	within("/b/a", "/a", 0);
	expands("~", "/home/x");
	expands("~/.a/../b", "/home/x/b");
	expands("//a/./b//c/", "/a/b/c");
	expands("/a/b/../../c", "/c");
	expands("/../..", "/");
	expands("/a/..", "/");
	expands("/.../..a/.b/b..", "/.../..a/.b/b..");
	system_trees();
}

static int
count(void *arg, const char *link, const char *target)
{
	char text[PATH_MAX];
	ssize_t n = readlink(link, text, sizeof(text));

	CHECK(n == (ssize_t)strlen(target) &&
		  memcmp(text, target, (size_t)n) == 0,
	      "'%s' is no link to '%s'", link, target);
	++*(int *)arg;
	return 0;
}

static int
object(void *arg, const char *link, const char *target)
{
	(void)arg;
	(void)link;
	(void)target;
	errno = EXDEV;
	return -1;
}

/* Where path leads is where realpath(3) says, and what is opened is there. */
static void
leads(const char *path)
{
	char want[PATH_MAX], *got = NULL;
	struct stat st, there;
	int links = 0, fd = path_open(path, 0, count, &links, &got);

	if (!realpath(path, want)) {
		CHECK(fd < 0, "'%s' leads nowhere, not to '%s'", path, got);
		return;
	}
	CHECK(fd >= 0, "'%s' leads to '%s': %s", path, want, strerror(errno));
	CHECK(strcmp(got, want) == 0, "'%s' leads to '%s', not to '%s'", path,
	      want, got);
	CHECK(fstat(fd, &st) == 0 && stat(want, &there) == 0 &&
		  st.st_ino == there.st_ino && st.st_dev == there.st_dev,
	      "'%s' is opened as something else", path);
	close(fd);
	free(got);
	got = path_settle(path, NULL, NULL);
	CHECK(got && strcmp(got, want) == 0, "'%s' settles at '%s'", path, got);
	free(got);
	fd = path_open(path, 0, object, NULL, &got);
	CHECK(links ? fd < 0 && errno == EXDEV : fd >= 0,
	      "'%s' has %d links, all to be objected to", path, links);
	if (fd >= 0) {
		close(fd);
		free(got);
	}
}

/* path with each of the names in the tree behind it, and so on. */
static void
each(const char *path, int depth)
{
	static const char *const names[] = {
	    "a",     "b",    "file", "to-a", "up",   "far", "abs",
	    "twice", "loop", "gone", "top",  "none", ".",   ".."};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *longer = path_join(path, names[i]);

		leads(longer);
		if (depth > 1)
			each(longer, depth - 1);
		free(longer);
	}
}

int
main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "follow") == 0)
		each(argv[2], 4);
	else
		text();
	return 0;
}
