/* managed: what the system's administrator has decided for all users. */
#ifndef PEN_MANAGED_H
#define PEN_MANAGED_H

#include "lib/mem.h"
#include "pen/settings.h"

#define MANAGED_FILE "/etc/pen/managed.conf"

/*
 * Reads MANAGED_FILE, if there is one, and takes out of *s what loosens it:
 * what a file of the user's has is dropped with a warning, what a shipped file
 * has without one, and what was typed is fatal.  Pushes the rules of
 * allow_only, which pen-sni has to keep to.  Fatal if the file is not right, is
 * not root's or others can write to it.
 */
void managed_apply(struct settings *s, struct strv *allow_only);

#endif
