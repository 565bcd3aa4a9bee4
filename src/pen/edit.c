#include "pen/edit.h"

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
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/tree.h"

/* Whether it can stand between double quotes as it is. */
static int
is_plain(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || strchr("\"\\$\x7f", *s))
			return 0;
	return 1;
}

/*
 * The text with insert in the place of the n bytes at offset, if that is the
 * edit that is meant; or NULL.
 */
static char *
try_change(const struct conf *old, const char *text,
	   const struct section *place, const struct edit *e, size_t offset,
	   size_t n, const char *insert)
{
	char *changed = mem_printf("%.*s%s%s", (int)offset, text, insert,
				   text + offset + n);
	struct conf *now = conf_try(changed);

	if (now &&
	    (e->remove ? tree_adds_value(now, old, place, e->key, e->value)
		       : tree_adds_value(old, now, place, e->key, e->value)))
		return changed;
	free(changed);
	return NULL;
}

/* The offset of the first byte of a line, which is counted from 1. */
static size_t
line_start(const char *text, int line)
{
	const char *at = text;

	while (--line > 0 && (at = strchr(at, '\n')))
		at++;
	return at ? (size_t)(at - text) : strlen(text);
}

/*
 * Adds the setting in front of the brace that closes the section: one of those
 * in the line that libconfuse gives, the last first.
 */
static char *
add_setting(const struct conf *old, const char *text,
	    const struct section *place, const struct edit *e, int line,
	    const char *setting)
{
	size_t start = line_start(text, line);
	size_t end = start + strcspn(text + start, "\n");
	char *changed = NULL;

	for (size_t at = end; !changed && at-- > start;) {
		size_t blank = strspn(text + start, " \t");
		char *insert;

		if (text[at] != '}')
			continue;
		/* a brace alone in its line stays so */
		insert = mem_printf(at == start + blank ? "\t%s\n" : "\n\t%s\n",
				    setting);
		changed =
		    try_change(old, text, place, e,
			       at == start + blank ? start : at, 0, insert);
		free(insert);
	}
	return changed;
}

static char *
add_value(const struct conf *old, const char *text, const struct section *place,
	  const struct edit *e)
{
	size_t n = strlen(text);
	int line = tree_end_line(old, place);
	char *setting =
	    mem_printf("%s += {\"%s\"}", settings_name(e->key), e->value);
	char *section, *changed;

	if (line > 0) {
		changed = add_setting(old, text, place, e, line, setting);
	} else {
		section = mem_printf(
		    "%s%s%s \"%s\" {\n\t%s\n}\n",
		    n && text[n - 1] != '\n' ? "\n" : "", n ? "\n" : "",
		    section_kind_name(place->kind), place->title, setting);
		changed = try_change(old, text, place, e, n, 0, section);
		free(section);
	}
	free(setting);
	if (!changed)
		die(ERR_TOOL, "cannot add \"%s\" to '%s' of pen.conf: edit it",
		    e->value, settings_name(e->key));
	return changed;
}

static char *
remove_value(const struct conf *old, const char *text,
	     const struct section *place, const struct edit *e)
{
	char *line =
	    mem_printf("\t%s += {\"%s\"}\n", settings_name(e->key), e->value);
	char *changed = NULL;

	for (const char *s = text; !changed && (s = strstr(s, line)); s++)
		if (s == text || s[-1] == '\n')
			changed =
			    try_change(old, text, place, e, (size_t)(s - text),
				       strlen(line), "");
	free(line);
	return changed;
}

char *
edit_text(const char *path, const char *text, const struct section *place,
	  const struct edit *e)
{
	const struct conf *old = conf_parse(path, text);

	if (e->remove)
		return remove_value(old, text, place, e);
	if (!is_plain(e->value) || !is_plain(place->title))
		die(ERR_TOOL, "cannot quote '%s' in pen.conf",
		    is_plain(e->value) ? place->title : e->value);
	if (tree_has_value(old, place, e->key, e->value))
		return NULL;
	return add_value(old, text, place, e);
}

struct file {
	char *path; /* resolved: a link stays one */
	char *text;
	mode_t mode;
	int lock; /* on its directory */
};

/* Two that edit at once must not lose what the other wrote. */
static void
lock(struct file *f)
{
	char *dir = path_parent(f->path), *real;

	f->lock = path_open(dir, 1, NULL, NULL, &real);
	if (f->lock < 0)
		die(ERR_TOOL, "cannot make the directory '%s': %m", dir);
	close(f->lock);
	free(real);
	f->lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->lock < 0 || flock(f->lock, LOCK_EX) < 0)
		die(ERR_TOOL, "cannot lock '%s': %m", dir);
	free(dir);
}

static void
open_file(struct file *f, const char *path)
{
	struct stat st;

	f->path = path_settle(path, NULL, NULL);
	if (!f->path)
		die(ERR_TOOL, "cannot find '%s': %m", path);
	lock(f);
	f->mode = stat(f->path, &st) == 0 ? st.st_mode & 07777 : 0600;
	f->text = conf_text(f->path);
	if (!f->text)
		f->text = mem_copy("");
}

/* By a new file beside it and rename(2): it is whole at every moment. */
static void
replace(const struct file *f)
{
	char *fresh = mem_printf("%s.XXXXXX", f->path);
	int fd = mkostemp(fresh, O_CLOEXEC), error;

	if (fd < 0 || fd_write_all(fd, f->text, strlen(f->text)) < 0 ||
	    fchmod(fd, f->mode) < 0 || fsync(fd) < 0 ||
	    rename(fresh, f->path) < 0) {
		error = errno;
		if (fd >= 0)
			unlink(fresh);
		die(ERR_TOOL, "cannot write '%s': %s", f->path,
		    strerror(error));
	}
	close(fd);
	free(fresh);
}

int
edit_file(const char *path, const struct section *place,
	  const struct edit *edits, size_t n)
{
	struct file f = {0};
	int changed = 0;

	open_file(&f, path);
	for (size_t i = 0; i < n; i++) {
		char *text = edit_text(f.path, f.text, place, &edits[i]);

		if (!text)
			continue;
		free(f.text);
		f.text = text;
		changed = 1;
	}
	if (changed)
		replace(&f);
	close(f.lock);
	free(f.path);
	free(f.text);
	return changed;
}
