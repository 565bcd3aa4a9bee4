/*
 * terminal: messages that are seen, whatever a run left behind.
 *
 * A run had standard error and the terminal for itself.  It may have left an
 * escape string open, which swallows what follows, or text that is concealed;
 * output that is stopped; a pipe that is full and does not block.  Here the
 * terminal is put right before the first line, its screen is not cleared, and
 * each line is written whole.
 */
#ifndef PEN_TERMINAL_H
#define PEN_TERMINAL_H

#include <stddef.h>
#include <sys/ioctl.h>

/*
 * After the run: the terminal tty (a descriptor, which stays the caller's) can
 * be opened again (TIOCEXCL), and its output goes on (TCOOFF).  SIGTTOU must be
 * blocked or ignored.
 */
void terminal_release(int tty);

/*
 * After a run that had the terminal tty to itself: if its size is not *before,
 * asks it for the true one (where the cursor is in the last place), and sets
 * that, or *before when it says nothing for a second.  What was typed ahead is
 * lost then.  SIGTTOU must be blocked or ignored.
 */
void terminal_check_size(int tty, const struct winsize *before);

/* From now on err_warn, die and the like write by terminal_write. */
void terminal_take_messages(void);

/*
 * Writes a line to standard error; the message needs no newline, and bytes that
 * a terminal could obey are made visible.  0, or -1 with errno.
 */
int terminal_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Writes n bytes of whole lines to standard error, in which nothing but the
 * newlines is a control character.  Waits for a pipe's reader for as long as
 * it takes, for a terminal TERMINAL_MS in the whole life of the process.  0,
 * or -1 with errno: EPIPE when the reader is gone, ETIMEDOUT.
 */
#define TERMINAL_MS 5000
int terminal_write(const char *lines, size_t n);

/*
 * The bytes that put a terminal right, for whoever has a terminal that is not
 * standard error; term is TERM's value or NULL.  Static storage.
 */
const char *terminal_right(const char *term);

/*
 * A terminal answers in order: who has asked it last, and hears the answer, has
 * heard all.  Writes to text what asks where the cursor is, eight times, in
 * columns of the first row that are chosen by chance, and to answer what it
 * will say to that.  No program can have asked for the same eight: it would not
 * live to ask for all of them.  Both have TERMINAL_FENCE bytes.
 */
#define TERMINAL_FENCE 128
void terminal_fence(unsigned columns, char *text, char *answer);

#endif
