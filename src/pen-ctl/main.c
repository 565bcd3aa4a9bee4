/* pen-ctl: asks the running pens, and changes what they allow. */
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
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/rule.h"
#include "pen-ctl/ask.h"
#include "pen-ctl/conf.h"
#include "pen-ctl/session.h"
#include "pen-ctl/show.h"

/* As docker stop: time to end by itself. */
#define STOP_MS 5000

enum lasting { SESSION, ALWAYS, EVERYWHERE };

struct ctl {
	const char *pen;
	const char *lifetime; /* of a live rule */
	enum lasting lasting;
	int json;
	struct strv words; /* the command and its operands */
};

#define OPT(name, fn, args, help) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_pen(void *cfg, char **args)
{
	((struct ctl *)cfg)->pen = args[0];
}

static void
take_for(void *cfg, char **args)
{
	((struct ctl *)cfg)->lifetime = args[0];
	((struct ctl *)cfg)->lasting = SESSION;
}

static void
take_session(void *cfg, char **args)
{
	(void)args;
	((struct ctl *)cfg)->lifetime = "session";
	((struct ctl *)cfg)->lasting = SESSION;
}

static void
take_always(void *cfg, char **args)
{
	take_session(cfg, args);
	((struct ctl *)cfg)->lasting = ALWAYS;
}

static void
take_everywhere(void *cfg, char **args)
{
	take_session(cfg, args);
	((struct ctl *)cfg)->lasting = EVERYWHERE;
}

static void
take_json(void *cfg, char **args)
{
	(void)args;
	((struct ctl *)cfg)->json = 1;
}

static const struct opt options[] = {
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options] ls | status | denied | rules | events | ask | stop\n"
	     "       pen-ctl [options] allow | deny | undo RULE...",
    .purpose = "Asks the running pens, and changes what they allow.",
    .opts = options,
};

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
check(const json_t *last)
{
	const char *error = session_error(last);

	if (error)
		die(ERR_TOOL, "%s", error);
}

static void
status(struct ctl *c)
{
	struct session s;
	json_t *last;

	session_open(&s, c->pen);
	last = session_ask(&s, "status", NULL, NULL);
	check(last);
	if (c->json)
		show_json(NULL, last);
	else
		show_status(last);
}

static void
denied(struct ctl *c)
{
	struct session s;

	session_open(&s, c->pen);
	if (!c->json)
		show_refusal_head();
	check(session_ask(&s, "denied", c->json ? show_json : show_refusal,
			  NULL));
}

static void
rules(struct ctl *c)
{
	struct session s;

	session_open(&s, c->pen);
	check(session_ask(&s, "rules", c->json ? show_json : show_rule, NULL));
}

/* The log's lines are JSON in any case. */
static void
events(struct ctl *c)
{
	struct session s;
	json_t *object;

	session_open(&s, c->pen);
	check(session_ask(&s, "events", NULL, NULL));
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
ends(int pidfd, int ms)
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
	check(last);
	if (pidfd < 0)
		die(ERR_TOOL, "the session gave no descriptor");
	signal_it(pidfd, SIGTERM);
	signal_it(pidfd, SIGCONT); /* a stopped one would not notice */
	if (ends(pidfd, STOP_MS))
		return;
	signal_it(pidfd, SIGKILL);
	ends(pidfd, -1);
}

/* The project of the session, for its section in pen.conf. */
static const char *
project_of(struct session *s)
{
	json_t *last = session_ask(s, "status", NULL, NULL);
	const char *project;

	check(last);
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
	error = session_error(session_ask(s, request, NULL, NULL));
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
		const char *why = rule_parse(c->words.v[i], &r);

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

static const struct {
	const char *name;
	void (*run)(struct ctl *c);
	int rules; /* whether any follow */
} commands[] = {
    {"ls", list, 0},	 {"status", status, 0}, {"denied", denied, 0},
    {"rules", rules, 0}, {"events", events, 0}, {"stop", stop, 0},
    {"ask", ask, 0},	 {"allow", change, 1},	{"deny", change, 1},
    {"undo", change, 1},
};

/* Options may follow the command, and its operands. */
static void
parse(struct ctl *c, int argc, char **argv)
{
	int i = opt_parse(&tool, c, argc, argv);

	while (i < argc) {
		if (strcmp(argv[i - 1], "--") == 0) {
			while (i < argc)
				strv_push(&c->words, argv[i++]);
			break;
		}
		strv_push(&c->words, argv[i]);
		i += opt_parse(&tool, c, argc - i, argv + i);
	}
}

int
main(int argc, char **argv)
{
	struct ctl c = {.lifetime = "session"};

	err_prog = "pen-ctl";
	parse(&c, argc, argv);
	if (c.words.n == 0)
		die_hint("pen-ctl --help lists the commands", "no command");
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		if (strcmp(c.words.v[0], commands[i].name) != 0)
			continue;
		if (commands[i].rules != (c.words.n > 1))
			die(ERR_TOOL,
			    commands[i].rules ? "%s: no rule is given"
					      : "%s takes no operand",
			    commands[i].name);
		commands[i].run(&c);
		if (fflush(stdout) != 0)
			die(ERR_TOOL, "cannot write: %m");
		return 0;
	}
	die_hint("pen-ctl --help lists the commands", "unknown command '%s'",
		 c.words.v[0]);
}
