/* list: the names that pen knows, for shells, completions and other tools. */
#ifndef PEN_LIST_H
#define PEN_LIST_H

#include "lib/mem.h"

/* Where the names are from. */
struct list_sources {
	const char *shipped; /* the directory of agents and groups */
	const char *user;    /* the user's pen.conf, or NULL */
};

/*
 * Pushes the names of what: agents, profiles, groups (with their "@"), or
 * programs: the agents that are on PATH, each with a tab and its path.  Sorted,
 * and each once.  What is wrong with a pen.conf is a warning.  0, or -1: there
 * is no such kind of name.
 */
int list_names(const char *what, const struct list_sources *from,
	       struct strv *names);

/*
 * The name that was meant by word, which is none, or NULL; a "@" counts for
 * nothing.
 */
const char *list_similar(const struct strv *names, const char *word);

#endif
