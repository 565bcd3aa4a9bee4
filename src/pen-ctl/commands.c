#include "pen-ctl/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/control.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/rule.h"
#include "pen-ctl/questions.h"
#include "pen-ctl/verbs.h"

/* What a command gets. */
struct call {
	struct commands *console;
	const char *command, *args[3]; /* "" where there is none */
	unsigned n;
};

typedef int command_fn(const struct call *c);

struct command {
	const char *name, *usage, *help;
	command_fn *fn;
	unsigned least, most; /* arguments */
};

static command_fn help, status, mounts, ports, carry, env, log_lines, denied,
    budget, rules, allow, deny, undo, suspend, quit;

static const struct command commands[] = {
    {"help", "", "list the commands", help, 0, 0},
    {"status", "", "the pen, its rules and its connections", status, 0, 0},
    {"denied", "", "what was refused, and the rule that would allow it", denied,
     0, 0},
    {"log", "[N]", "the last N decisions (20)", log_lines, 0, 1},
    {"rules", "", "what was allowed and denied here", rules, 0, 0},
    {"allow", "RULE [10m|always]", "allow a name, at once", allow, 1, 2},
    {"deny", "RULE [10m|always]", "deny a name, and cut its connections", deny,
     1, 2},
    {"undo", "RULE [always]", "take back an allow or deny", undo, 1, 2},
    {"mounts", "", "which files are there, as pen-ns(1) has it", mounts, 0, 0},
    {"ports", "", "what listens inside, published and reached ports", ports, 0,
     0},
    {"publish", "[HOSTPORT:]PORT", "make a port inside reachable on localhost",
     carry, 1, 1},
    {"reach", "PORT", "make a port of the host's localhost reachable inside",
     carry, 1, 1},
    {"unpublish", "[HOSTPORT:]PORT", "take back a publish", carry, 1, 1},
    {"unreach", "PORT", "take back a reach", carry, 1, 1},
    {"budget", "[[NAME] KIND=+NUMBER]",
     "what is used and allowed; raise it: requests=+200", budget, 0, 2},
    {"env", "", "the variables that the program was started with", env, 0, 0},
    {"suspend", "", "stop pen-shell and all that runs inside, until fg",
     suspend, 0, 0},
    {"quit", "", "hang up, and end all that runs inside", quit, 0, 0},
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static int
help(const struct call *c)
{
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-9s %-19s %s\n", commands[i].name, commands[i].usage,
		       commands[i].help);
	if (c->console->watch.shown)
		puts("Or an answer: " QUESTIONS_ANSWERS ".");
	printf("An empty line or Ctrl-D goes back; %s sends that key to the "
	       "program.\n",
	       c->console->escape);
	return COMMANDS_STAY;
}

/*
 * One of pen-ctl's verbs, in a process of its own: what fails there ends that.
 * What is NULL or "" is no word of it.  Returns whether it went well.
 */
static int
run_words(const struct commands *c, const char *const words[3],
	  const char *life)
{
	int always = strcmp(life, "always") == 0, status = -1;
	struct ctl ctl = {.pen = c->pen,
			  .lifetime = always ? "session" : life,
			  .lasting = always ? ALWAYS : SESSION,
			  .spoken = 1,
			  .desk = -1,
			  .about = -1};
	pid_t pid;

	if (c->watch.events.fd < 0) {
		puts("this pen has no proxy to ask: it is offline, or not up "
		     "yet");
		return 0;
	}
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		err_write = NULL; /* what it says is for the user at once */
		for (int i = 0; i < 3; i++)
			if (words[i] && *words[i])
				strv_push(&ctl.words, words[i]);
		verbs_run(&ctl);
		_exit(0);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0;
}

static int
run_verb(const struct commands *c, const char *verb, const char *rule,
	 const char *life)
{
	const char *const words[3] = {verb, rule, NULL};

	return run_words(c, words, life);
}

static int
status(const struct call *c)
{
	static const char *const names[] = {
	    "network", "clipboard", "notifications", "title", "notice", NULL};

	run_verb(c->console, "status", NULL, "session");
	about_settings(&c->console->about, names);
	return COMMANDS_STAY;
}

static int
mounts(const struct call *c)
{
	about_mounts(&c->console->about);
	return COMMANDS_STAY;
}

static int
ports(const struct call *c)
{
	static const char *const names[] = {"publish", "reach", NULL};

	if (c->console->watch.events.fd < 0)
		about_settings(&c->console->about, names);
	else
		run_verb(c->console, "ports", NULL, "session");
	return COMMANDS_STAY;
}

static int
carry(const struct call *c)
{
	if (run_verb(c->console, c->command, c->args[0], "session"))
		printf("%s %s\n", c->command, c->args[0]);
	return COMMANDS_STAY;
}

static int
budget(const struct call *c)
{
	const char *const words[3] = {"budget", c->args[0], c->args[1]};

	if (run_words(c->console, words, "session") && c->n)
		printf("budget %s %s\n", c->args[0], c->args[1]);
	return COMMANDS_STAY;
}

