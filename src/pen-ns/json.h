/* json: the values of one key in a JSON text, which is anybody's.  Pure. */
#ifndef PEN_NS_JSON_H
#define PEN_NS_JSON_H

#include <stddef.h>

/*
 * The values of all members called key, at any depth, one after the other, a
 * line each, without blanks; empty ones are left out.  The caller frees it.
 * What is not JSON has some value all the same.
 */
char *json_values(const char *text, size_t n, const char *key);

#endif
