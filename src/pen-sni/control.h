/*
 * control: the proxy's side of the control socket; lib/control.h says what is
 * spoken there.
 */
#ifndef SNI_CONTROL_H
#define SNI_CONTROL_H

#include "pen-sni/carried.h"
#include "pen-sni/line.h"
#include "pen-sni/listeners.h"

/* What is asked about and changed through the socket. */
struct control_reach {
	struct loop *loop;
	struct policy *policy;
	struct events *events;
	struct ask *ask;
	struct conns *conns;
	struct hands *hands;
	const struct listeners *listeners;
};

/* What status tells of the session. */
struct about {
	pid_t pid;			   /* of what becomes the chain */
	const char *agent, *project, *log; /* or NULL */
	struct carried carried;		   /* the ports of the start */
};

/* Makes the session's directory and socket; fatal on failure. */
struct control *control_open(const struct about *about);

/*
 * The descriptors to keep, of the socket and of the directory; and where they
 * have come to be: at first and behind it.  The process of pidfd is the one
 * that stop means.
 */
void control_fds(const struct control *c, int fds[2]);
void control_moved(struct control *c, int first, int pidfd);

/* The directory. */
int control_dir(const struct control *c);

/*
 * Starts to serve, once the proxy is confined and has its loop; c may be NULL.
 */
void control_start(struct control *c, const struct control_reach *to);

/* Counts a decision for denied and status. */
void control_event(struct control *c, const struct event *e);

/* Ends all connections and removes the session.  c may be NULL. */
void control_close(struct control *c);

#endif
