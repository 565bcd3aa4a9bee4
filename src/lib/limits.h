/* limits: what a program needs before it can say what it lacks. */
#ifndef PEN_LIMITS_H
#define PEN_LIMITS_H

/*
 * Ends the process with 125 and a message when its stack or its address space
 * is limited to less than so much, each below 1000: later it, or what it
 * executes, would die of SIGSEGV.  For the first line of main, after err_prog
 * is set.
 */
void limits_check(unsigned stack_kib, unsigned space_mib);

/* A message of err.h takes 25 KiB of stack, a path PATH_MAX. */
#define LIMITS_STACK_KIB 64
#define LIMITS_SPACE_MIB 1

#endif
