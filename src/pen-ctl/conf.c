#include "pen-ctl/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-ctl/edit.h"

/* More than anybody has written by hand. */
#define CONF_MAX (1 << 20)

struct file {
	char *path; /* resolved: a link stays one */
	char *text;
	mode_t mode;
	int lock; /* on its directory */
};

static char *
user_file(void)
{
	const char *conf = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char real[PATH_MAX], *path;

	if (conf && *conf == '/')
		path = mem_printf("%s/pen/pen.conf", conf);
	else if (home && *home == '/')
		path = mem_printf("%s/.config/pen/pen.conf", home);
	else
		die(ERR_TOOL, "there is no place for pen.conf: set HOME");
	if (realpath(path, real)) {
		free(path);
		return mem_copy(real);
	}
	if (errno != ENOENT)
		die(ERR_TOOL, "cannot read '%s': %m", path);
	return path;
}

/* mkdir -p for the directory of path. */
static char *
make_directory(const char *path)
{
	char *dir = mem_printf("%.*s", (int)(strrchr(path, '/') - path), path);

	for (char *s = dir + 1;; s++) {
		char was = *s;

		if (was != '/' && was != '\0')
			continue;
		*s = '\0';
		if (mkdir(dir, 0700) < 0 && errno != EEXIST)
			die(ERR_TOOL, "cannot make the directory '%s': %m",
			    dir);
		*s = was;
		if (!was)
			return dir;
	}
}

/* Two that edit at once must not lose what the other wrote. */
static void
open_conf(struct file *f)
{
	struct stat st;
	char *dir;
	size_t n;
	int fd;

	f->path = user_file();
	f->mode = 0600;
	dir = make_directory(f->path);
	f->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->lock < 0 || flock(f->lock, LOCK_EX) < 0)
		die(ERR_TOOL, "cannot lock '%s': %m", dir);
	free(dir);
	fd = open(f->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT) {
		f->text = mem_copy("");
		return;
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		die(ERR_TOOL, "cannot read '%s': %m", f->path);
	if (!S_ISREG(st.st_mode))
		die(ERR_TOOL, "cannot edit '%s': it is not a file", f->path);
	f->mode = st.st_mode & 07777;
	f->text = fd_read_all(fd, CONF_MAX, &n);
	if (!f->text)
		die(ERR_TOOL, "cannot read '%s': %m", f->path);
	if (strlen(f->text) != n)
		die(ERR_TOOL, "cannot edit '%s': it is not text", f->path);
	close(fd);
}

/* By a new file beside it and rename(2): it is whole at every moment. */
static void
replace(struct file *f, char *text)
{
	char *fresh = mem_printf("%s.XXXXXX", f->path);
	int fd = mkostemp(fresh, O_CLOEXEC);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0 ||
	    fchmod(fd, f->mode) < 0 || fsync(fd) < 0 ||
	    rename(fresh, f->path) < 0) {
		int error = errno;

		if (fd >= 0)
			unlink(fresh);
		errno = error;
		die(ERR_TOOL, "cannot write '%s': %m", f->path);
	}
	close(fd);
	free(fresh);
	free(text);
}

static void
close_conf(struct file *f)
{
	close(f->lock);
	free(f->path);
	free(f->text);
}

static const char *
kind(const struct conf_place *p)
{
	return p->project ? "project" : "profile";
}

static const char *
title(const struct conf_place *p)
{
	return p->project ? p->project : "default";
}

void
conf_add(const struct conf_place *p, const char *rule)
{
	struct file f = {0};
	char *text, *there;

	open_conf(&f);
	there = edit_remove(f.text, kind(p), title(p), p->key, rule);
	text = there ? NULL : edit_add(f.text, kind(p), title(p), p->key, rule);
	if (!there && !text)
		die_hint("pen --print=conf true says where",
			 "cannot edit '%s': there is a mistake in it, or in "
			 "the project's name",
			 f.path);
	if (text)
		replace(&f, text);
	free(there);
	close_conf(&f);
}

int
conf_remove(const struct conf_place *p, const char *rule)
{
	struct file f = {0};
	char *text;

	open_conf(&f);
	text = edit_remove(f.text, kind(p), title(p), p->key, rule);
	if (text)
		replace(&f, text);
	close_conf(&f);
	return text != NULL;
}
