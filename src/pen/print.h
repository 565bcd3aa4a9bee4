/* print: the chain as a command line for a shell. */
#ifndef PEN_PRINT_H
#define PEN_PRINT_H

#include <stdio.h>

#include "pen/compose.h"

/* Prints what is to be run before the chain, if there is something. */
void print_commands(const struct strv *commands, FILE *f);

/*
 * Prints the chain, one option a line, so that a shell runs it as it is.
 * env are the words of c->env in which a shell expands variables: they are
 * printed as they are.
 */
void print_chain(const struct compose *c, FILE *f);

/*
 * Prints what the shell (bash, zsh or fish) reads to run agents in pens: their
 * names, then shell/pen.SHELL, which is beside bin, the directory of the
 * programs, in a build and below share where they are installed.  Fatal if it
 * is not there.
 */
void print_shell(const char *bin, const char *shell, struct strv agents);

/* Prints the rules of managed.conf as settings_print does. */
void print_managed(const struct strv *allow_only, FILE *f);

/* Prints each on a line. */
void print_names(struct strv names);

#endif
