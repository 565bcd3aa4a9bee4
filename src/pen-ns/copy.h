/* copy: a draft where overlayfs cannot be had: a copy, in bounds. */
#ifndef PEN_NS_COPY_H
#define PEN_NS_COPY_H

/*
 * Copies name of the directory from to the same name in the directory to, with
 * the directories on the way, over what is there: a device there, as overlayfs
 * has it, removes.  Links are copied as they are.  0, also where from has no
 * such name; -1 with errno, E2BIG where it is too deep.
 */
int copy_below(int from, int to, const char *name);

#endif
