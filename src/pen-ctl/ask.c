/*
 * What is typed before a question is on the screen must not answer it: what the
 * terminal holds is dropped when one is shown, and a line that arrives within a
 * second of that is taken for typed blindly.
 */
#include "pen-ctl/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/control.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/rule.h"
#include "pen-ctl/conf.h"
#include "pen-ctl/questions.h"
#include "pen-ctl/reply.h"
#include "pen-ctl/session.h"

/* As many sessions at a time; further ones wait until one has ended. */
#define SESSIONS_MAX 64

#define BLIND_MS 1000

struct listened {
	struct session s;
	char *agent, *project;
};

struct question {
	struct question *next;
	struct listened *of;
	long long id;
	char *rule;	    /* made visible */
	long long shown_at; /* ms, the first time; 0: not yet */
};

struct asker {
	struct listened *sessions[SESSIONS_MAX];
	size_t n;
	struct question *questions; /* the first is on the screen */
};

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
print_text(const char *text)
{
	fputs(text, stdout);
	if (fflush(stdout) != 0)
		die(ERR_TOOL, "cannot write: %m");
}

/*
 * A notification on the desktop, where there is notify-send(1).  It only says
 * that there is a question: the answer is given here.
 */
static void
notify(const struct question *q)
{
	char *program =
	    getenv("DBUS_SESSION_BUS_ADDRESS") || getenv("XDG_RUNTIME_DIR")
		? chain_find("notify-send")
		: NULL;
	char *text =
	    mem_printf("%s?  Answer it where pen-ctl ask runs.", q->rule);
	char *argv[] = {
	    program,	    mem_copy("--app-name=pen"),
	    mem_copy("--"), mem_printf("pen: %s asks", q->of->agent),
	    text,	    NULL};

	if (program && fork() == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		/* what is wrong with the desktop is not to hide the question */
		for (int fd = 0; fd <= STDERR_FILENO; fd++)
			dup2(null, fd);
		execv(program, argv);
		_exit(ERR_NOTFOUND);
	}
	free(program);
	for (size_t i = 1; argv[i]; i++)
		free(argv[i]);
}

static void
show_first(struct asker *a)
{
	struct question *q = a->questions;
	char *text;

	if (!q)
		return;
	text = mem_printf("\n%s in %s\nwants  %s\n" QUESTIONS_ANSWERS ": ",
			  q->of->agent, q->of->project, q->rule);
	tcflush(STDIN_FILENO, TCIFLUSH);
	print_text(text);
	free(text);
	if (!q->shown_at)
		q->shown_at = now_ms();
}

static void
add_question(struct asker *a, struct listened *of, const json_t *object)
{
	struct question **at = &a->questions, *q;
	long long id = json_integer_value(json_object_get(object, "id"));
	char *text = reply_text(object, "rule");
	struct rule r;

	if (rule_parse(text, &r)) {
		free(text);
		return; /* no proxy of ours says that */
	}
	for (; *at; at = &(*at)->next)
		if ((*at)->of == of && (*at)->id == id) {
			free(text);
			return;
		}
	q = mem_alloc(sizeof(*q));
	*q = (struct question){.of = of, .id = id, .rule = text};
	*at = q;
	notify(q);
	if (q == a->questions)
		show_first(a);
}

/* Takes out those that fit; id -1 is every one of the session. */
static void
drop_questions(struct asker *a, const struct listened *of, long long id,
	       const char *why)
{
	struct question **at = &a->questions;
	int first = 0;

	while (*at) {
		struct question *q = *at;

		if (q->of != of || (id >= 0 && q->id != id)) {
			at = &q->next;
			continue;
		}
		first |= q == a->questions;
		*at = q->next;
		free(q->rule);
		free(q);
	}
	if (!first)
		return;
	print_text(why);
	show_first(a);
}

static void
take_object(struct asker *a, struct listened *of, const json_t *object)
{
	char *kind = reply_text(object, "kind");
	char *verdict = reply_text(object, "verdict");
	char *text;

	if (strcmp(kind, "ask") == 0) {
		add_question(a, of, object);
	} else if (strcmp(kind, "answered") == 0) {
		text = mem_printf("(%s)\n", verdict);
		drop_questions(
		    a, of, json_integer_value(json_object_get(object, "id")),
		    text);
		free(text);
	} else if (json_is_false(json_object_get(object, "ok"))) {
		err_warn("%s", reply_error(object));
	}
	free(kind);
	free(verdict);
}

