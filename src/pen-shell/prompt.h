/* prompt: how each shell is started, so that its prompt says where it is. */
#ifndef SHELL_PROMPT_H
#define SHELL_PROMPT_H

#include "lib/mem.h"

/* Whether name, a path or not, is that of a shell with a way of its own. */
int prompt_knows(const char *name);

/*
 * Appends the words that start the shell at path as an interactive one, and to
 * options what pen has to be told for it.
 */
void prompt_words(const char *path, struct strv *words, struct strv *options);

#endif
