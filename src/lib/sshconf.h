/* sshconf: what ssh would refuse of its configuration inside. */
#ifndef PEN_SSHCONF_H
#define PEN_SSHCONF_H

#include "lib/mem.h"

/* Adds the options of pen-ns that replace it by copies. */
void sshconf_add(struct strv *words);

#endif
