/* ask: at_end = ask, a key that decides. */
#ifndef REPORT_ASK_H
#define REPORT_ASK_H

/*
 * Asks at the terminal, if there is one, what is to become of what is held back
 * of the project root, and has pen-review do it.
 */
void ask_user(const char *root);

#endif
