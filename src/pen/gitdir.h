/*
 * gitdir: the small files of git directories, and where they lead.  They are
 * the project's, and anybody's data.
 */
#ifndef PEN_GITDIR_H
#define PEN_GITDIR_H

/* The text of the file dir/name, of at most 1 MiB and no link; the caller
 * frees it.  NULL when there is none. */
char *gitdir_read(const char *dir, const char *name);

/* Where path, written in dir, leads, which exists; the caller frees it.  NULL
 * when nowhere. */
char *gitdir_resolve(const char *dir, const char *path);

/* Where the first line of the file dir/name leads, which begins with prefix
 * ("gitdir: ", or ""), as above. */
char *gitdir_follow(const char *dir, const char *name, const char *prefix);

#endif
