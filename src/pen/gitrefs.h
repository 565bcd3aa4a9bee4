/*
 * gitrefs: where the refs of a repository are, as its files say.  They are
 * anybody's data, and are read in bounds.
 */
#ifndef PEN_GITREFS_H
#define PEN_GITREFS_H

/* The names are borrowed during the call. */
typedef void gitrefs_fn(void *arg, const char *ref, const char *id);

/*
 * Calls fn for each ref of the common directory, packed ones first, which a
 * loose one of the same name replaces.
 */
void gitrefs_each(const char *common, gitrefs_fn *fn, void *arg);

/*
 * The commit that HEAD in the git directory dir is, of the common directory;
 * the caller frees it.  NULL where there is none yet.
 */
char *gitrefs_head(const char *dir, const char *common);

/*
 * The git directory of the tree root, and in *common the one that it shares
 * with other worktrees; the caller frees both.  NULL where there is none.
 */
char *gitrefs_directory(const char *root, char **common);

#endif
