/* engines: sockets of container engines, whose owner is root on the host. */
#ifndef PEN_ENGINES_H
#define PEN_ENGINES_H

#include "pen/project.h"
#include "pen/settings.h"

/*
 * Warns of each item of ro and rw that is the control socket of a container
 * engine or of a virtual machine manager, by whatever name, or a directory that
 * has one: whoever can connect to it can read and write all files of the host.
 */
void engines_warn(const struct settings *s, const struct project *p);

#endif
