/* quote: words for a shell. */
#ifndef PEN_QUOTE_H
#define PEN_QUOTE_H

/*
 * word as bash, zsh and ksh read it back, with nothing in it that a terminal
 * would obey; the caller frees it.
 */
char *quote_word(const char *word);

/* The same for fish, which leaves everything in its quotes as it is. */
char *quote_fish(const char *word);

#endif
