#include "pen-ctl/session.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "pen-ctl/reply.h"

/* Long enough for a proxy with much to do. */
#define ANSWER_MS 5000

int
session_try(struct session *s, const char *name)
{
	s->fd = control_connect(name);
	if (s->fd < 0)
		return -1;
	s->name = mem_copy(name);
	return 0;
}

void
session_close(struct session *s)
{
	close(s->fd);
	free(s->name);
	*s = (struct session){.fd = -1};
}

json_t *
session_read(struct session *s, char **text, int *fd)
{
	char message[CONTROL_REPLY_MAX + 1];
	ssize_t n = control_receive(s->fd, message, fd);
	json_t *object;

	if (n == 0)
		return NULL;
	if (n < 0)
		die(ERR_TOOL, "cannot read from the session: %m");
	object = json_loadb(message, (size_t)n, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(object))
		die(ERR_TOOL, "the session '%s' says what is no JSON object",
		    s->name);
	if (text)
		*text = mem_copy(message);
	return object;
}

/* A proxy that is stopped, or worse, is not waited for. */
static int
proxy_answers(const struct session *s)
{
	struct pollfd p = {.fd = s->fd, .events = POLLIN};

	if (poll(&p, 1, ANSWER_MS) != 0)
		return 1;
	err_warn("the session '%s' does not answer", s->name);
	return 0;
}

json_t *
session_ask(struct session *s, const char *request, session_fn *fn, void *arg)
{
	json_t *object;

	if (control_send(s->fd, request) < 0) {
		if (errno == EMSGSIZE)
			die(ERR_TOOL, "'%s' is too long", request);
		return NULL;
	}
	while (proxy_answers(s) && (object = session_read(s, NULL, NULL))) {
		if (json_object_get(object, "ok"))
			return object;
		if (fn)
			fn(arg, object);
		json_decref(object);
	}
	return NULL;
}

int
session_process(struct session *s, const char *request, session_fn *fn,
		void *arg, const char **error)
{
	json_t *object = NULL;
	int pidfd = -1;

	if (control_send(s->fd, request) == 0 && proxy_answers(s))
		object = session_read(s, NULL, &pidfd);
	while (object && !json_object_get(object, "ok")) {
		if (fn)
			fn(arg, object);
		json_decref(object);
		object =
		    proxy_answers(s) ? session_read(s, NULL, &pidfd) : NULL;
	}
	*error = reply_error(object);
	if (!*error && pidfd < 0)
		*error = "the session gave no descriptor";
	return *error ? -1 : pidfd;
}

/* Whether the current directory is in the session's project. */
static int
is_here(const char *name, const char *cwd)
{
	struct session s;
	json_t *status;
	const char *project;
	int here = 0;
	size_t n;

	if (session_try(&s, name) < 0)
		return 0;
	status = session_ask(&s, "status", NULL, NULL);
	project = json_string_value(json_object_get(status, "project"));
	if (project) {
		n = strlen(project);
		here = strncmp(cwd, project, n) == 0 &&
		       (cwd[n] == '/' || cwd[n] == '\0');
	}
	json_decref(status);
	session_close(&s);
	return here;
}

static const char *
choose_session(const struct strv *names)
{
	const char *chosen = NULL;
	char cwd[PATH_MAX];

	if (names->n == 1)
		return names->v[0];
	if (names->n == 0)
		die(ERR_TOOL, "no pen is running");
	for (size_t i = 0; getcwd(cwd, sizeof(cwd)) && i < names->n; i++) {
		if (!is_here(names->v[i], cwd))
			continue;
		if (chosen)
			die_hint(
			    "pen-ctl ls lists them; --pen names one",
			    "more than one pen is running in this project");
		chosen = names->v[i];
	}
	if (!chosen)
		die_hint("pen-ctl ls lists them; --pen names one",
			 "%zu pens are running, none of them in this directory",
			 names->n);
	return chosen;
}

void
session_open(struct session *s, const char *name)
{
	struct strv names = {0};

	if (!name) {
		if (control_list(&names) < 0)
			die(ERR_TOOL, "cannot list the sessions: %m");
		name = choose_session(&names);
	}
	if (session_try(s, name) < 0)
		die(ERR_TOOL,
		    errno == ENOENT ? "there is no session '%s'"
				    : "cannot reach the session "
				      "'%s': %m",
		    name);
}
