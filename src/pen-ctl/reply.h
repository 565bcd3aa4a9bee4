/* reply: what is in a reply of a session. */
#ifndef CTL_REPLY_H
#define CTL_REPLY_H

#include <jansson.h>

/* The reply's error, or NULL when it is "ok"; last may be NULL: it is over. */
const char *reply_error(const json_t *last);

/* A member's text made visible, in memory of its own; "" where it has none. */
char *reply_text(const json_t *object, const char *key);

#endif
