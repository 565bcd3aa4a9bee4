/* forged: objects that the run wrote and that are not what their names say. */
#ifndef REPORT_FORGED_H
#define REPORT_FORGED_H

#include "pen-report/walk.h"

/* Marks them among the changes of w: WALK_FORGED; or says why it cannot. */
void forged_mark(struct walk *w);

#endif
