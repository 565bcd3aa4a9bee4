/* ports: those of a pen that are published or reached, while it runs. */
#ifndef CTL_PORTS_H
#define CTL_PORTS_H

#include "lib/mem.h"

/* What the lines are: columns with a head, the console's, or JSON. */
enum ports_form { PORTS_TABLE, PORTS_SPOKEN, PORTS_JSON };

/*
 * All three are about the session called pen, or if that is NULL the one of
 * this directory, and fatal on failure.  The first prints what listens inside
 * and which ports are carried.
 */
void ports_show(const char *pen, enum ports_form form);

/* "publish" or "reach" and ports, which pen-net is to carry. */
void ports_add(const char *pen, const struct strv *words);

/* "unpublish" or "unreach" and what was added so. */
void ports_remove(const char *pen, const struct strv *words);

#endif
