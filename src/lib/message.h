/* message: what the jail of pen-ns and processes outside say to each other. */
#ifndef PEN_MESSAGE_H
#define PEN_MESSAGE_H

enum message_kind {
	SAY_GO,	  /* down: the jail is announced */
	SAY_PASS, /* down: pass signal value on to prog */
	/*
	 * The same; the terminal sent it to all of the group.  pid 1 cannot
	 * tell by its own, which a SIGCONT right behind it takes away.
	 */
	SAY_PASS_GROUP,
	SAY_ASK,     /* down: say it again if prog is stopped */
	SAY_PID,     /* up: value is the jail's first process */
	SAY_STARTED, /* up: prog is executed now */
	SAY_FAILED,  /* up: it could not be */
	SAY_STOPPED, /* up: by signal value */
	SAY_DIED,    /* up: of signal value */
	SAY_EXITED   /* up: the end, status value; pid 1: nobody is left */
};
struct message {
	int kind, value;
};

/*
 * What pen-watch and the jail's first process say, a byte each, when all others
 * in the jail are to be stopped for a moment.
 */
enum watch_word {
	FREEZE_GO = 'g',    /* down: prog may begin */
	FREEZE_STOP = 's',  /* down: stop them */
	FREEZE_DONE = 'd',  /* up: they are stopped */
	FREEZE_KILL = 'k',  /* down: end them */
	FREEZE_THAW = 't',  /* down: let them go on, but those that were */
	FREEZE_LAYER = 'l', /* up, with three descriptors: the directory of the
			     * drafts' layer, and the user and the mount
			     * namespace that it is in */
};

/* Sends a message, if somebody is there to receive it: 0, or -1. */
int message_send(int sock, enum message_kind kind, int value);

/* The same of a word of the watch's. */
int message_send_word(int sock, enum watch_word word);

/*
 * Receives a message: 1, or 0 when the other side is gone, or -1 where flags is
 * MSG_DONTWAIT and there is none.
 */
int message_receive(int sock, struct message *m, int flags);

/* In the jail: ends this process when the monitor ends, or is gone already. */
void message_follow_monitor(int sock);

#endif
