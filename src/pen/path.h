/* path: names of files, as text. */
#ifndef PEN_PATH_H
#define PEN_PATH_H

/* Whether path is dir or below it; both are absolute and without "..". */
int path_within(const char *path, const char *dir);

/* Whether pen-ns --system shows path: nothing needs to be done for it. */
int path_in_system(const char *path);

/*
 * path with a leading "~" replaced, without ".", ".." or a slash too many: the
 * same place has one name.  The caller frees it.
 */
char *path_expand(const char *path, const char *home);

/* dir + "/" + name, the caller frees it; and dirname(3), without its traps. */
char *path_join(const char *dir, const char *name);
char *path_parent(const char *path);

#endif
