/* num: integers from text, strictly. */
#ifndef PEN_NUM_H
#define PEN_NUM_H

/*
 * Parses all of text as an unsigned number in base (2 to 10): digits only, no
 * sign, no blank, at least one digit, at most max.  Returns 0 and writes
 * *value, or -1.
 */
int num_parse(const char *text, unsigned base, unsigned long max,
	      unsigned long *value);

#endif
