/*
 * live: rules that come and go during a run, by the control socket.  They are
 * rules of the policy like any others, but for their life.  Pure.
 */
#ifndef SNI_LIVE_H
#define SNI_LIVE_H

#include "pen-sni/policy.h"

/* So many of each kind during a session. */
#define LIVE_MAX 4096

/*
 * Makes room, so that connections can keep pointing at their rules; now is the
 * clock of the lives.
 */
void live_init(struct policy *p, const int64_t *now);

/*
 * Adds a rule for so many seconds (0: to the end), in place of the same live
 * one and of the opposite one.  NULL, or a static text that says what is wrong.
 */
const char *live_allow(struct policy *p, const char *text, unsigned seconds);
const char *live_deny(struct policy *p, const char *text, unsigned seconds);

/* Takes back the live rules that read so; returns their number. */
size_t live_undo(struct policy *p, const char *text);

/*
 * Writes the i-th live rule that counts as text, with its verdict and the
 * seconds that are left (0: to the end).  0, or -1 when there are not so many.
 */
int live_describe(const struct policy *p, size_t i, char text[RULE_TEXT],
		  const char **verdict, unsigned *seconds);

#endif
