/*
 * landlock: what a process gives up of files, ports and other processes, by
 * landlock(7).  By number: the headers of Debian 12 know its first versions.
 */
#ifndef PEN_LANDLOCK_H
#define PEN_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Rights over files; the others are in LANDLOCK_FILES only. */
#define LANDLOCK_WRITE (UINT64_C(1) << 1)
#define LANDLOCK_READ (UINT64_C(1) << 2)
#define LANDLOCK_LIST (UINT64_C(1) << 3) /* a directory */
#define LANDLOCK_REMOVE_DIR (UINT64_C(1) << 4)
#define LANDLOCK_REMOVE (UINT64_C(1) << 5)
#define LANDLOCK_MAKE_DIR (UINT64_C(1) << 7)
#define LANDLOCK_CREATE (UINT64_C(1) << 8) /* regular files */
#define LANDLOCK_SOCKET (UINT64_C(1) << 9) /* to make one */
#define LANDLOCK_REFER (UINT64_C(1) << 13) /* renames between directories */
#define LANDLOCK_TRUNCATE (UINT64_C(1) << 14)
#define LANDLOCK_FILES ((UINT64_C(1) << 17) - 1)

/* Rights over TCP ports; LANDLOCK_PORTS has those over UDP ports as well. */
#define LANDLOCK_BIND (UINT64_C(1) << 0)
#define LANDLOCK_DIAL (UINT64_C(1) << 1)
#define LANDLOCK_PORTS ((UINT64_C(1) << 4) - 1)

/* What is not reached outside the processes that are restricted together. */
#define LANDLOCK_ABSTRACT (UINT64_C(1) << 0) /* abstract Unix sockets */
#define LANDLOCK_SIGNAL (UINT64_C(1) << 1)

/* What is allowed in dir and below it; nothing if dir is negative. */
struct landlock_path {
	int dir;
	uint64_t rights;
};

struct landlock {
	uint64_t files, net, scope; /* given up … */
	uint64_t if_known; /* of the files, if the kernel knows all of these */
	const struct landlock_path *paths; /* … but for these */
	size_t paths_n;
	const uint16_t *ports; /* to dial */
	size_t ports_n;
};

/*
 * Gives it up, for good and for what is executed, as far as the kernel knows
 * it; one without Landlock changes nothing.  What is open stays usable.
 * no_new_privs must be set.  0, or -1 with errno.
 */
int landlock_restrict(const struct landlock *l);

#endif
