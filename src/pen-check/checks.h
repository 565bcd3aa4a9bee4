/* checks: what this host can enforce; each group adds its findings. */
#ifndef PEN_CHECK_CHECKS_H
#define PEN_CHECK_CHECKS_H

#include "pen-check/report.h"

/* kernel.c: each feature of the kernel, used once in a child. */
void check_kernel(struct report *r);

/* chain.c: each program of the chain alone, then the chain, with true(1). */
void check_chain(struct report *r);

/* host.c: pasta, sysctls, file systems, resource limits, the clock. */
void check_host(struct report *r);

/* people.c: the agents that are found, and the shells that know of them. */
void check_agents(struct report *r);
void check_shells(struct report *r);

#endif
