/*
 * attack: one table of attacks (attacks.def, handover.def), each with what it
 * tries.  An attack is made twice by the same function: outside, where it has
 * to succeed, and inside.
 */
#ifndef PEN_ATTACK_ATTACK_H
#define PEN_ATTACK_ATTACK_H

#include <errno.h>
#include <stddef.h>

#include "pen-attack/world.h"

/* How an attack is launched. */
enum run {
	RUN_SHARED,    /* with all others of this kind, in one launch */
	RUN_FDS,       /* the same, with descriptors left open */
	RUN_TTY,       /* the same, on a terminal */
	RUN_NET,       /* the same, with two names allowed */
	RUN_STDIO,     /* alone, with a directory as descriptor arg */
	RUN_RACE,      /* alone, again and again, while something changes */
	RUN_KILLED,    /* alone, and the launcher is killed by signal arg */
	RUN_EVERYBODY, /* alone, and no other pen-attack does so meanwhile */
	RUN_HANDOVER,  /* alone, in a project of its own: scripts */
	RUN_KINDS
};

/* Scripts for sh, in the project; the second runs inside. */
struct handover {
	const char *prepare, *attack, *trigger;
	/* what the end of the run has to name where it is not held back */
	const char *told;
};

/* Tries it: not negative where it succeeded, or -1 with errno. */
typedef long try_fn(const struct world *w, const char *arg);

/*
 * Looks from outside, afterwards, whether it reached the host: not negative, or
 * -1 with errno.  Where there is one, it decides, and not try.
 */
typedef long judge_fn(const struct world *w, const char *arg);

struct attack {
	const char *group, *name;
	enum run run;
	try_fn *try;
	judge_fn *judge;
	const char *arg;
	const char *what; /* what it tries, a sentence */
	struct handover handover;
};

extern const struct attack attacks[];
extern const size_t attacks_n;

/* What stands for a result where an attack was not made. */
#define ATTACK_NOT_MADE (-1)

/* The index of "GROUP/NAME", or attacks_n. */
size_t attack_find(const char *name);

/*
 * Calls a->try in a child, which has three seconds.  0 when it succeeded, else
 * the errno, or 1000 + n when signal n ended it.
 */
int attack_try(const struct attack *a, const struct world *w);

/* What attack_try returned, in a word: "succeeded", "EPERM", "signal 31". */
const char *attack_word(int result);

/* files.c: does the file arg begin with CHANGED? */
try_fn is_changed;

/* In the place of a function that a row has not. */
try_fn attack_none;

/* A definition of a function of the table, which need not use what it gets. */
#define TRY(name)                                                \
	try_fn name;                                             \
	long name(__attribute__((unused)) const struct world *w, \
		  __attribute__((unused)) const char *arg)

/* What all functions of the table may use: -1 with errno set to error. */
static inline long
failed_by(int error)
{
	errno = error;
	return -1;
}

#endif
