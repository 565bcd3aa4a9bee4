/* penfiles: what is pen's own: no project has it, no run may write to it. */
#ifndef PEN_PENFILES_H
#define PEN_PENFILES_H

#include "pen/pen.h"

/*
 * Finds the home directory and pen's policy, logs, sockets and programs, and
 * writes them to *pen and its project.  Fatal on failure.
 */
void penfiles_find(struct pen *pen);

/* $name/pen, or ~/standard/pen: the caller frees it. */
char *penfiles_directory(const struct pen *pen, const char *name,
			 const char *standard);

/* Where agents and groups are, for programs in bin; the caller frees it. */
char *penfiles_shipped(const char *bin);

#endif
