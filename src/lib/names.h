/*
 * names: what is not in a directory.  Whoever asks for many names, most of
 * which are not there, has it read once instead.
 */
#ifndef PEN_NAMES_H
#define PEN_NAMES_H

#include <stdint.h>

/* A name has one of them, perhaps that of another. */
#define NAMES_BITS 2048

/* All zero before the first question about a directory. */
struct names {
	unsigned asked;
	int known;
	uint64_t bits[NAMES_BITS / 64];
};

/*
 * 1: nothing in the directory that is open as dir (O_PATH will do) is called
 * name, whatever the case of its letters.  0: something may be, look.  For the
 * first few names, a large directory, one that cannot be read, and one with
 * names that are not ASCII, which a file system may take for others that are,
 * it is always 0.
 */
int names_lack(struct names *n, int dir, const char *name);

#endif
