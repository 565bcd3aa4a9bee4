/* print: the chain as a command line for a shell. */
#ifndef PEN_PRINT_H
#define PEN_PRINT_H

#include <stdio.h>

#include "compose.h"

/* Prints what is to be run before the chain, if there is something. */
void print_commands(const struct strv *commands, FILE *f);

/*
 * Prints the chain, one option a line, so that a shell runs it as it is.
 * env are the words of c->env in which a shell expands variables: they are
 * printed as they are.
 */
void print_chain(const struct compose *c, FILE *f);

#endif
