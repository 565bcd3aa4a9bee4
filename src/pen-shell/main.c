/*
 * pen-shell: the user's shell, or any command, in a pen and on a pty of its
 * own, with a console behind it.
 */
#include <assert.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/keys.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "lib/setting.h"
#include "pen-shell/about.h"
#include "pen-shell/confine.h"
#include "pen-shell/console.h"
#include "pen-shell/leader.h"
#include "pen-shell/prompt.h"
#include "pen-shell/relay.h"
#include "pen-shell/tty.h"

struct config {
	const char *escape, *notice, *clipboard, *notifications,
	    *title;	 /* NULL: pen.conf's */
	struct strv pen; /* pen and its own options */
	int print;	 /* it is only to print something */
};

/* One of pen's options, as it was typed. */
static void
pass_option(struct config *c, const char *name, const char *words, char **args)
{
	size_t n = 0;

	c->print |=
	    strcmp(name, "--print") == 0 || strcmp(name, "--shell") == 0;
	if (words[0] == '[') {
		strv_push(&c->pen,
			  args[0] ? mem_printf("%s=%s", name, args[0]) : name);
		return;
	}
	strv_push(&c->pen, name);
	for (; *words; words++)
		if (*words != ' ' && (words[1] == ' ' || words[1] == '\0'))
			strv_push(&c->pen, args[n++]);
}

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

#define OPT(name, fn, words, help, ...)                    \
	static void pen_##fn(void *cfg, char **args)       \
	{                                                  \
		pass_option(cfg, "--" #name, words, args); \
	}
#include "pen/opts.def"
#undef OPT

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
#define OPT(name, fn, args, help, ...) {#name, pen_##fn, args, help},
#include "pen/opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    "[options] [--] [prog [args...]]",
    "Runs your shell, or prog, in a pen on a terminal of its own.", options, 0,
    similar_option};

/* Which of the words text is; fatal when it is none. */
static int
one_of(const char *name, const char *text, const char *const words[])
{
	int i = 0;

	while (words[i] && strcmp(words[i], text) != 0)
		i++;
	if (!words[i])
		die_hint("man pen-shell lists them",
			 "%s: '%s' is not one of its values", name, text);
	return i;
}

static const char *const notices[] = {"none", "title", "bell", "desktop", NULL};
static const char *const permits[] = {"deny", "allow", NULL};
static const char *const titles[] = {"mark", "allow", "deny", NULL};
static_assert(NOTICE_NONE == 0 && NOTICE_DESKTOP == 3, "as named");
static_assert(SCREEN_TITLE_MARK == 0 && SCREEN_TITLE_DENY == 2, "as named");

static int
parse_escape(const char *text)
{
	int key = keys_parse(text);

	if (key < -1)
		die(ERR_TOOL, "escape: '%s' is not a key as ^], or none", text);
	return key;
}

static void
take_escape(void *cfg, char **args)
{
	parse_escape(args[0]);
	((struct config *)cfg)->escape = args[0];
}

static void
take_notice(void *cfg, char **args)
{
	one_of("notice", args[0], notices);
	((struct config *)cfg)->notice = args[0];
}

static void
take_clipboard(void *cfg, char **args)
{
	one_of("clipboard", args[0], permits);
	((struct config *)cfg)->clipboard = args[0];
}

static void
take_notifications(void *cfg, char **args)
{
	one_of("notifications", args[0], permits);
	((struct config *)cfg)->notifications = args[0];
}

static void
take_title(void *cfg, char **args)
{
	one_of("title", args[0], titles);
	((struct config *)cfg)->title = args[0];
}

/* What was typed, or pen.conf's, or the standard. */
static const char *
setting(const char *typed, const struct about *a, const char *name,
	const char *standard)
{
	const char *value = typed ? typed : setting_value(a->conf, name);

	return value ? value : standard;
}

/* The words of what runs inside: prog, or the user's shell. */
static char **
choose_prog(struct config *c, char **prog)
{
	const char *shell = getenv("SHELL");
	struct strv words = {0};

	if (*prog && (prog[1] || !prompt_knows(*prog)))
		return prog;
	if (*prog)
		shell = *prog;
	else if (!shell || *shell != '/')
		shell = "/bin/sh";
	prompt_words(shell, &words, &c->pen);
	return words.v;
}

static _Noreturn void
become_pen(struct config *c, char **prog)
{
	strv_push(&c->pen, "--");
	for (; *prog; prog++)
		strv_push(&c->pen, *prog);
	chain_exec(c->pen.v);
}

/* The pen's whole command line; c->pen stays. */
static char **
join_words(const struct config *c, char *const *prog)
{
	struct strv words = {0};

	for (size_t i = 0; i < c->pen.n; i++)
		strv_push(&words, c->pen.v[i]);
	strv_push(&words, "--");
	for (; *prog; prog++)
		strv_push(&words, *prog);
	return words.v;
}

/* Which of the words a setting has; *settings gets it as a line. */
static int
read_setting(const char *typed, const struct about *a, const char *name,
	     const char *standard, const char *const words[], char **settings)
{
	const char *value = setting(typed, a, name, standard);
	char *more = mem_printf("%s%s = %s%s\n", *settings, name, value,
				typed ? "\t# the command line" : "");

	free(*settings);
	*settings = more;
	return words ? one_of(name, value, words) : 0;
}

/* What is in force of our own settings. */
struct settings {
	struct screen_policy screen;
	enum notice notice;
	char *lines; /* "name = value", for the console */
};

static struct settings
read_settings(const struct config *c, const struct about *a)
{
	struct settings s = {.lines = mem_copy("")};

	read_setting(c->escape, a, "escape", "^]", NULL, &s.lines);
	s.notice = (enum notice)read_setting(c->notice, a, "notice", "title",
					     notices, &s.lines);
	s.screen.clipboard = read_setting(c->clipboard, a, "clipboard", "deny",
					  permits, &s.lines);
	s.screen.notifications = read_setting(
	    c->notifications, a, "notifications", "deny", permits, &s.lines);
	s.screen.title = (enum screen_title)read_setting(
	    c->title, a, "title", "mark", titles, &s.lines);
	s.screen.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	return s;
}

static int
run(struct config *c, char **prog, struct tty *tty)
{
	struct leader leader;
	struct about about;
	struct shared *shared = leader_share();
	struct relay_config relay = {
	    .tty = tty, .leader = &leader, .shared = shared};
	struct settings settings;

	if (about_ask(&about, c->pen.v, c->pen.n, prog) < 0)
		become_pen(c, prog); /* which says why */
	settings = read_settings(c, &about);
	screen_init(&shared->screen, &settings.screen);
	relay.notice = settings.notice;
	relay.key = setting(c->escape, &about, "escape", "^]");
	relay.escape = parse_escape(relay.key);
	leader_start(&leader, tty, shared, join_words(c, prog));
	relay.desk = console_start(leader.pen, &about, settings.lines);
	confine_self();
	return relay_run(&relay);
}

int
main(int argc, char **argv)
{
	struct config c = {0};
	struct tty tty;
	char **prog;

	err_prog = "pen-shell";
	setlocale(LC_CTYPE, "");
	strv_push(&c.pen, chain_sibling("pen"));
	prog = argv + opt_parse(&tool, &c, argc, argv);
	prog = choose_prog(&c, prog);
	if (c.print)
		become_pen(&c, prog);
	if (tty_open(&tty) < 0) {
		err_warn("standard input and output are not a terminal: "
			 "no pty, no console");
		become_pen(&c, prog);
	}
	return run(&c, prog, &tty);
}
