/* device: nodes of the host's /dev, and what of /sys their libraries read. */
#ifndef PEN_DEVICE_H
#define PEN_DEVICE_H

#include "pen/settings.h"
#include "pen/view.h"

/* Shows what dev names, and with gpu the host's GPUs; warns about each. */
void device_show(const struct settings *s, struct view *v);

#endif
