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

/*
 * The value of key in [section] of a git configuration file, the last one that
 * is there, comments and quotes taken off; the caller frees it.  NULL when
 * there is none.  Subsections and includes are not read.
 */
char *gitfile_value(const char *text, const char *section, const char *key);

#endif
