/* kernelfs: the file systems that show the kernel: --proc, --dev and others. */
#ifndef PEN_NS_KERNELFS_H
#define PEN_NS_KERNELFS_H

#include "pen-ns/view.h"

void kernelfs_proc(struct view *v, const struct op *op);
void kernelfs_dev(struct view *v, const struct op *op);

/* The own cgroup, read-only. */
void kernelfs_cgroup(struct view *v, const struct op *op);

/* The message queues of the IPC namespace. */
void kernelfs_mqueue(struct view *v, const struct op *op);

#endif
