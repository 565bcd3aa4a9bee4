/* show: events of the log for people; what is in them is made visible. */
#ifndef LOG_SHOW_H
#define LOG_SHOW_H

#include <jansson.h>

/* A member's text made visible, the caller's; "" where it has none. */
char *show_text(const json_t *event, const char *key);

/* When it was, UTC in the log, in the local time zone; the caller's. */
char *show_time(const json_t *event);

/* One line on stdout. */
void show_event(const json_t *event);

#endif
