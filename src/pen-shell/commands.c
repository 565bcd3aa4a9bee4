#include "pen-shell/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/rule.h"
#include "pen-shell/object.h"

/* What a command gets. */
struct call {
	const struct console_config *config;
	struct session *session;
	const char *args[3]; /* "" where there is none */
	unsigned n;
};

typedef enum console_wish command_fn(const struct call *c);

struct command {
	const char *name, *usage, *help;
	command_fn *fn;
	unsigned least, most; /* arguments */
};

static command_fn help, status, mounts, ports, env, log_lines, denied, rules,
	allow, deny, undo, suspend, quit;

static const struct command commands[] = {
	{"help", "", "list the commands", help, 0, 0},
	{"status", "", "the pen, its rules and its connections", status, 0, 0},
	{"denied", "", "what was refused, and the rule that would allow it",
	 denied, 0, 0},
	{"log", "[N]", "the last N decisions (20)", log_lines, 0, 1},
	{"rules", "", "what was allowed and denied here", rules, 0, 0},
	{"allow", "RULE [10m|always]", "allow a name, at once", allow, 1, 2},
	{"deny", "RULE [10m|always]", "deny a name, and cut its connections",
	 deny, 1, 2},
	{"undo", "RULE [always]", "take back an allow or deny", undo, 1, 2},
	{"mounts", "", "which files are there, as pen-ns(1) has it", mounts, 0,
	 0},
	{"ports", "", "published and reached ports", ports, 0, 0},
	{"env", "", "the variables that the program was started with", env, 0,
	 0},
	{"suspend", "", "stop pen-shell and all that runs inside, until fg",
	 suspend, 0, 0},
	{"quit", "", "hang up, and end all that runs inside", quit, 0, 0},
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static enum console_wish
help(const struct call *c)
{
	for (size_t i = 0; i < COMMANDS; i++)
		printf("  %-7s %-19s %s\n", commands[i].name, commands[i].usage,
		       commands[i].help);
	if (c->session->shown)
		puts("Or an answer: " COMMANDS_ANSWERS ".");
	printf("An empty line or Ctrl-D goes back; %s sends that key to the "
	       "program.\n",
	       c->config->escape);
	return CONSOLE_STAY;
}

/* Asks, and says why there is no answer.  Returns whether there was one. */
static int
ask(const struct call *c, const char *request,
    void (*each)(const char *object, void *arg), void *arg)
{
	const char *why = session_ask(c->session, request, each, arg);
	char text[512];

	if (why)
		printf("%s\n",
		       err_visible(text, sizeof(text), why, strlen(why)));
	return !why;
}

static void
print_status(const char *object, void *arg)
{
	static const char *const keys[] = {
		"session", "agent",	  "project",  "since", "log",
		"ports",   "connections", "refusals", "rules", "asks"};
	char value[1024];

	(void)arg;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (object_get(object, keys[i], value, sizeof(value)) == 0)
			printf("%-12s%s\n", keys[i], value);
}

static enum console_wish
status(const struct call *c)
{
	static const char *const names[] = {"network", "clipboard",
					    "notifications", "title", "notice",
					    NULL};

	ask(c, "status", print_status, NULL);
	about_settings(c->config->about, names, stdout);
	return CONSOLE_STAY;
}

static enum console_wish
mounts(const struct call *c)
{
	about_mounts(c->config->about, stdout);
	return CONSOLE_STAY;
}

static enum console_wish
ports(const struct call *c)
{
	static const char *const names[] = {"publish", "reach", NULL};

	about_settings(c->config->about, names, stdout);
	return CONSOLE_STAY;
}

static enum console_wish
env(const struct call *c)
{
	about_env(c->config->about, stdout);
	return CONSOLE_STAY;
}

static void
print_denied(const char *object, void *arg)
{
	char name[272], port[8], count[24], why[80], rule[300];

	if (object_get(object, "name", name, sizeof(name)) < 0)
		return;
	++*(unsigned *)arg;
	object_get(object, "port", port, sizeof(port));
	object_get(object, "count", count, sizeof(count));
	object_get(object, "why", why, sizeof(why));
	printf("%s%s%s", name, strcmp(port, "0") == 0 ? "" : " port ",
	       strcmp(port, "0") == 0 ? "" : port);
	if (strcmp(count, "1") != 0)
		printf(", %s times", count);
	printf(": %s", why);
	if (object_get(object, "allow", rule, sizeof(rule)) == 0 && *rule)
		printf("; allow %s", rule);
	puts("");
}

static enum console_wish
denied(const struct call *c)
{
	unsigned n = 0;

	if (ask(c, "denied", print_denied, &n) && n == 0)
		puts("nothing was refused");
	return CONSOLE_STAY;
}

static void
print_rule(const char *object, void *arg)
{
	char verdict[16], rule[300], seconds[24];

	if (object_get(object, "rule", rule, sizeof(rule)) < 0)
		return;
	++*(unsigned *)arg;
	object_get(object, "verdict", verdict, sizeof(verdict));
	printf("%s %s", verdict, rule);
	if (object_get(object, "seconds", seconds, sizeof(seconds)) == 0)
		printf(", %s s left", seconds);
	puts("");
}

static enum console_wish
rules(const struct call *c)
{
	unsigned n = 0;

	if (ask(c, "rules", print_rule, &n) && n == 0)
		puts("nothing was allowed or denied here");
	return CONSOLE_STAY;
}

static enum console_wish
log_lines(const struct call *c)
{
	const struct session *s = c->session;
	size_t have = s->lines_n < SESSION_LINES ? s->lines_n : SESSION_LINES;
	unsigned long want = 20;

	if (c->n && num_parse(c->args[0], 10, SESSION_LINES, &want) < 0) {
		printf("'%s' is not a number up to %d\n", c->args[0],
		       SESSION_LINES);
		return CONSOLE_STAY;
	}
	if (want > have)
		want = have;
	if (want == 0)
		puts("nothing was decided since the console is there");
	for (size_t i = s->lines_n - want; i < s->lines_n; i++)
		puts(s->lines[i % SESSION_LINES].text);
	return CONSOLE_STAY;
}

/* pen-ctl's work, and its words. */
static enum console_wish
for_good(const struct call *c, const char *verb, const char *rule)
{
	char said[ERRAND_TEXT], text[4 * ERRAND_TEXT];

	if (leader_errand(c->config->leader, verb, rule, said) == 0)
		printf("%s %s: for good\n", verb, rule);
	else if (!*said)
		puts("pen-ctl does not answer");
	for (char *line = said, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		puts(err_visible(text, sizeof(text), line,
				 (size_t)(end - line)));
		end += *end == '\n';
	}
	return CONSOLE_STAY;
}

/* "allow LIFETIME RULE" and the like; says what holds now. */
static enum console_wish
change(const struct call *c, const char *verb)
{
	const char *life = c->n > 1 ? c->args[1] : "session";
	struct rule r;
	const char *why = rule_parse(c->args[0], &r);
	char rule[288], *request;

	if (why) {
		printf("'%s': %s\n", c->args[0], why);
		return CONSOLE_STAY;
	}
	rule_format(&r, rule, sizeof(rule));
	if (strcmp(life, "always") == 0)
		return for_good(c, verb, rule);
	request = mem_printf("%s %s %s", verb, life, rule);
	if (ask(c, request, NULL, NULL))
		printf("%s %s: %s\n", verb, rule,
		       strcmp(life, "session") == 0 ? "until the pen ends"
						    : life);
	free(request);
	return CONSOLE_STAY;
}

static enum console_wish
allow(const struct call *c)
{
	return change(c, "allow");
}

static enum console_wish
deny(const struct call *c)
{
	return change(c, "deny");
}

static enum console_wish
undo(const struct call *c)
{
	char *request;

	if (strcmp(c->args[1], "always") == 0)
		return change(c, "undo");
	request = mem_printf("undo %s", c->args[0]);
	if (ask(c, request, NULL, NULL))
		printf("%s: as it was\n", c->args[0]);
	free(request);
	return CONSOLE_STAY;
}

static enum console_wish
suspend(const struct call *c)
{
	(void)c;
	return CONSOLE_SUSPEND;
}

static enum console_wish
quit(const struct call *c)
{
	(void)c;
	return CONSOLE_QUIT;
}

static const char *const answers[] = {"once", "10m", "session", "always",
				      "deny"};
static const char letters[] = "otsad";

/* Which of the answers the line is, or NULL; "deny RULE" is a command. */
static const char *
answer(const char *line)
{
	for (size_t i = 0; letters[i]; i++)
		if (strcmp(line, answers[i]) == 0 ||
		    (line[0] == letters[i] && line[1] == '\0'))
			return answers[i];
	return NULL;
}

/* The console says what became of it, when the proxy does. */
static enum console_wish
give_answer(const struct call *c, const char *how)
{
	struct session *s = c->session;
	char *request;

	if (s->open_n == 0 || s->open[0].id != s->shown)
		return CONSOLE_STAY; /* over by now */
	if (strcmp(how, "always") == 0)
		return for_good(c, "allow", s->open[0].rule);
	request = mem_printf("answer %lu %s", s->shown, how);
	ask(c, request, NULL, NULL);
	free(request);
	return CONSOLE_STAY;
}

static const struct command *
find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

enum console_wish
commands_run(const struct console_config *config, struct session *session,
	     char *line)
{
	struct call call = {config, session, {"", "", ""}, 0};
	const struct command *command;
	const char *how = session->shown ? answer(line) : NULL;
	char *save, *name = strtok_r(line, " \t", &save), *word;

	if (how)
		return give_answer(&call, how);
	command = name ? find(name) : NULL;
	if (!command) {
		printf("there is no command '%s'; 'help' lists them\n",
		       name ? name : "");
		return CONSOLE_STAY;
	}
	while ((word = strtok_r(NULL, " \t", &save)) && call.n < 3)
		call.args[call.n++] = word;
	if (call.n < command->least || call.n > command->most) {
		printf("usage: %s %s\n", command->name, command->usage);
		return CONSOLE_STAY;
	}
	return command->fn(&call);
}

/* The i-th of the words that may stand behind before. */
static const char *
candidate(const struct session *s, const char *before, size_t i)
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
		return i < s->names_n ? s->names[s->names_n - 1 - i] : NULL;
	return *verb != 'u' && i < 4 ? lifetimes[i] : NULL;
}

char *
commands_complete(struct session *session, const char *before,
		  const char *text, int state)
{
	const char *word;
	int found = 0;

	for (size_t i = 0; (word = candidate(session, before, i)); i++)
		if (strncmp(word, text, strlen(text)) == 0 && found++ == state)
			return mem_copy(word);
	return NULL;
}
