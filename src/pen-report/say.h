/* say: the end of a run, in at most a dozen lines on standard error. */
#ifndef REPORT_SAY_H
#define REPORT_SAY_H

#include "pen-report/account.h"

/*
 * Says what was held back and who would obey it, what tools obey and was
 * changed, how much else, what was refused, what is not whole, and what to
 * type; nothing where there is nothing to decide.
 */
void say_account(const struct account *a);

/*
 * For a run that ended as a command does that is not found: names what was in
 * PATH and not shown, if anything was.
 */
void say_hidden_path(const struct manifest *m);

#endif
