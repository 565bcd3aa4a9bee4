/* duration: lengths of time from text. */
#ifndef PEN_DURATION_H
#define PEN_DURATION_H

/*
 * Parses all of text as a number, at least 1, with one of the units s, m, h and
 * d behind it, of which longest is the longest that counts.  Returns 0 and
 * writes *seconds, at most max; or -1.
 */
int duration_parse(const char *text, char longest, unsigned long max,
		   unsigned long *seconds);

#endif
