/* refused: the names that a session's log says were refused. */
#ifndef REPORT_REFUSED_H
#define REPORT_REFUSED_H

#include "pen-report/account.h"

/* Adds the refused names of the log to a; a log that is missing has none. */
void refused_read(struct account *a, const char *log);

#endif
