/* options: the command line of pen. */
#ifndef PEN_OPTIONS_H
#define PEN_OPTIONS_H

#include "pen/pen.h"

/* Writes what the options say to *pen; the index of prog in argv. */
int options_parse(struct pen *pen, int argc, char **argv);

/* The option that sets a key of pen.conf; the caller frees it. */
char *options_name(enum settings_key key);

#endif
