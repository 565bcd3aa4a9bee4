#include "pen-ctl/verbs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/err.h"
#include "lib/rule.h"
#include "pen-ctl/ask.h"
#include "pen-ctl/budget.h"
#include "pen-ctl/conf.h"
#include "pen-ctl/inside.h"
#include "pen-ctl/drafts.h"
#include "pen-ctl/ports.h"
#include "pen-ctl/reply.h"
#include "pen-ctl/session.h"
#include "pen-ctl/show.h"

/* As docker stop: time to end by itself. */
#define STOP_MS 5000

static void
list(struct ctl *c)
{
	struct strv names = {0};
	int head = c->json;

	if (control_list(&names) < 0)
		die(ERR_TOOL, "cannot list the sessions: %m");
	for (size_t i = 0; i < names.n; i++) {
		struct session s;
		json_t *status;

		if (session_try(&s, names.v[i]) < 0)
			continue; /* it has ended since */
		status = session_ask(&s, "status", NULL, NULL);
		if (status && !head++)
			show_session_head();
		if (status && c->json)
			show_json(NULL, status);
		else if (status)
			show_session(status);
		json_decref(status);
		session_close(&s);
	}
}

static void
check_reply(const json_t *last)
{
	const char *error = reply_error(last);

	if (error)
		die(ERR_TOOL, "%s", error);
}

/* What is written there is in memory: a build that fails may have no room. */
static void
show_room(struct session *s)
{
	const char *const dirs[] = {"/tmp", getenv("HOME")};
	const char *error;
	int pidfd = session_process(s, "ports", NULL, NULL, &error);

	for (size_t i = 0; pidfd >= 0 && i < sizeof(dirs) / sizeof(*dirs);
	     i++) {
		unsigned long long used, size;

		if (dirs[i] && *dirs[i] == '/' &&
		    inside_room(pidfd, dirs[i], &used, &size) == 0)
			printf("%-12s %llu of %llu MB in %s (tmp_size)\n",
			       used > size - size / 50 ? "FULL" : "used",
			       used >> 20, size >> 20, dirs[i]);
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void
status(struct ctl *c)
{
	struct session s;
	json_t *last;

	session_open(&s, c->pen);
	last = session_ask(&s, "status", NULL, NULL);
	check_reply(last);
	if (c->json)
		show_json(NULL, last);
	else {
		show_status(last);
		show_room(&s);
	}
}

/* An item a line; or NONE, if there are none. */
static void
show_some(const struct ctl *c, struct session *s, const char *request,
	  session_fn *show, const char *none)
{
	struct show_list list = {.spoken = c->spoken};

	check_reply(session_ask(s, request, c->json ? show_json : show, &list));
	if (!c->json && list.n == 0 && none)
		puts(none);
}

static void
denied(struct ctl *c)
{
	struct session s;

	session_open(&s, c->pen);
	show_some(c, &s, "denied", show_refusal, "nothing was refused");
}

static void
rules(struct ctl *c)
{
	struct session s;

	session_open(&s, c->pen);
	show_some(c, &s, "rules", show_rule,
		  c->spoken ? "nothing was allowed or denied here" : NULL);
}

/* The log's lines are JSON in any case. */
static void
events(struct ctl *c)
{
	struct session s;
	json_t *object;

	session_open(&s, c->pen);
	check_reply(session_ask(&s, "events", NULL, NULL));
	while ((object = session_read(&s, NULL, NULL))) {
		show_json(NULL, object);
		if (fflush(stdout) != 0)
			die(ERR_TOOL, "cannot write: %m");
		json_decref(object);
	}
}

static void
signal_it(int pidfd, int signo)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0) < 0 &&
	    errno != ESRCH)
		die(ERR_TOOL, "cannot signal the program: %m");
}

/* Whether the process has ended, or does within ms. */
static int
ends_within(int pidfd, int ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int r;

	while ((r = poll(&p, 1, ms)) < 0 && errno == EINTR)
		;
	return r > 0;
}

/* By a descriptor that the session has held since before there was a program.
 */
static void
stop(struct ctl *c)
{
	struct session s;
	json_t *last;
	int pidfd;

	session_open(&s, c->pen);
	if (control_send(s.fd, "stop") < 0)
		die(ERR_TOOL, "cannot ask the session: %m");
	last = session_read(&s, NULL, &pidfd);
	check_reply(last);
	if (pidfd < 0)
		die(ERR_TOOL, "the session gave no descriptor");
	signal_it(pidfd, SIGTERM);
	signal_it(pidfd, SIGCONT); /* a stopped one would not notice */
	if (ends_within(pidfd, STOP_MS))
		return;
	signal_it(pidfd, SIGKILL);
	ends_within(pidfd, -1);
}

