/* policy: the settings that are in force, from all files and the options. */
#ifndef PEN_POLICY_H
#define PEN_POLICY_H

#include "pen/pen.h"

/*
 * Reads the shipped file of the agent, the system's and the user's pen.conf and
 * what was typed, in this order, into pen->set; pen->agent becomes the agent's
 * name if prog is one, and pen->prog has the agent's own arguments.  Fatal if
 * anything is wrong; an option of pen's behind the agent's name is a warning.
 */
void policy_read(struct pen *pen);

#endif
