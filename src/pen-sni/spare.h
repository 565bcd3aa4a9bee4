/* spare: what a process that only waits need not have in memory. */
#ifndef SNI_SPARE_H
#define SNI_SPARE_H

/*
 * Lets go of what is free in the heap, and of the program's own pages, which
 * come back as they are used: for some 50 us of work.
 */
void spare_memory(void);

#endif
