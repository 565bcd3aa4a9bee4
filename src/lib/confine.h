/*
 * confine: what a process of ours that stays on the host gives up, before it
 * reads a byte from inside.  What it has open stays open.  Each function is
 * fatal when it fails; who names the process in the message, "the relay".
 */
#ifndef PEN_CONFINE_H
#define PEN_CONFINE_H

#include <linux/filter.h>

#include "lib/landlock.h"

/*
 * Rights below a directory: to read; and all but to execute, and to make what
 * is no file, directory, link or whiteout.
 */
#define CONFINE_READING (LANDLOCK_READ | LANDLOCK_LIST)
#define CONFINE_WRITING                                              \
	(CONFINE_READING | LANDLOCK_WRITE | LANDLOCK_REMOVE |        \
	 LANDLOCK_REMOVE_DIR | LANDLOCK_CREATE | LANDLOCK_TRUNCATE | \
	 LANDLOCK_MAKE_DIR | LANDLOCK_REFER | CONFINE_DEVICE | CONFINE_LINK)
#define CONFINE_DEVICE (UINT64_C(1) << 6) /* a whiteout is one */
#define CONFINE_LINK (UINT64_C(1) << 12)

/*
 * The system calls that the process may make: the tool's calls.def, compiled
 * while pen is built (src/gen/mkcalls.c).
 */
extern const struct sock_fprog confine_program;

/*
 * No capability, no privileges to gain, no core dump, no tracing, the root
 * directory for its own, and what reach takes (lib/landlock.h).  A kernel
 * without Landlock takes nothing of reach.
 */
void confine_process(const char *who, const struct landlock *reach);

/*
 * No system call that is not in confine_program: the others fail with EPERM,
 * as a C library that is newer than the list expects of a sandbox; a call of
 * another ABI ends the process.  For this thread and what it forks.
 */
void confine_calls(const char *who);

#endif
