/* since: points in time, as people type them.  Pure but for the time zone. */
#ifndef LOG_SINCE_H
#define LOG_SINCE_H

#include <time.h>

/* Writes UTC as the log has it, 2026-01-31T12:00:00.000Z, to out. */
#define SINCE_TEXT 32

/*
 * What text means: a number with s, m, h or d behind it, so long before now; or
 * a date, or a date and a time, of the local time zone.  0, or -1.
 */
int since_parse(const char *text, time_t now, char out[SINCE_TEXT]);

#endif
