#include "pen-ns/ns.h"

#include <sched.h>

void
fds_push(struct fds *l, int fd)
{
	l->v = mem_room(l->v, l->n, sizeof(*l->v));
	l->v[l->n++] = fd;
}

int
ns_has_reaper(const struct ns *ns)
{
	return !ns->as_pid_1 && (ns->unshare & CLONE_NEWPID || ns->held.n > 0 ||
				 ns->locks.n > 0);
}

int
ns_has_own_userns(const struct ns *ns)
{
	return ns->userns2 >= 0 || !ns->shared || !ns->nested;
}
