/*
 * leader: the process that leads the session on the pty.  It starts the pen,
 * is not confined as the relay is, and hears nothing but the pen's end and the
 * relay's.
 *
 * Beside the relay, it is there for six things.  A process group whose
 * parents are all in other sessions is not stopped by Ctrl-Z (POSIX, 11.1.4):
 * the pen's has its parent here.  When the relay is killed, the pen must end
 * and the terminal must be given back.  When this process is killed, the
 * kernel kills the pen.  And it connects to the pen's control socket, three
 * times: the reports LEADER_CONNECTED come with a descriptor.  What is to be
 * for good it has pen-ctl(1) write down, and what runs inside it stops and
 * continues.
 */
#ifndef SHELL_LEADER_H
#define SHELL_LEADER_H

#include <sys/types.h>

#include "lib/rule.h"
#include "pen-shell/screen.h"
#include "pen-shell/tty.h"

/* What both processes see.  The leader believes nothing of it. */
struct shared {
	struct screen screen;
	int ours; /* the terminal is the relay's now, and not the shell's */
};

struct leader {
	int offline; /* given: there is no session to connect to */
	int master; /* of the pty; non-blocking */
	int sock;   /* reports come, orders go */
	int errand; /* one errand, and what came of it */
	pid_t pen;  /* what pen(1) becomes: names the session's directory */
};

/* What the leader reports, in one message. */
struct report {
	enum { LEADER_STOPPED, LEADER_ENDED, LEADER_CONNECTED } what;
	int status; /* 128+n for signal n; of a stop, the signal */
};

enum order {
	LEADER_CONTINUE = 'c', /* a pen that stopped */
	LEADER_FREEZE = 'f',   /* stop all that runs inside */
	LEADER_THAW = 't',     /* and let it go on */
	LEADER_END = 'e',      /* hang up, and do not wait for ever */
};

/*
 * What pen-ctl(1) is to do for good, because the relay can open no file.  It is
 * answered by "+" or "-" and a text for people, without NUL.
 */
struct errand {
	char verb;	    /* a: allow, d: deny, u: undo */
	char rule[288]; /* as rule_format writes it */
};

#define ERRAND_TEXT 1024

/*
 * Makes the pty, with the terminal's modes and size, and starts argv on it.
 * Fatal when it cannot.  All of *l is the caller's.
 */
void leader_start(struct leader *l, const struct tty *tty,
		  struct shared *shared, char **argv);

/*
 * Has pen-ctl change pen.conf: verb is "allow", "deny" or "undo".  Writes what
 * it said to text.  0, or -1 when it failed.
 */
int leader_errand(const struct leader *l, const char *verb, const char *rule,
		   char text[ERRAND_TEXT]);

/* Memory that both processes see. */
struct shared *leader_share(void);

#endif
