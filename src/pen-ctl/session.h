/* session: one of the running pens, and what it answers. */
#ifndef CTL_SESSION_H
#define CTL_SESSION_H

#include <jansson.h>

struct session {
	char *name;
	int fd;
};

/* Called with each object of a reply but the last. */
typedef void session_fn(void *arg, const json_t *object);

/*
 * Connects to the session called name; where that is NULL, to the one whose
 * project the current directory is in, or the only one.  Fatal when there is
 * none, or no telling which.
 */
void session_open(struct session *s, const char *name);

/* The same by its exact name.  0, or -1: it is gone. */
int session_try(struct session *s, const char *name);

void session_close(struct session *s);

/*
 * Sends a request and reads its reply; fn may be NULL.  Returns the last
 * object, the caller's; NULL when the session ended meanwhile.
 */
json_t *session_ask(struct session *s, const char *request, session_fn *fn,
		    void *arg);

/*
 * The same for a request whose last object comes with a descriptor of the
 * session's process, which is returned, the caller's; or -1, and *error says
 * what was wrong.
 */
int session_process(struct session *s, const char *request, session_fn *fn,
		    void *arg, const char **error);

/* Reads one object; its text is in *text where that is not NULL, the caller's.
 * NULL when the session is over.  *fd is a descriptor that came, or -1. */
json_t *session_read(struct session *s, char **text, int *fd);

#endif
