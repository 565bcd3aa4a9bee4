/* events: what the watch outside saw while the run went on. */
#ifndef REPORT_EVENTS_H
#define REPORT_EVENTS_H

#include "pen-report/account.h"

/*
 * Adds what the JSON lines in fd say to a, and to limits, whose lines the
 * caller owns, why the run was ended.
 */
void events_read(struct account *a, int fd, struct strv *limits);

#endif
