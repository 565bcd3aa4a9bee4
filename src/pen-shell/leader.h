/*
 * leader: the process that leads the session on the pty.  It starts the pen,
 * is not confined as the relay is, and hears nothing but the pen's end and the
 * relay's.
 *
 * Beside the relay, it is there for five things.  A process group whose
 * parents are all in other sessions is not stopped by Ctrl-Z (POSIX, 11.1.4):
 * the pen's has its parent here.  When the relay is killed, the pen must end
 * and the terminal must be given back.  When this process is killed, the
 * kernel kills the pen.  And what runs inside it stops and continues.
 */
#ifndef SHELL_LEADER_H
#define SHELL_LEADER_H

#include <sys/types.h>

#include "pen-shell/screen.h"
#include "pen-shell/tty.h"

/* What both processes see.  The leader believes nothing of it. */
struct shared {
	struct screen screen;
	int ours;    /* the terminal is the relay's now, and not the shell's */
	int covered; /* the screen is, for the console */
};

struct leader {
	int master; /* of the pty; non-blocking */
	int sock;   /* reports come, orders go */
	pid_t pen;  /* what pen(1) becomes: names the session's directory */
};

/* What the leader reports, in one message. */
struct report {
	enum { LEADER_STOPPED, LEADER_ENDED } what;
	int status; /* 128+n for signal n; of a stop, the signal */
};

enum order {
	LEADER_CONTINUE = 'c', /* a pen that stopped */
	LEADER_FREEZE = 'f',   /* stop all that runs inside */
	LEADER_THAW = 't',     /* and let it go on */
	LEADER_END = 'e',      /* hang up, and do not wait for ever */
};

/*
 * Makes the pty, with the terminal's modes and size, and starts argv on it.
 * Fatal when it cannot.  All of *l is the caller's.
 */
void leader_start(struct leader *l, const struct tty *tty,
		  struct shared *shared, char **argv);

/* Memory that both processes see. */
struct shared *leader_share(void);

#endif
