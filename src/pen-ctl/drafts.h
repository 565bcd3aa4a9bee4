/* drafts: what is held back of every project, for pen-ctl drafts. */
#ifndef CTL_DRAFTS_H
#define CTL_DRAFTS_H

/*
 * A line for the drafts of each project, and for each of its overlays: how
 * many files, how large, and how long ago they were last changed.
 */
void drafts_print(int json);

#endif
