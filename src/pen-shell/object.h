/*
 * object: the JSON objects of the control socket (lib/control.h): strings,
 * numbers, true and false, nothing nested.  Pure.
 */
#ifndef SHELL_OBJECT_H
#define SHELL_OBJECT_H

#include <stddef.h>

/*
 * Copies the value of key to out, made visible and cut to size; a number, true
 * and false are copied as they are.  Returns 0, or -1 and "" when text is no
 * such object or lacks the key.
 */
int object_get(const char *text, const char *key, char *out, size_t size);

/* Whether key is there and is true. */
int object_true(const char *text, const char *key);

#endif
