/* setting: "name = value<tab># origin" lines, as pen --print=conf has them. */
#ifndef PEN_SETTING_H
#define PEN_SETTING_H

#include <stddef.h>

/* Whether the line of n bytes is one of the setting's. */
int setting_is(const char *line, size_t n, const char *name);

/* The first of text's lines that is, in text, or NULL. */
const char *setting_find(const char *text, const char *name);

/* Its value, the caller's, or NULL. */
char *setting_value(const char *text, const char *name);

#endif
