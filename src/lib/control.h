/*
 * control: the running pens, and the socket at which each can be asked and told
 * things.  This is the client's side; pen-sni has the other one.
 *
 * A session is a directory, mode 0700, below control_directory(); it is named
 * after the process id of the chain (what pen(1) became, so whoever started it
 * knows the name), and holds a socket "control", mode 0600, SOCK_SEQPACKET: a
 * message is written and read whole, or not at all.
 *
 * A request is one message of at most CONTROL_REQUEST_MAX bytes: words with
 * one blank between them, no newline.
 *
 *	status               one object about the session
 *	denied               an object for each name and port that was refused
 *	rules                an object for each live rule, as "undo" wants it
 *	allow LIFETIME RULE  for new connections, at once
 *	deny LIFETIME RULE   the same, and open connections to it are cut
 *	undo RULE            takes back a live allow or deny
 *	events               from now on, each line of the log as it is written
 *	ask                  from now on, questions; first those that are open
 *	answer ID HOW        answers one: HOW is once, deny or a LIFETIME
 *	stop                 answered with a pidfd of the chain, to be signalled
 *	ports                an object for each published or reached port, and
 *	                     such a pidfd
 *	publish PORTS        PORTS as pen-net(1) has it, and such a pidfd: they
 *	reach PORTS          are there for as long as this connection, which the
 *	                     process that carries them keeps (pen-net --join)
 *	unpublish PORTS      takes back what has been added so, by ending that
 *	unreach PORTS        connection
 *	budget               an object for each kind of budget of each name that
 *	                     pen-key serves
 *	raise NAME KIND=+N   raises a budget that there is, as requests=+200
 *
 * LIFETIME is "session", or a number with s, m or h behind it, at most 24h.
 * What is for good is no matter of the session's: it goes into pen.conf.
 *
 * Every reply consists of messages of at most CONTROL_REPLY_MAX bytes, each a
 * JSON object with strings, numbers, true and false in it.  The last one has
 * "ok": true, or false and then "error", a text for people.  The objects of
 *
 *	status  session, pid, agent, project, since, log, ports, connections,
 *	        refusals, rules, asks, listeners (who want the questions)
 *	denied  name, port (0: its look-up was refused), count, first, last,
 *	        why, and allow: the rule that would allow it, if one would
 *	rules   verdict ("allow" or "deny"), rule, seconds (left, if limited)
 *	ports   way ("publish" or "reach"), ports, host and inside (the first of
 *	        each), count, start (whether it was there from the start)
 *	budget  name, what (the kind), used, limit (if there is one), per
 *("run", or the day)
 *
 * A question is {"kind":"ask", id, name, port, rule, seconds}: connections wait
 * to know whether that rule is to be allowed, for so many seconds more.  It is
 * over with {"kind":"answered", id, rule, verdict}: allow, deny or expired.
 *
 * An event is told from a reply by having "kind".  Events that a slow reader
 * has no room for are counted, and it is told: {"kind":"log","why":…}.
 */
#ifndef PEN_CONTROL_H
#define PEN_CONTROL_H

#include <sys/types.h>

#include "lib/mem.h"

#define CONTROL_REQUEST_MAX 512
#define CONTROL_REPLY_MAX 8192

/*
 * Where the sessions are: $XDG_RUNTIME_DIR/pen, where that is a directory of
 * this user's, else $XDG_STATE_HOME/pen/run, else ~/.local/state/pen/run.  The
 * caller frees it.  NULL: there is no HOME.
 */
char *control_directory(void);

/*
 * Pushes the names of the sessions that run, and removes the directories of
 * those that were killed.  The names are the caller's.  0, or -1 with errno;
 * that there is no directory yet is no error.
 */
int control_list(struct strv *names);

/*
 * Makes the session's directory, named after pid, and its listening socket,
 * non-blocking and close-on-exec, and returns that; *dir is the directory,
 * O_PATH, *name its name, the caller's.  Fatal on failure.
 */
int control_create(pid_t pid, int *dir, char **name);

/* Removes them again. */
void control_remove(int dir, const char *name);

/* A connection to a session; -1 with errno, ENOENT when there is none. */
int control_connect(const char *session);

/* Sends one request.  0, or -1 with errno; EMSGSIZE when it is too long. */
int control_send(int fd, const char *request);

/*
 * Waits for the next message and ends it with NUL.  Its length, 0 when the
 * session is over, or -1 with errno.  A descriptor that came with it goes to
 * *extra, the caller's then, or -1; extra may be NULL.
 */
ssize_t control_receive(int fd, char message[CONTROL_REPLY_MAX + 1],
			int *extra);

#endif
