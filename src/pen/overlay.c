#include "pen/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/quote.h"

#define NAME_LENGTH 32
#define NOTE_MAX 65536

const char *
overlay_check(const char *text)
{
	size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
				"UVWXYZ0123456789_-");

	return n == 0 || n > NAME_LENGTH || text[n]
		   ? "it is not a name of letters, digits, '_' and '-'"
		   : NULL;
}

/* Makes dir, with the mode of like where that is not NULL. */
static void
make_layer(const char *dir, const char *like)
{
	char *real = NULL;
	int fd = path_open(dir, 1, NULL, NULL, &real);
	struct stat st;

	/* the overlay's root is the upper layer's: its mode, too */
	if (fd < 0 ||
	    (like && (stat(like, &st) < 0 ||
		      fchmodat(AT_FDCWD, dir, st.st_mode & 0777, 0) < 0)))
		die(ERR_TOOL, "cannot make the directory '%s': %m", dir);
	close(fd);
	free(real);
}

/*
 * The kernel remembers of a name that the host makes later that it was missing:
 * where git makes its own, pen-watch sees to it.  It enters by the layer of
 * drafts, which a tree makes, also one without drafts.
 */
static void
watch_lower(struct view *v, const char *src, const char *git)
{
	static const char *const names[] = {"", "/objects", "/objects/pack",
					    "/refs/heads"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		strv_push(&v->watch, "--below");
		strv_push(&v->watch, mem_join(git, names[i]));
		strv_push(&v->watch, src);
	}
	strv_push(&v->more, "--draft-tree");
	strv_push(&v->more, src);
	strv_push(&v->more, "");
}

static void
show_tree(struct view *v, const char *src, const char *git, const char *dir,
	  struct strv *commands)
{
	char *up = path_join(dir, "up"), *work = path_join(dir, "work");

	if (commands) {
		strv_push(commands, mem_printf("mkdir -p %s %s", quote_word(up),
					       quote_word(work)));
	} else {
		make_layer(up, src);
		make_layer(work, NULL);
	}
	view_overlay(v, src, mem_copy(dir));
	watch_lower(v, src, git);
	free(up);
	free(work);
}

const char *
overlay_show(const char *name, const struct run *r, const struct project *p,
	     struct view *v, struct strv *commands)
{
	char *dir = mem_printf("%s/overlay/%s", r->dir, name);
	struct stat st;

	if (!commands && lstat(dir, &st) < 0 && errno == ENOENT)
		err_warn("the overlay '%s' of this project is new: the host "
			 "gets what pen-review --apply takes from it; in it, "
			 "the project's own directories cannot be renamed",
			 name);
	show_tree(v, p->root, path_join(p->root, ".git"), path_join(dir, "t0"),
		  commands);
	if (p->common)
		show_tree(v, p->common, p->common, path_join(dir, "t1"),
			  commands);
	return dir;
}

/* Whether the run, whose manifest it locks, still goes on. */
static int
goes_on(const struct run *r, const char *run)
{
	char *path = mem_printf("%s/runs/%s/manifest.json", r->dir, run);
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int busy = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	free(path);
	return busy;
}

void
overlay_take(const char *dir, const struct run *r, const struct project *p,
	     int fd)
{
	char *path = path_join(dir, "run"), *run, *end;
	int lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), note, bad;
	size_t n;

	bad = lock < 0 || flock(lock, LOCK_EX | LOCK_NB) < 0;
	/* pen-review has it for as long as it asks */
	if (lock >= 0 && bad && errno == EWOULDBLOCK)
		die_hint("wait until it has ended, or name another one: "
			 "--overlay=NAME",
			 "the overlay '%s' is in use: pen-review or another "
			 "pen has it",
			 strrchr(dir, '/') + 1);
	if (bad || flock(fd, LOCK_SH) < 0)
		die(ERR_TOOL, "cannot lock '%s': %m", dir);
	run = file_read(path, O_NOFOLLOW, NOTE_MAX, &n);
	end = run ? strchr(run, '\n') : NULL;
	if (end)
		*end = '\0';
	if (end && !strchr(run, '/') && strcmp(run, r->id) != 0 &&
	    goes_on(r, run))
		die_hint("wait until it has ended, or name another one: "
			 "--overlay=NAME",
			 "the overlay '%s' is in use: run %s has it",
			 strrchr(dir, '/') + 1, run);
	note = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	free(run);
	run = mem_printf("%s\n%s\n%s%s", r->id, p->root,
			 p->common ? p->common : "", p->common ? "\n" : "");
	if (note < 0 || fd_write_all(note, run, strlen(run)) < 0 ||
	    close(note) < 0)
		die(ERR_TOOL, "cannot write '%s': %m", path);
	free(run);
	free(path);
	close(lock);
}
