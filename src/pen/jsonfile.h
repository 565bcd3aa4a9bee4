/* jsonfile: JSON that programs keep their settings and logins in. */
#ifndef PEN_JSONFILE_H
#define PEN_JSONFILE_H

#include <jansson.h>

/* What the file is, which the caller owns; NULL when it is none, is not JSON or
 * longer than 1 MiB.  Its text, which may hold a secret, is wiped. */
json_t *jsonfile_read(const char *path);

/* The member at MEMBER.MEMBER, which top, that may be NULL, owns; or NULL. */
json_t *jsonfile_member(json_t *top, const char *members);

#endif
