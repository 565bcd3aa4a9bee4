/* about: what pen(1) says about the pen that it will make. */
#ifndef SHELL_ABOUT_H
#define SHELL_ABOUT_H

#include <stddef.h>

struct about {
	char *conf;  /* pen --print=conf, "" if it failed */
	char *chain; /* pen --print */
};

/*
 * Asks pen, which is called with the first words of argv, n of them, and then
 * prog.  0, or -1 when it refuses: it will say why when it is run.
 */
int about_ask(struct about *a, char *const argv[], size_t n, char *const *prog);

#endif
