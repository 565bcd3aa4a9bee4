/* project: whose drafts and account are looked at. */
#ifndef REVIEW_PROJECT_H
#define REVIEW_PROJECT_H

struct project {
	char *root; /* absolute, as pen noted it */
	char *home;
	char *state_dir;
	int state; /* the directory, open */
	int host;  /* "/", open: paths of the host are below it */
};

/*
 * Finds the project whose root is dir, or is around the current directory if
 * dir is NULL: the nearest one.  0, or -1 when no pen has run there.
 */
int project_find(struct project *p, const char *dir);

/* Takes the lock of the project's state, which this process keeps. */
void project_lock(const struct project *p);

/* A path of the host as it is shown; the caller frees it. */
char *project_shown(const struct project *p, const char *path);

/* The absolute path that a shown or typed one names; the caller frees it. */
char *project_path(const struct project *p, const char *shown);

/* The rest of path if it is dir or below it, or NULL. */
const char *project_below(const char *dir, const char *path);

#endif
