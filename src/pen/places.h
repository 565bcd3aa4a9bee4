/*
 * places: directories and files that hold secrets, that are obeyed whatever is
 * in them, or that belong to the system.
 * One table: what must not be a project, and what else should stay hidden, is
 * decided by it.
 */
#ifndef PEN_PLACES_H
#define PEN_PLACES_H

struct place {
	const char *path; /* a pattern of fnmatch(3): "*" and "?" hold no "/" */
	const char *kept; /* what is kept there, a plural */
};

/* Relative to the home directory; ended by a row of NULL. */
extern const struct place places_home[];

/* Whether what is kept there is no secret, but obeyed. */
int places_is_obeyed(const struct place *p);

/* Absolute; they count outside of the home directory. */
extern const struct place places_system[];

/* Absolute; they are refused themselves, and what is below them is not. */
extern const struct place places_shared[];

/* Absolute; a directory of the user's below one of these is not the system's,
 * wherever it is. */
extern const char *const places_work[];

/* Files that only a home directory has, relative to it. */
extern const struct place places_marks[];

#endif
