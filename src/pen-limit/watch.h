/* watch: the process that stays beside a run with limits. */
#ifndef PEN_LIMIT_WATCH_H
#define PEN_LIMIT_WATCH_H

struct watch {
	unsigned long seconds;	   /* 0: for ever */
	const char *time, *memory; /* as they were given */
	const char *note;	   /* a file, or NULL: standard error */
	const char *group;	   /* a cgroup that is removed, or NULL */
};

/*
 * Starts it, as nobody's child, for this process and what it becomes.  Returns
 * a descriptor: a byte on it says that group is known, whose path follows with
 * a NUL behind it; its end, that there is none.  Fatal.
 */
int watch_start(const struct watch *w);

#endif
