/* projects: where pen keeps its state of each project. */
#ifndef PEN_PROJECTS_H
#define PEN_PROJECTS_H

/*
 * The directory that holds one for each project; the caller frees it.  NULL
 * where no place can be found, for want of HOME.
 */
char *projects_directory(void);

/*
 * The root of the project whose state is in id, a name in that directory, which
 * is open; the caller frees it.  NULL where none is noted.
 */
char *projects_root(int directory, const char *id);

/*
 * Has the program report account for runs that were killed, if there may be
 * some, in the project's state dir.
 */
void projects_settle(const char *dir, const char *report);

#endif
