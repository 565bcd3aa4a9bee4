/* identity: who commits inside. */
#ifndef PEN_IDENTITY_H
#define PEN_IDENTITY_H

/*
 * A git configuration with the name and the address of the user's own and
 * nothing else of it: the rest names programs and holds tokens.  The caller
 * frees it; NULL when there is neither.
 */
char *identity_gitconfig(const char *home);

#endif
