#include "pen-shell/session.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/num.h"
#include "lib/rule.h"
#include "pen-shell/object.h"

void
session_init(struct session *s)
{
	memset(s, 0, sizeof(*s));
	s->ask = s->events = s->questions = -1;
}

/* pen-sni answers at once, or something is wrong with it. */
static void
limit_waiting(int fd)
{
	struct timeval two = {.tv_sec = 2};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &two, sizeof(two));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &two, sizeof(two));
}

/* The newest is last, and each is there once. */
static void
note_name(struct session *s, const char *name)
{
	size_t i = 0;

	while (i < s->names_n && strcmp(s->names[i], name) != 0)
		i++;
	if (i == s->names_n && s->names_n < SESSION_NAMES)
		s->names_n++;
	else if (i == s->names_n)
		i = 0;
	memmove(s->names[i], s->names[i + 1],
		(s->names_n - 1 - i) * sizeof(s->names[0]));
	snprintf(s->names[s->names_n - 1], sizeof(s->names[0]), "%s", name);
}

/* What was refused before there was anybody to be told. */
static void
note_refused(const char *object, void *arg)
{
	struct session *s = arg;
	char rule[288];

	if (object_get(object, "allow", rule, sizeof(rule)) < 0)
		return;
	note_name(s, rule);
	snprintf(s->news, sizeof(s->news), "refused %s", rule);
	s->refusals++;
}

void
session_connect(struct session *s, int fd)
{
	limit_waiting(fd);
	if (s->ask < 0) {
		s->ask = fd;
		session_ask(s, "denied", note_refused, s);
	} else if (s->events < 0 && control_send(fd, "events") == 0) {
		s->events = fd;
	} else if (s->questions < 0 && control_send(fd, "ask") == 0) {
		s->questions = fd;
	} else {
		close(fd);
	}
}

static void
note_event(struct session *s, const char *object)
{
	char kind[16], verdict[16], name[288], port[8], why[80], allow[288];
	struct session_line *line = &s->lines[s->lines_n % SESSION_LINES];

	if (object_get(object, "kind", kind, sizeof(kind)) < 0)
		return;
	object_get(object, "verdict", verdict, sizeof(verdict));
	if (object_get(object, "name", name, sizeof(name)) < 0)
		object_get(object, "rule", name, sizeof(name));
	object_get(object, "port", port, sizeof(port));
	object_get(object, "why", why, sizeof(why));
	object_get(object, "allow", allow, sizeof(allow));
	snprintf(line->text, sizeof(line->text), "%s %s %s%s%s%s%s", kind,
		 verdict, name, *port ? " port " : "", port, *why ? ": " : "",
		 why);
	s->lines_n++;
	if (strcmp(verdict, "refused") != 0)
		return;
	s->refusals++;
	if (*allow)
		note_name(s, allow);
	snprintf(s->news, sizeof(s->news), "refused %s",
		 *allow ? allow : *name ? name : kind);
}

/* That of the question, or the number of the open ones. */
static size_t
find_question(const struct session *s, unsigned long id)
{
	size_t i = 0;

	while (i < s->open_n && s->open[i].id != id)
		i++;
	return i;
}

static void
end_question(struct session *s, size_t i, const char *verdict)
{
	if (s->open[i].id == s->shown)
		snprintf(s->over, sizeof(s->over), "%s: %s", s->open[i].rule,
			 verdict);
	memmove(&s->open[i], &s->open[i + 1],
		(--s->open_n - i) * sizeof(s->open[0]));
}

static void
note_question(struct session *s, const char *object)
{
	char kind[16], number[24], rule[288], verdict[16];
	unsigned long id;
	struct rule r;
	size_t i;

	/* the reply to what session_connect sent may be that none are asked */
	if (object_get(object, "kind", kind, sizeof(kind)) < 0 ||
	    object_get(object, "id", number, sizeof(number)) < 0 ||
	    num_parse(number, 10, ULONG_MAX, &id) < 0 || id == 0)
		return;
	i = find_question(s, id);
	if (strcmp(kind, "answered") == 0) {
		object_get(object, "verdict", verdict, sizeof(verdict));
		if (i < s->open_n)
			end_question(s, i, verdict);
		return;
	}
	object_get(object, "rule", rule, sizeof(rule));
	if (strcmp(kind, "ask") != 0 || i < s->open_n ||
	    i == SESSION_QUESTIONS || rule_parse(rule, &r))
		return;
	s->open[i].id = id;
	rule_format(&r, s->open[i].rule, sizeof(s->open[i].rule));
	s->open_n++;
	snprintf(s->news, sizeof(s->news), "asks %s", s->open[i].rule);
}

/* Takes what has come on *fd, which is closed at its end. */
static void
read_all(struct session *s, int *fd,
	 void (*take)(struct session *s, const char *object))
{
	char message[CONTROL_REPLY_MAX + 1];

	while (*fd >= 0) {
		ssize_t n = recv(*fd, message, CONTROL_REPLY_MAX, MSG_DONTWAIT);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			close(*fd);
			*fd = -1;
			return;
		}
		message[n] = '\0';
		take(s, message);
	}
}

void
session_read(struct session *s)
{
	read_all(s, &s->events, note_event);
	read_all(s, &s->questions, note_question);
	if (s->questions < 0)
		s->open_n = 0; /* nobody waits for an answer any more */
}

const char *
session_ask(struct session *s, const char *request,
	    void (*each)(const char *object, void *arg), void *arg)
{
	static const char gone[] = "the pen's proxy does not answer";
	static char why[256];
	char message[CONTROL_REPLY_MAX + 1];

	if (s->ask < 0)
		return "this pen has no proxy to ask: it is offline, or not "
		       "up yet";
	if (control_send(s->ask, request) < 0)
		return errno == EMSGSIZE ? "that is too long" : gone;
	for (;;) {
		if (control_receive(s->ask, message, NULL) <= 0) {
			close(s->ask); /* a late reply is not the next one */
			s->ask = -1;
			return gone;
		}
		if (each)
			each(message, arg);
		if (object_get(message, "ok", why, sizeof(why)) == 0)
			break;
	}
	if (strcmp(why, "true") == 0)
		return NULL;
	if (object_get(message, "error", why, sizeof(why)) < 0)
		return "the proxy refuses";
	return why;
}
