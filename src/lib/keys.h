/*
 * keys: what comes from the user's terminal: keys, and the answers that it
 * gives to questions of the inside.  Pure: no system call.
 *
 * The escape key counts only where a key can be: neither in an answer nor in
 * text that is pasted, both of which the inside may have chosen.
 */
#ifndef PEN_KEYS_H
#define PEN_KEYS_H

#include <stddef.h>

/* The longest sequence that is one key, or a short answer. */
#define KEYS_HOLD 64

/* Room for what n bytes become. */
#define KEYS_ROOM(n) ((n) + KEYS_HOLD)

struct keys {
	int escape; /* the control character that opens the console, or -1 */
	unsigned char state;
	unsigned char hold[KEYS_HOLD];
	size_t held;
	int paste;		      /* in a bracketed paste */
	unsigned char key[KEYS_HOLD]; /* the escape key as it came last */
	size_t key_n;
};

/* What "^]", "^\" and the like mean, "none" is -1; -2: it is no such key. */
int keys_parse(const char *text);

void keys_init(struct keys *k, int escape);

/*
 * Whatever was begun is over: time has passed, and no answer takes that long.
 * Returns how many bytes of it go to the program, to out of KEYS_HOLD.
 */
size_t keys_rest(struct keys *k, void *out);

/*
 * For the program: writes what it gets to out, of KEYS_ROOM(n), and its length
 * to *used.  Returns how many bytes were taken, the escape key included if
 * *pressed says that it came; k->key has it then, as it was.  The caller comes
 * again with what was not taken.
 */
size_t keys_pass(struct keys *k, const void *in, size_t n, void *out,
		 size_t *used, int *pressed);

enum keys_kind {
	KEYS_TYPED,    /* a key, or a byte of pasted text */
	KEYS_ANSWER,   /* of the terminal, to a question of the inside */
	KEYS_POSITION, /* of the cursor; an answer, too */
	KEYS_NOISE,    /* the mouse, the focus, a key's release: nothing */
	KEYS_ESCAPE    /* the escape key */
};

/*
 * For the console: takes the next key or answer from the n bytes at in, which
 * begin where the one before ended.  Returns its length, or 0 when n ends in
 * the middle of one.
 */
size_t keys_next(const struct keys *k, const void *in, size_t n,
		 enum keys_kind *kind);

#endif
