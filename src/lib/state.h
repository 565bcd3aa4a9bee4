/* state: the directory in which pen keeps what outlives a run. */
#ifndef PEN_STATE_H
#define PEN_STATE_H

/*
 * $XDG_STATE_HOME/pen/NAME, else ~/.local/state/pen/NAME; the caller frees it.
 * NULL with errno: there is no HOME.
 */
char *state_path(const char *name);

/* mkdir -p, with mode 0700, by the parts of path, which is restored.  0, or -1
 * with errno. */
int state_make(char *path);

#endif
