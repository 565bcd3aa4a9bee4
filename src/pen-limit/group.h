/* group: a cgroup (version 2) of the run's own, where one can be had. */
#ifndef PEN_LIMIT_GROUP_H
#define PEN_LIMIT_GROUP_H

struct limits {
	unsigned long long memory; /* bytes, or 0 */
	unsigned cpu;		   /* hundredths of a processor, or 0 */
};

/*
 * Makes a cgroup with these limits in dir, or (NULL) in the nearest directory
 * above this process's own that is delegated, and moves this process into it.
 * Returns its path, which the caller frees, or NULL with errno: nothing is
 * left then.
 */
char *group_enter(const char *dir, const struct limits *l);

/* How many processes the kernel has ended in it for want of memory. */
unsigned long group_killed(const char *group);

#endif