static void
end_session(struct asker *a, size_t i)
{
	struct listened *of = a->sessions[i];

	a->sessions[i] = a->sessions[--a->n];
	drop_questions(a, of, -1, "(the session is over)\n");
	session_close(&of->s);
	free(of->agent);
	free(of->project);
	free(of);
}

static int
is_listened(const struct asker *a, const char *name)
{
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->sessions[i]->s.name, name) == 0)
			return 1;
	return 0;
}

/* Takes over s. */
static void
begin_session(struct asker *a, struct session *s)
{
	struct listened *of = mem_alloc(sizeof(*of));
	json_t *status = session_ask(s, "status", NULL, NULL);

	*of = (struct listened){*s, reply_text(status, "agent"),
				reply_text(status, "project")};
	json_decref(status);
	a->sessions[a->n++] = of;
	if (control_send(of->s.fd, "ask") < 0)
		end_session(a, a->n - 1);
}

/* Sessions that were not there before. */
static void
find_sessions(struct asker *a)
{
	struct strv names = {0};

	if (control_list(&names) < 0)
		die(ERR_TOOL, "cannot list the sessions: %m");
	for (size_t i = 0; i < names.n; i++) {
		struct session s;

		if (a->n < SESSIONS_MAX && !is_listened(a, names.v[i]) &&
		    session_try(&s, names.v[i]) == 0)
			begin_session(a, &s);
		free(names.v[i]);
	}
	free(names.v);
}

static void
answer(struct asker *a, const char *how)
{
	const struct question *q = a->questions;
	struct conf_place place = {q->of->project, "allow"};
	int always = strcmp(how, "always") == 0;
	char *request =
	    mem_printf("answer %lld %s", q->id, always ? "session" : how);

	if (always && *q->of->project == '/')
		conf_add(&place, q->rule);
	else if (always)
		err_warn("the session has no project: until it ends, then");
	if (control_send(q->of->s.fd, request) < 0)
		err_warn("cannot answer: %m");
	free(request);
}

/* A line from the terminal. */
static void
take_line(struct asker *a)
{
	char line[64];
	ssize_t n = read(STDIN_FILENO, line, sizeof(line) - 1);
	const char *how;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0)
		exit(0); /* the end of input: Ctrl-D */
	if (!a->questions)
		return;
	if (now_ms() - a->questions->shown_at < BLIND_MS) {
		print_text("(that was typed before this could be read)");
		show_first(a);
		return;
	}
	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	how = questions_answer(line);
	if (how)
		answer(a, how);
	else
		print_text("one of the letters o, t, s, a, d: ");
}

static void
serve_once(struct asker *a, int watch)
{
	struct pollfd p[SESSIONS_MAX + 2] = {{STDIN_FILENO, POLLIN, 0},
					     {watch, POLLIN, 0}};
	size_t n = a->n;
	char events[4096];

	for (size_t i = 0; i < n; i++)
		p[2 + i] = (struct pollfd){a->sessions[i]->s.fd, POLLIN, 0};
	if (poll(p, n + 2, -1) < 0)
		return;
	/* the terminal first: a line is for what it was typed under */
	if (p[0].revents)
		take_line(a);
	for (size_t i = n; i-- > 0;) {
		json_t *object;

		if (!p[2 + i].revents)
			continue;
		object = session_read(&a->sessions[i]->s, NULL, NULL);
		if (object)
			take_object(a, a->sessions[i], object);
		else
			end_session(a, i);
		json_decref(object);
	}
	if (watch >= 0 && p[1].revents && read(watch, events, sizeof(events)))
		find_sessions(a);
}

/* Told when a session begins: its directory is made. */
static int
watch_sessions(void)
{
	char *dir = control_directory();
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (!dir || fd < 0 || inotify_add_watch(fd, dir, IN_CREATE) < 0)
		die_hint("start a pen first", "cannot watch for sessions: %m");
	free(dir);
	return fd;
}

void
ask_run(const char *pen)
{
	struct sigaction reap = {.sa_handler = SIG_IGN,
				 .sa_flags = SA_NOCLDWAIT};
	struct asker a = {0};
	int watch = -1;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		die(ERR_TOOL, "ask: questions are answered at a terminal");
	sigaction(SIGCHLD, &reap, NULL);
	if (pen) {
		struct session s;

		session_open(&s, pen);
		begin_session(&a, &s);
	} else {
		watch = watch_sessions();
		find_sessions(&a);
	}
	if (!a.questions)
		print_text(
		    "Waits for questions of pens that ask (ask = true); Ctrl-C "
		    "ends.\n");
	while (watch >= 0 || a.n > 0)
		serve_once(&a, watch);
}
