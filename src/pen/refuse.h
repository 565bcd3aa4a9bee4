/* refuse: which directories are not the work of one person. */
#ifndef PEN_REFUSE_H
#define PEN_REFUSE_H

/*
 * Why the directory dir, opened as fd, is no project although nothing of pen's
 * is in it, or NULL: it is shared, belongs to the system, or credentials,
 * browser data or mails are kept in it, above it or below it (places.h).  dir
 * and home have no symbolic link in them.  The caller frees the text.
 */
char *refuse_reason(const char *dir, int fd, const char *home);

/*
 * dir by another name, if it is home, in home, or has home in it and a mount
 * shows it at another place; or NULL.  The caller frees it.
 */
char *refuse_other_name(const char *dir, const char *home);

#endif