static int
env(const struct call *c)
{
	about_env(&c->console->about);
	return COMMANDS_STAY;
}

static int
denied(const struct call *c)
{
	run_verb(c->console, "denied", NULL, "session");
	return COMMANDS_STAY;
}

static int
rules(const struct call *c)
{
	run_verb(c->console, "rules", NULL, "session");
	return COMMANDS_STAY;
}

static int
log_lines(const struct call *c)
{
	const struct watch *w = &c->console->watch;
	size_t have = w->lines_n < WATCH_LINES ? w->lines_n : WATCH_LINES;
	unsigned long want = 20;

	if (c->n && num_parse(c->args[0], 10, WATCH_LINES, &want) < 0) {
		printf("'%s' is not a number up to %d\n", c->args[0],
		       WATCH_LINES);
		return COMMANDS_STAY;
	}
	if (want > have)
		want = have;
	if (want == 0)
		puts("nothing was decided since the console is there");
	for (size_t i = w->lines_n - want; i < w->lines_n; i++)
		puts(w->lines[i % WATCH_LINES].text);
	return COMMANDS_STAY;
}

/* Says what holds now. */
static int
change(const struct call *c, const char *verb)
{
	const char *life = c->n > 1 ? c->args[1] : "session";
	struct rule r;
	const char *why = rule_parse(c->args[0], &r);
	char rule[RULE_TEXT];

	if (why) {
		printf("'%s': %s\n", c->args[0], why);
		return COMMANDS_STAY;
	}
	rule_format(&r, rule, sizeof(rule));
	if (!run_verb(c->console, verb, rule, life))
		return COMMANDS_STAY;
	if (strcmp(life, "always") == 0)
		life = "for good";
	else if (strcmp(verb, "undo") == 0)
		life = "as it was";
	else if (strcmp(life, "session") == 0)
		life = "until the pen ends";
	printf("%s %s: %s\n", verb, rule, life);
	return COMMANDS_STAY;
}

static int
allow(const struct call *c)
{
	return change(c, "allow");
}

static int
deny(const struct call *c)
{
	return change(c, "deny");
}

static int
undo(const struct call *c)
{
	return change(c, "undo");
}

static int
suspend(const struct call *c)
{
	(void)c;
	return DESK_SUSPEND;
}

static int
quit(const struct call *c)
{
	(void)c;
	return DESK_QUIT;
}

/* The console says what became of it, when the proxy does. */
static int
give_answer(const struct call *c, const char *how)
{
	struct watch *w = &c->console->watch;
	struct call allowing = {
	    c->console, "allow", {w->open[0].rule, how, ""}, 2};
	char *request;

	if (w->open_n == 0 || w->open[0].id != w->shown)
		return COMMANDS_STAY; /* over by now */
	if (strcmp(how, "always") == 0)
		return change(&allowing, "allow");
	request = mem_printf("answer %lu %s", w->shown, how);
	if (control_send(w->questions.fd, request) < 0)
		printf("cannot answer: %s\n", strerror(errno));
	free(request);
	return COMMANDS_STAY;
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int
commands_run(struct commands *console, char *line)
{
	struct call call = {console, "", {"", "", ""}, 0};
	const struct command *command;
	const char *how = console->watch.shown ? questions_answer(line) : NULL;
	char *save, *name = strtok_r(line, " \t", &save), *word;

	if (how)
		return give_answer(&call, how);
	command = name ? find_command(name) : NULL;
	if (!command) {
		printf("there is no command '%s'; 'help' lists them\n",
		       name ? name : "");
		return COMMANDS_STAY;
	}
	while ((word = strtok_r(NULL, " \t", &save)) && call.n < 3)
		call.args[call.n++] = word;
	if (call.n < command->least || call.n > command->most) {
		printf("usage: %s %s\n", command->name, command->usage);
		return COMMANDS_STAY;
	}
	call.command = command->name;
	return command->fn(&call);
}

/* The i-th of the words that may stand behind before. */
static const char *
candidate_word(const struct watch *w, const char *before, size_t i)
{
	static const char *const lifetimes[] = {"10m", "1h", "session",
						"always"};
	char verb[16] = "";
	int words = sscanf(before, "%15s %*s", verb);
	const char *rest = before + strspn(before, " \t");

	rest += strcspn(rest, " \t");
	rest += strspn(rest, " \t");
	if (words < 1)
		return i < COMMANDS ? commands[i].name : NULL;
	if (strcmp(verb, "allow") != 0 && strcmp(verb, "deny") != 0 &&
	    strcmp(verb, "undo") != 0)
		return NULL;
	if (*rest == '\0') /* the name refused last is the first */
		return i < w->names_n ? w->names[w->names_n - 1 - i] : NULL;
	return *verb != 'u' && i < 4 ? lifetimes[i] : NULL;
}

char *
commands_complete(const struct commands *c, const char *before,
		  const char *text, int state)
{
	const char *word;
	int found = 0;

	for (size_t i = 0; (word = candidate_word(&c->watch, before, i)); i++)
		if (strncmp(word, text, strlen(text)) == 0 && found++ == state)
			return mem_copy(word);
	return NULL;
}
