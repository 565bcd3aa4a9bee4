/*
 * gitfile: what little of git's own files pen has to understand.  They come
 * from the project and are anybody's data.  Pure.
 */
#ifndef PEN_GITFILE_H
#define PEN_GITFILE_H

/*
 * The first line of text after prefix ("gitdir: ", or ""), without its end; the
 * caller frees it.  NULL when text does not begin with prefix, or the line is
 * empty.
 */
char *gitfile_line(const char *text, const char *prefix);

/* A variable of a git configuration file; borrowed during the call. */
struct gitfile_variable {
	const char *section, *name; /* in lower case */
	const char *sub;	    /* the subsection, or NULL */
	const char *value;	    /* NULL where there is no "=" */
};

typedef void gitfile_fn(void *arg, const struct gitfile_variable *var);

/*
 * Calls fn for each variable of the configuration file text, as
 * git-config(1) reads it; a line that git would refuse is passed over.
 * Includes are not followed.
 */
void gitfile_each(const char *text, gitfile_fn *fn, void *arg);

/*
 * The value of name in [section] of such a text, the last one that is there;
 * the caller frees it.  NULL when there is none.
 */
char *gitfile_value(const char *text, const char *section, const char *name);

#endif
