#include "pen-ctl/watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/control.h"
#include "lib/mem.h"
#include "lib/rule.h"
#include "pen-ctl/reply.h"

/* The newest is last, and each is there once.  Returns whether it was new. */
static int
note_name(struct watch *w, const char *name)
{
	size_t i = 0, n = w->names_n;

	while (i < n && strcmp(w->names[i], name) != 0)
		i++;
	if (i == n && n < WATCH_NAMES)
		w->names_n++;
	else if (i == n)
		i = 0;
	memmove(w->names[i], w->names[i + 1],
		(w->names_n - 1 - i) * sizeof(w->names[0]));
	snprintf(w->names[w->names_n - 1], sizeof(w->names[0]), "%s", name);
	return i == n;
}

/* What was refused before there was anybody to be told. */
static void
note_refused(void *arg, const json_t *object)
{
	struct watch *w = arg;
	char *rule = reply_text(object, "allow");

	if (*rule && note_name(w, rule)) {
		snprintf(w->news, sizeof(w->news), "refused %s", rule);
		w->refusals++;
	}
	free(rule);
}

static void
note_event(struct watch *w, const json_t *object)
{
	static const char *const keys[] = {"kind", "verdict", "name",
					   "rule", "why",     "allow"};
	enum { KIND, VERDICT, NAME, RULE, WHY, ALLOW, KEYS };
	struct watch_line *line = &w->lines[w->lines_n % WATCH_LINES];
	long long port = json_integer_value(json_object_get(object, "port"));
	char *text[KEYS], number[32] = "";
	const char *name;

	if (!json_object_get(object, "kind"))
		return;
	for (int i = 0; i < KEYS; i++)
		text[i] = reply_text(object, keys[i]);
	name = *text[NAME] ? text[NAME] : text[RULE];
	if (port)
		snprintf(number, sizeof(number), " port %lld", port);
	snprintf(line->text, sizeof(line->text), "%s %s %s%s%s%s", text[KIND],
		 text[VERDICT], name, number, *text[WHY] ? ": " : "",
		 text[WHY]);
	w->lines_n++;
	if (strcmp(text[VERDICT], "refused") == 0) {
		w->refusals++;
		if (*text[ALLOW])
			note_name(w, text[ALLOW]);
		snprintf(w->news, sizeof(w->news), "refused %s",
			 *text[ALLOW] ? text[ALLOW]
			 : *name      ? name
				      : text[KIND]);
	}
	for (int i = 0; i < KEYS; i++)
		free(text[i]);
}

/* The number of the question with this id, or that of the open ones. */
static size_t
find_question(const struct watch *w, unsigned long id)
{
	size_t i = 0;

	while (i < w->open_n && w->open[i].id != id)
		i++;
	return i;
}

static void
end_question(struct watch *w, size_t i, const char *verdict)
{
	if (w->open[i].id == w->shown)
		snprintf(w->over, sizeof(w->over), "%s: %s", w->open[i].rule,
			 verdict);
	memmove(&w->open[i], &w->open[i + 1],
		(--w->open_n - i) * sizeof(w->open[0]));
}

static void
add_question(struct watch *w, unsigned long id, const char *text)
{
	struct watch_question *q = &w->open[w->open_n];
	struct rule r;

	if (w->open_n == WATCH_QUESTIONS || find_question(w, id) < w->open_n ||
	    rule_parse(text, &r))
		return;
	q->id = id;
	rule_format(&r, q->rule, sizeof(q->rule));
	w->open_n++;
	snprintf(w->news, sizeof(w->news), "asks %s", q->rule);
}

static void
note_question(struct watch *w, const json_t *object)
{
	char *kind = reply_text(object, "kind");
	char *verdict = reply_text(object, "verdict");
	char *rule = reply_text(object, "rule");
	unsigned long id =
	    (unsigned long)json_integer_value(json_object_get(object, "id"));
	size_t i = find_question(w, id);

	/* the reply to our request has no kind */
	if (id && strcmp(kind, "ask") == 0)
		add_question(w, id, rule);
	else if (strcmp(kind, "answered") == 0 && i < w->open_n)
		end_question(w, i, verdict);
	free(kind);
	free(verdict);
	free(rule);
}

/* Takes what has come on s, which is closed at its end. */
static void
read_all(struct watch *w, struct session *s,
	 void (*take)(struct watch *w, const json_t *object))
{
	char message[CONTROL_REPLY_MAX];

	while (s->fd >= 0) {
		ssize_t n = recv(s->fd, message, sizeof(message), MSG_DONTWAIT);
		json_t *object;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			session_close(s);
			return;
		}
		object = json_loadb(message, (size_t)n, JSON_REJECT_DUPLICATES,
				    NULL);
		if (json_is_object(object))
			take(w, object);
		json_decref(object);
	}
}

/* Events first: what comes between the two is told twice, and not never. */
int
watch_connect(struct watch *w, const char *name)
{
	struct session denied;

	if (session_try(&w->events, name) < 0)
		return -1;
	if (control_send(w->events.fd, "events") < 0 ||
	    session_try(&w->questions, name) < 0)
		return 0;
	control_send(w->questions.fd, "ask");
	if (session_try(&denied, name) == 0) {
		json_decref(session_ask(&denied, "denied", note_refused, w));
		session_close(&denied);
	}
	return 0;
}

void
watch_read(struct watch *w)
{
	read_all(w, &w->events, note_event);
	read_all(w, &w->questions, note_question);
	if (w->questions.fd < 0)
		w->open_n = 0; /* nobody waits for an answer any more */
}
