/* standard: standard input, output and error. */
#ifndef PEN_STANDARD_H
#define PEN_STANDARD_H

/*
 * Opens /dev/null for each of standard input, output and error that is closed,
 * and leaves it to whatever is executed: the next file that is opened would be
 * taken for it.  0, or -1 with errno.
 */
int standard_open(void);

#endif
