/* tty: the user's own terminal, which nothing inside ever holds. */
#ifndef SHELL_TTY_H
#define SHELL_TTY_H

#include <sys/ioctl.h>
#include <termios.h>

struct tty {
	int in, out; /* opened anew where possible, and then non-blocking */
	struct termios saved;
};

/* 0, or -1 when standard input and output are not one terminal. */
int tty_open(struct tty *t);

/* Every byte passes, both ways.  0, or -1 with errno. */
int tty_raw(const struct tty *t);

/* As it was found.  Async-signal-safe. */
int tty_restore(const struct tty *t);

/* The size, with what no terminal has made into what one may have. */
void tty_size(const struct tty *t, struct winsize *size);

#endif
