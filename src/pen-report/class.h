/*
 * class: who obeys a file, by its name.  The table says why a change matters
 * and to whom; whether it counts is decided elsewhere, and never by a name.
 * Pure.
 */
#ifndef REPORT_CLASS_H
#define REPORT_CLASS_H

#include <stddef.h>

enum obeyed {
	OBEYED_NOT,   /* by nobody, as far as is known */
	OBEYED_ASKED, /* when the user builds, tests or installs: as source */
	OBEYED_GIT,   /* data of git's own that it shows: refs, logs, index */
	OBEYED_TOLD,  /* by who opens, enters or looks at the directory */
};

/* Who obeys it, for people; NULL for OBEYED_NOT. */
struct obeyer {
	enum obeyed obeyed;
	const char *by;
};

/* path is relative to a project's root; a directory's ends with "/". */
struct obeyer class_of(const char *path);

/* The same for a path relative to a git directory. */
struct obeyer class_of_git(const char *path);

/*
 * How much of path, in bytes, is the part that the class is of: for
 * ".vscode/a/b" that is ".vscode/".
 */
size_t class_part(const char *path);

/* Whether path, relative to a git directory, is an object or a pack. */
int class_is_object(const char *path);

#endif
