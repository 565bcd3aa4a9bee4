/*
 * keygit: git over https to the hosts of key_git, by pen-key, which has the
 * user's credential: only for the repositories that are the project's remotes.
 */
#ifndef PEN_KEYGIT_H
#define PEN_KEYGIT_H

#include "pen/key.h"

/*
 * Adds a key for each host that the project's git configuration on the host
 * has remotes at, by whatever protocol, and takes the host out of what is
 * allowed.  A run can have made the configuration: dir, the project's state,
 * has the remotes of its first start, and a new one is not served, but with
 * renew.
 */
void keygit_find(struct keys *k, struct settings *s, const struct project *p,
		 const struct strv *allow_only, const char *dir, int renew);

/* Writes down in dir which remotes are known from now on.  Fatal. */
void keygit_note(const struct keys *k, const char *dir);

/*
 * text, ~/.gitconfig inside or NULL, with the settings before it that have git
 * reach pen-key.  Takes text over; the caller frees the result.
 */
char *keygit_config(const struct keys *k, char *text);

/* Appends the words of pen-key that are git's. */
void keygit_words(const struct key *key, const struct settings *s,
		  struct strv *words);

#endif
