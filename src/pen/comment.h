/* comment: takes the comments out of a pen.conf.  Pure. */
#ifndef PEN_COMMENT_H
#define PEN_COMMENT_H

/*
 * Replaces comments in text by blanks, and keeps the ends of lines: libconfuse
 * 3.3 counts the lines of comments more than once, and an error names a line.
 * Strings, words with a "//" in them, and a comment without an end stay.
 */
void comment_blank(char *text);

#endif
