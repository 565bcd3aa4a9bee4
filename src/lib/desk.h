/*
 * desk: what pen-shell's relay and its console, pen-ctl(1), say to each other
 * about the terminal that both have.  A SOCK_SEQPACKET socket; the first byte
 * of a message is one of these, what follows is data.
 *
 * The relay may be somebody else's by the time that it says something.  So what
 * it can say to the console has no data, and is no more than: you, now.
 */
#ifndef PEN_DESK_H
#define PEN_DESK_H

#include <sys/types.h>

enum desk {
	/* to the console */
	DESK_OPEN = 'o',  /* the terminal is yours, and its screen is empty */
	DESK_CLOSE = 'c', /* give it back */

	/* to the relay: the terminal is yours again, and then */
	DESK_LEAVE = 'l',   /* nothing */
	DESK_LITERAL = 'k', /* the program gets the escape key */
	DESK_SUSPEND = 's', /* all that runs inside stops, and you */
	DESK_QUIT = 'q',    /* all that runs inside ends */

	/* to the relay: its data */
	DESK_ANSWER = 'a', /* is what the terminal says to the program */
	DESK_TYPED = 't',  /* is what was typed behind the end */
	DESK_NEWS = 'n',   /* is a text for the user, printable */
};

/* The longest message's data. */
#define DESK_MAX 4096

/* Sends one, if there is room for it.  0, or -1 with errno. */
int desk_send(int fd, enum desk what, const void *data, size_t n);

/*
 * Receives one: its first byte, and its data, *n bytes.  0 when the other side
 * is gone, -1 with EAGAIN when nothing has been said.
 */
int desk_receive(int fd, unsigned char data[DESK_MAX], size_t *n);

#endif
