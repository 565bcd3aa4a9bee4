/* ask: the questions of running pens, answered at a terminal. */
#ifndef CTL_ASK_H
#define CTL_ASK_H

/*
 * Shows questions, one at a time, and takes their answers from standard input,
 * which has to be a terminal.  Of the session called pen, until that is over;
 * where it is NULL, of all of them, also those to come.
 */
void ask_run(const char *pen);

#endif
