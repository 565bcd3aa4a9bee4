/* overlay: --overlay and its like. */
#ifndef PEN_NS_OVERLAY_H
#define PEN_NS_OVERLAY_H

#include "pen-ns/view.h"

/* An overlay of op's layers on its dest. */
void overlay_place(struct view *v, const struct op *op);

#endif
