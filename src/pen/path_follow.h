/* path_follow: the way that links lead. */
#ifndef PEN_PATH_FOLLOW_H
#define PEN_PATH_FOLLOW_H

/* A symbolic link on the way.  -1 with errno: it is not to be followed. */
typedef int path_link_fn(void *arg, const char *link, const char *target);

/*
 * Follows path (absolute) link by link and returns where it ends, as
 * realpath(3) does; the caller frees it.  Each link is told to fn, which may be
 * NULL.  NULL with errno when it leads nowhere.
 */
char *path_follow(const char *path, path_link_fn *fn, void *arg);

/* The same, but what is missing is taken for what will be made there. */
char *path_settle(const char *path, path_link_fn *fn, void *arg);

/*
 * The same by descriptor: what fn let through is what is opened (O_PATH), and
 * *real says where it is.  With make, directories that are missing are made,
 * mode 0700.  The descriptor, or -1 with errno.
 */
int path_open(const char *path, int make, path_link_fn *fn, void *arg,
	      char **real);

/* Opens path (O_PATH), or -1 with errno: ELOOP if there is a link in it. */
int path_open_plain(const char *path);

#endif
