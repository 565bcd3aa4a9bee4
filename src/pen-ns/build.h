/* build: the file view that the plan asks for. */
#ifndef PEN_NS_BUILD_H
#define PEN_NS_BUILD_H

#include "pen-ns/ns.h"

/*
 * Makes the file view of ns->ops the root of this process, which is alone in a
 * new mount namespace; fatal if it cannot.  Returns the root of the layer of
 * drafts, or -1.
 */
int build_view(const struct ns *ns);

#endif
