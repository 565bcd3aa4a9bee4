/* confine: what pen-report gives up before it reads what a run left. */
#ifndef REPORT_CONFINE_H
#define REPORT_CONFINE_H

#include "pen-report/manifest.h"

/*
 * From now on this process writes below the project's state, the trees of the
 * run and what it has drafts of, and nowhere else; it executes nothing,
 * connects to nothing and sends no signal (calls.def); the layer, unless
 * negative, it reads.  A kernel without Landlock lets it read and write all.
 * Capabilities stay: root's run may be in somebody else's project.
 */
void confine_self(const struct manifest *m, int state, int layer);

#endif
