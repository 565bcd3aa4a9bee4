/* credential: what git's own helpers have for a host; git runs outside, once.
 */
#ifndef KEY_CREDENTIAL_H
#define KEY_CREDENTIAL_H

#include "pen-key/source.h"

/*
 * Asks git for the user's credential of https://HOST:PORT/PATH, with the user
 * name of --from "git:USER" if it has one, and without asking the user.  basic
 * is what follows "Basic " then, and password is also to be looked for in
 * answers.  0, or -1 when there is none, which has been said.
 */
int credential_ask(const char *from, const char *host, unsigned port,
		   const char *path, struct secret *basic,
		   struct secret *password);

#endif
