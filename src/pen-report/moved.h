/*
 * moved: branches, tags and other refs that the run made or moved, and that
 * bring what tools obey with a checkout outside.
 */
#ifndef REPORT_MOVED_H
#define REPORT_MOVED_H

#include "pen-report/account.h"
#include "pen-report/history.h"

/* Adds what they bring, compared with what the host had; behind the walk. */
void moved_check(struct account *a, const struct history *h);

#endif