/* The project of the session, for its section in pen.conf. */
static const char *
project_of(struct session *s)
{
	json_t *last = session_ask(s, "status", NULL, NULL);
	const char *project;

	check_reply(last);
	project = json_string_value(json_object_get(last, "project"));
	if (!project || *project != '/')
		die_hint("--everywhere is for the profile 'default'",
			 "the session '%s' has no project", s->name);
	return project;
}

/* pen.conf first: a rule that it cannot take is not for the session either. */
static void
change_one(struct ctl *c, struct session *s, const char *verb,
	   const struct conf_place *place, const char *rule)
{
	int undo = strcmp(verb, "undo") == 0, undone = 0;
	const char *error;
	char *request;

	if (place && undo) {
		struct conf_place other = *place;

		undone = conf_remove(place, rule);
		other.key = "deny";
		undone |= conf_remove(&other, rule);
	} else if (place) {
		conf_add(place, rule);
	}
	if (s->fd < 0)
		return;
	request = undo ? mem_printf("undo %s", rule)
		       : mem_printf("%s %s %s", verb, c->lifetime, rule);
	error = reply_error(session_ask(s, request, NULL, NULL));
	if (error && !undone)
		die(ERR_TOOL, "%s '%s': %s%s", verb, rule,
		    place && !undo
			? "in pen.conf now, but not in this session: "
			: "",
		    error);
	free(request);
}

static void
change(struct ctl *c)
{
	const char *verb = c->words.v[0];
	struct session s = {.fd = -1};
	struct conf_place place = {.key =
				       strcmp(verb, "deny") ? "allow" : "deny"};
	struct strv running = {0};

	for (size_t i = 1; i < c->words.n; i++) {
		struct rule r;
		const char *why = strcmp(verb, "allow") == 0
				      ? rule_parse_allow(c->words.v[i], &r)
				      : rule_parse(c->words.v[i], &r);

		if (why)
			die(ERR_TOOL, "%s '%s': %s", verb, c->words.v[i], why);
	}
	/* what is for everywhere needs no pen to be running */
	if (c->lasting != EVERYWHERE || c->pen ||
	    (control_list(&running) == 0 && running.n == 1))
		session_open(&s, c->pen);
	if (c->lasting == ALWAYS)
		place.project = project_of(&s);
	for (size_t i = 1; i < c->words.n; i++)
		change_one(c, &s, verb, c->lasting == SESSION ? NULL : &place,
			   c->words.v[i]);
}

static void
ask(struct ctl *c)
{
	ask_run(c->pen);
}

static void
ports(struct ctl *c)
{
	ports_show(c->pen, c->json     ? PORTS_JSON
			   : c->spoken ? PORTS_SPOKEN
				       : PORTS_TABLE);
}

static void
carry(struct ctl *c)
{
	ports_add(c->pen, &c->words);
}

static void
uncarry(struct ctl *c)
{
	ports_remove(c->pen, &c->words);
}

static void
budget(struct ctl *c)
{
	if (c->words.n == 1)
		budget_show(c->pen, c->json, c->spoken);
	else
		budget_raise(c->pen, &c->words);
}

static void
drafts(struct ctl *c)
{
	drafts_print(c->json);
}

static const struct {
	const char *name;
	void (*run)(struct ctl *c);
	const char *operand; /* what follows, "" if it may, or NULL */
} verbs[] = {
    {"ls", list, NULL},		  {"status", status, NULL},
    {"denied", denied, NULL},	  {"rules", rules, NULL},
    {"events", events, NULL},	  {"stop", stop, NULL},
    {"ask", ask, NULL},		  {"allow", change, "rule"},
    {"deny", change, "rule"},	  {"undo", change, "rule"},
    {"ports", ports, NULL},	  {"publish", carry, "port"},
    {"reach", carry, "port"},	  {"unpublish", uncarry, "port"},
    {"unreach", uncarry, "port"}, {"drafts", drafts, NULL},
    {"budget", budget, ""},
};

void
verbs_run(struct ctl *c)
{
	const char *name = c->words.v[0];

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(name, verbs[i].name) != 0)
			continue;
		if (verbs[i].operand && *verbs[i].operand && c->words.n == 1)
			die(ERR_TOOL, "%s: no %s is given", name,
			    verbs[i].operand);
		if (!verbs[i].operand && c->words.n > 1)
			die(ERR_TOOL, "%s takes no operand", name);
		verbs[i].run(c);
		if (fflush(stdout) != 0)
			die(ERR_TOOL, "cannot write: %m");
		return;
	}
	die_hint("pen-ctl --help lists the commands", "unknown command '%s'",
		 name);
}
