/*
 * pen: reads the configuration, finds out what the program needs, and becomes
 * the chain of the other tools.  It makes no namespace, and starts no process
 * but pen-sni, and for --audit, whose last word somebody has to speak.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "audit.h"
#include "beside.h"
#include "compose.h"
#include "conf.h"
#include "cover.h"
#include "env.h"
#include "files.h"
#include "group.h"
#include "identity.h"
#include "lib/chain.h"
#include "lib/control.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "lib/ports.h"
#include "lib/special.h"
#include "path.h"
#include "print.h"
#include "logs.h"
#include "project.h"
#include "quote.h"
#include "settings.h"
#include "terminfo.h"
#include "upstream.h"
#include "view.h"

#define COMMAND_LINE "command line"

enum print { PRINT_NOTHING, PRINT_CHAIN, PRINT_CONF };

struct pen {
	const char *agent, *profile, *project_dir, *config, *shell;
	enum print print;
	struct settings typed; /* on the command line; its lists add */
	struct settings set;
	struct project project;
	struct program program;
	struct view view;
	struct env env;
	char *const *prog;
	const char *bin;    /* where this program is, and its siblings */
	const char *shipped; /* the directory of agents and groups */
	const char *user;   /* the user's pen.conf, or what --config says */
	const char *logs, *log;
	struct strv commands; /* that make what is missing, to be printed */
	int audit;
};

/* The option of a key of pen.conf; the caller frees it. */
static char *
option_name(enum settings_key key)
{
	char *option = mem_copy(settings_name(key));

	for (char *c = option; (c = strchr(c, '_')); )
		*c = '-';
	return option;
}

static void
add_typed(struct pen *pen, enum settings_key key, const char *text)
{
	const char *why = settings_check(key, text);

	if (why)
		die(ERR_TOOL, "--%s: '%s': %s", option_name(key), text, why);
	settings_add(&pen->typed, key, text, COMMAND_LINE);
}

/* A path that is typed may be relative to the current directory. */
static const char *
typed_path(const char *option, const char *text)
{
	char cwd[PATH_MAX];

	if (*text == '\0')
		die(ERR_TOOL, "--%s: the path is empty", option);
	if (*text == '/')
		return text;
	if (!getcwd(cwd, sizeof(cwd)))
		die(ERR_TOOL, "cannot tell the current directory: %m");
	return path_join(cwd, text);
}

static void
add_typed_path(struct pen *pen, enum settings_key key, const char *text)
{
	settings_add(&pen->typed, key, typed_path(settings_name(key), text),
		     COMMAND_LINE);
}

#define OPT(name, fn, args, help) static opt_fn fn;
#include "opts.def"
#undef OPT

#define TAKE(name, call)                                                       \
	static void take_##name(void *cfg, char **args)                        \
	{                                                                      \
		struct pen *pen = cfg;                                         \
									       \
		(void)args;                                                    \
		call;                                                          \
	}
TAKE(agent, pen->agent = args[0])
TAKE(profile, pen->profile = args[0])
TAKE(project, pen->project_dir = typed_path("project", args[0]))
TAKE(config, pen->config = typed_path("config", args[0]))
TAKE(allow, add_typed(pen, SET_ALLOW, args[0]))
TAKE(deny, add_typed(pen, SET_DENY, args[0]))
TAKE(private, add_typed(pen, SET_PRIVATE_HOST, args[0]))
TAKE(env, add_typed(pen, SET_ENV, args[0]))
TAKE(ro, add_typed_path(pen, SET_RO, args[0]))
TAKE(rw, add_typed_path(pen, SET_RW, args[0]))
TAKE(publish, add_typed(pen, SET_PUBLISH, args[0]))
TAKE(reach, add_typed(pen, SET_REACH, args[0]))
TAKE(connect_to, add_typed(pen, SET_CONNECT_TO, args[0]))
TAKE(open, add_typed(pen, SET_NETWORK, "open"))
TAKE(offline, add_typed(pen, SET_NETWORK, "offline"))
TAKE(ask, add_typed(pen, SET_ASK, "true"))
TAKE(audit, pen->audit = 1)
TAKE(no_ask, add_typed(pen, SET_ASK, "false"))

static void
take_proxy(void *cfg, char **args)
{
	struct ports_local p;
	const char *why = ports_parse_local(args[0], &p);

	if (why)
		die(ERR_TOOL, "--proxy: '%s': %s", args[0], why);
	add_typed(cfg, SET_NETWORK, mem_printf("proxy %s", args[0]));
}

static void
take_print(void *cfg, char **args)
{
	struct pen *pen = cfg;

	if (args[0] && strcmp(args[0], "conf") != 0)
		die(ERR_TOOL, "--print: '%s' is not conf", args[0]);
	pen->print = args[0] ? PRINT_CONF : PRINT_CHAIN;
}

static void
take_shell(void *cfg, char **args)
{
	struct pen *pen = cfg;

	if (strcmp(args[0], "bash") != 0 && strcmp(args[0], "zsh") != 0 &&
	    strcmp(args[0], "fish") != 0)
		die(ERR_TOOL, "--shell: '%s' is none of bash, zsh and fish",
		    args[0]);
	pen->shell = args[0];
}

static const struct opt options[] = {
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "opts.def"
#undef OPT
	{0}};

static const struct opt_tool tool = {
	"[options] [--] prog [args...]",
	"Runs prog, an LLM coding agent or any command, in a pen.", options, 0};

/* $name/pen, or ~/standard/pen */
static char *
xdg_directory(const struct pen *pen, const char *name, const char *standard)
{
	const char *dir = getenv(name);

	if (dir && *dir == '/')
		return path_join(dir, "pen");
	return mem_printf("%s/%s/pen", pen->project.home, standard);
}

static int
push_link(void *own, const char *link, const char *target)
{
	(void)target;
	strv_push(own, mem_copy(link));
	return 0;
}

/*
 * No run may write to path, to what it leads to, be that there or not, nor to a
 * link on the way: whoever can change one of them says what is there.
 */
static void
push_own(struct project *p, const char *path)
{
	char *real = path_settle(path, push_link, &p->own);

	if (!real)
		die(ERR_TOOL, "cannot find '%s': %m", path);
	strv_push(&p->own, real);
}

/* Where pen-sni will make its socket; perhaps the first one there. */
static void
find_control(struct project *p)
{
	char *dir = control_directory();

	if (!dir)
		die(ERR_TOOL, "there is no place for the session: set HOME");
	push_own(p, dir);
	p->control = p->own.v[p->own.n - 1];
}

/* A directory of shipped files: read-only if it is there, else never made. */
static int
push_shipped(struct project *p, const char *dir)
{
	char *real = path_settle(dir, push_link, &p->own);
	struct stat st;
	int there = real && stat(real, &st) == 0 && S_ISDIR(st.st_mode);

	strv_push(there ? &p->programs : &p->own, real ? real : dir);
	return there;
}

/*
 * The shipped agents and what the user's shell reads are beside the directory
 * of the programs in a build, below share where they are installed: whichever
 * is found first, so a run must not make the first.
 */
static void
find_shipped(struct pen *pen)
{
	struct project *p = &pen->project;
	char *up = path_parent(pen->bin);
	int built = push_shipped(p, path_join(up, "agents"));

	push_shipped(p, path_join(up, "groups"));
	push_shipped(p, path_join(up, "shell"));
	pen->shipped = built ? mem_copy(up) : path_join(up, "share/pen");
	if (!built)
		push_shipped(p, pen->shipped);
	free(up);
}

/* What no project may hold: pen's policy, its logs and its programs. */
static void
find_own(struct pen *pen)
{
	struct project *p = &pen->project;
	char *config, *state;

	p->home = project_home();
	strv_push(&p->programs, pen->bin);
	find_shipped(pen);
	config = xdg_directory(pen, "XDG_CONFIG_HOME", ".config");
	state = xdg_directory(pen, "XDG_STATE_HOME", ".local/state");
	pen->user = pen->config ? pen->config : path_join(config, "pen.conf");
	pen->logs = path_join(state, "log");
	p->histories = path_join(state, "history");
	push_own(p, config);
	push_own(p, pen->user);
	push_own(p, state);
	push_own(p, pen->logs);
	find_control(p);
	strv_push(&p->never, p->home);
	for (size_t i = 0; i < p->own.n; i++)
		strv_push(&p->never, p->own.v[i]);
}

/* The shipped file for a name in agents or groups, if there is one. */
static struct conf *
read_shipped(const struct pen *pen, const char *kind, const char *name)
{
	if (strchr(name, '/'))
		return NULL;
	return conf_read(mem_printf("%s/%s/%s.conf", pen->shipped, kind, name),
			 0);
}

struct files {
	const struct conf *shipped, *system, *user;
	const struct pen *pen;
};

/* Applies the sections of one kind, file by file. */
static int
apply(struct pen *pen, const struct files *f, enum conf_section kind,
      const char *title)
{
	const struct conf *const order[] = {f->shipped, f->system, f->user};
	int found = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		found |= conf_apply(order[i], kind, title, pen->project.home,
				    &pen->set);
	return found;
}

/*
 * The agent: the one that is named, or the first of the program's names that a
 * file knows.  A program in the project is whatever the project says it is.
 */
static void
apply_agent(struct pen *pen, struct files *f)
{
	const struct strv *names = &pen->program.names;

	if (pen->agent) {
		f->shipped = read_shipped(pen, "agents", pen->agent);
		if (!apply(pen, f, CONF_AGENT, pen->agent))
			die_hint("agents are sections of pen.conf(5), and "
				 "files of the agents directory",
				 "there is no agent '%s'", pen->agent);
		return;
	}
	for (size_t i = 0; i < names->n; i++) {
		f->shipped = read_shipped(pen, "agents", names->v[i]);
		if (apply(pen, f, CONF_AGENT, names->v[i])) {
			pen->agent = names->v[i];
			break;
		}
	}
	if (!pen->agent || !pen->program.in_project)
		return;
	err_warn("'%s' is in the project: it is not taken for the agent '%s'",
		 pen->program.path, pen->agent);
	err_hint("pen --agent %s takes it for one", pen->agent);
	pen->agent = NULL;
	f->shipped = NULL;
	settings_init(&pen->set);
}

/* Last, what was typed. */
static void
apply_typed(struct pen *pen)
{
	for (int k = 0; k < SET_KEYS; k++)
		for (size_t i = 0; i < pen->typed.list[k].n; i++)
			settings_add(&pen->set, (enum settings_key)k,
				     pen->typed.list[k].v[i].text,
				     COMMAND_LINE);
}

/* The group's sections, file by file. */
static int
find_group(void *arg, const char *name, struct settings *s)
{
	const struct files *f = arg;
	const struct conf *const order[] = {
		read_shipped(f->pen, "groups", name), f->system, f->user};
	int found = 0;

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		found |= conf_apply(order[i], CONF_GROUP, name,
				    f->pen->project.home, s);
	return found;
}

static int
is_typed(const struct settings_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].from, COMMAND_LINE) == 0)
			return 1;
	return 0;
}

/* What was typed would be dropped without a word. */
static void
check_network(const struct settings *s)
{
	static const struct {
		enum settings_key key;
		int offline, unruled; /* has no meaning then */
	} keys[] = {
		{SET_ALLOW, 1, 1},   {SET_DENY, 0, 1},
		{SET_PUBLISH, 1, 0}, {SET_REACH, 1, 0},
		{SET_PRIVATE_HOST, 0, 1}, {SET_CONNECT_TO, 0, 1},
	};
	const struct settings_item *network = &s->list[SET_NETWORK].v[0];
	int offline = strcmp(network->text, "offline") == 0;
	int proxy = settings_proxy(network->text) != NULL;
	int open = strcmp(network->text, "open") == 0;

	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++) {
		if (!is_typed(&s->list[keys[k].key]))
			continue;
		if (offline && keys[k].offline)
			die(ERR_TOOL, "--%s needs a network, and there is "
			    "none: network is offline (%s)",
			    option_name(keys[k].key), network->from);
		if ((proxy || open) && keys[k].unruled)
			die(ERR_TOOL, "--%s has no say where %s: network is "
			    "%s (%s)", option_name(keys[k].key),
			    proxy ? "the proxy decides"
				  : "every public address is reached",
			    network->text, network->from);
	}
}

static void
configure(struct pen *pen)
{
	const char *profile = pen->profile ? pen->profile : "default";
	struct files f = {.pen = pen};

	f.system = conf_read("/etc/pen/pen.conf", 1);
	f.user = conf_read(pen->user, 1);
	if (pen->config && !f.user)
		die(ERR_TOOL, "cannot read '%s': %s", pen->config,
		    strerror(ENOENT));
	settings_init(&pen->set);
	apply_agent(pen, &f);
	if (!apply(pen, &f, CONF_PROFILE, profile) &&
	    strcmp(profile, "default") != 0)
		die(ERR_TOOL, "there is no profile '%s' in pen.conf", profile);
	apply(pen, &f, CONF_PROJECT, pen->project.root);
	apply_typed(pen);
	check_network(&pen->set);
	group_expand(&pen->set, pen->project.home, find_group, &f);
}

/* Everything that is shown, then what is taken out of it again. */
static void
look(struct pen *pen)
{
	files_show(&pen->set, &pen->project, &pen->view,
		   pen->print ? &pen->commands : NULL);
	agent_show(&pen->program, &pen->project, &pen->view);
	terminfo_show(&pen->project, &pen->view);
	cover(&pen->set, &pen->project, &pen->view);
	env_make(&pen->env, &pen->set, &pen->project, &pen->view);
	env_warn(&pen->set, &pen->view);
	env_guard_path(&pen->view);
}

/* The session's log, which pen-sni makes when there is something to say. */
static void
name_log(struct pen *pen)
{
	char *real;
	int fd;
	time_t now = time(NULL);
	struct tm utc;

	if (!gmtime_r(&now, &utc))
		die(ERR_TOOL, "cannot tell the time: %m");
	fd = path_open(pen->logs, !pen->print, NULL, NULL, &real);
	if (fd >= 0) {
		if (!pen->print)
			logs_prune(fd);
		close(fd);
		free(real);
	} else if (pen->print) {
		strv_push(&pen->commands,
			  mem_printf("mkdir -p %s", quote_word(pen->logs)));
	} else {
		die(ERR_TOOL, "cannot make the directory '%s': %m", pen->logs);
	}
	/* not strftime(3): it reads the time zone's file, for nothing */
	pen->log = mem_printf("%s/%04d%02d%02dT%02d%02d%02dZ-%d.jsonl",
			      pen->logs, utc.tm_year + 1900, utc.tm_mon + 1,
			      utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
			      (int)getpid());
}

/* A file without a name that the chain inherits. */
static int
memory_file(const void *text, size_t n)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, was;
	int fd = memfd_create("pen", 0);

	/* or `ulimit -f` is death without a word */
	sigaction(SIGXFSZ, &ignore, &was);
	if (fd < 0 || fd_write_all(fd, text, n) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		die_hint(errno == EFBIG ? "ulimit -f is too small" : NULL,
			 "cannot make a file in memory: %m");
	sigaction(SIGXFSZ, &was, NULL);
	return fd;
}

/* The words, each ended by NUL, for --args. */
static int
memory_words(const struct strv *words)
{
	size_t size = 0, n = 0;
	char *text;
	int fd;

	for (size_t i = 0; i < words->n; i++)
		size += strlen(words->v[i]) + 1;
	text = mem_alloc(size);
	for (size_t i = 0; i < words->n; i++) {
		memcpy(text + n, words->v[i], strlen(words->v[i]) + 1);
		n += strlen(words->v[i]) + 1;
	}
	fd = memory_file(text, size);
	free(text);
	return fd;
}

/*
 * /etc is the host's but for these: names are answered by pen-sni on the
 * loopback, and by nobody else.  Where the host has no such file there is
 * nothing to mount on, and the C library's defaults are the same.
 */
static const struct compose_data etc[] = {
	{"/etc/resolv.conf", "nameserver 127.0.0.1\n", -1},
	{"/etc/hosts", "127.0.0.1 localhost pen\n::1 localhost pen\n", -1},
	{"/etc/nsswitch.conf",
	 "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
	 "networks: files\nprotocols: files\nservices: files\n",
	 -1}};

#define ETC_N (sizeof(etc) / sizeof(*etc))

static int
is_open(const struct settings *s)
{
	return strcmp(settings_value(s, SET_NETWORK), "open") == 0;
}

/* Writes the files to data, which has room for one more than etc. */
static size_t
make_data(const struct pen *pen, struct compose_data *data)
{
	char *gitconfig = path_join(pen->project.home, ".gitconfig");
	size_t n = 0;

	for (size_t i = 0; i < ETC_N; i++)
		if (access(etc[i].dest, F_OK) == 0)
			data[n++] = etc[i];
	if (n > 0 && data[0].dest == etc[0].dest && is_open(&pen->set))
		data[0].text = "nameserver " SPECIAL_DNS "\n";
	data[n].text = identity_gitconfig(pen->project.home);
	if (data[n].text && !view_has(&pen->view, gitconfig))
		data[n++].dest = gitconfig;
	/* a shell opens its own, and zsh knows no descriptor above 9 */
	for (size_t i = 0; i < n; i++)
		data[i].fd = pen->print ? 3 + (int)i
					: memory_file(data[i].text,
						      strlen(data[i].text));
	return n;
}

static int
finish_print(void)
{
	if (fflush(stdout) != 0)
		die(ERR_TOOL, "cannot write: %m");
	return 0;
}

/*
 * The line that reads shell/pen.SHELL, which is beside the directory of the
 * programs in a build and below share where they are installed.
 */
static int
print_shell(const struct pen *pen)
{
	static const char *const places[] = {"shell", "share/pen/shell"};
	char *up = path_parent(pen->bin), *file = NULL;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		file = mem_printf("%s/%s/pen.%s", up, places[i], pen->shell);
		if (access(file, R_OK) == 0)
			break;
	}
	if (access(file, R_OK) < 0)
		die_hint("pen is not completely installed: run install.sh",
			 "cannot read '%s': %m", file);
	printf("%s %s\n", strcmp(pen->shell, "fish") == 0 ? "source" : ".",
	       strcmp(pen->shell, "fish") == 0 ? quote_fish(file)
					       : quote_word(file));
	return finish_print();
}

/* The upstream proxy; its password is for pen-sni alone, and in no argv. */
static char *
find_upstream(const struct pen *pen)
{
	char *auth;
	char *proxy = upstream_find(settings_value(&pen->set,
						   SET_UPSTREAM_PROXY), &auth);

	if (auth && !pen->print &&
	    setenv("PEN_SNI_UPSTREAM_AUTH", auth, 1) < 0)
		die(ERR_TOOL, "cannot set a variable: %m");
	free(auth);
	return proxy;
}

static _Noreturn void
run_audited(const struct pen *pen, struct compose *c)
{
	struct compose_chain chain, collector;
	struct audit a = {.log = pen->log, .pen_log = chain_sibling("pen-log")};

	audit_prepare(&a);
	c->audit_fd = a.inside;
	compose(c, &chain);
	compose_collector(c, &collector, a.outside);
	a.chain = chain.words.v;
	a.collector = collector.words.v;
	audit_run(&a);
}

/* Prints the chain or becomes it. */
static int
become(struct pen *pen)
{
	struct strv words = {0}, shown = {0};
	struct compose_data data[ETC_N + 1];
	struct compose c = {.settings = &pen->set,
			    .sni = chain_sibling("pen-sni"),
			    .net = chain_sibling("pen-net"),
			    .ns = chain_sibling("pen-ns"),
			    .filter = chain_sibling("pen-filter"),
			    .home = pen->project.home,
			    .cwd = pen->project.cwd,
			    .log = pen->log,
			    .upstream = find_upstream(pen),
			    .audit = pen->audit,
			    .agent = pen->agent,
			    .project = pen->project.root,
			    .view = &words,
			    .env = &pen->env.words,
			    .data = data,
			    .data_n = make_data(pen, data),
			    .env_fd = -1,
			    .audit_fd = -1,
			    .prog = pen->prog};
	struct compose_chain chain;

	view_words(&pen->view, &words, &shown);
	if (pen->print == PRINT_CHAIN) {
		view_report_words(&pen->view, &shown);
		c.view = &shown;
		c.env = &pen->env.shown;
		print_commands(&pen->commands, stdout);
		print_chain(&c, stdout);
		return finish_print();
	}
	/* here, for each exec of the chain copies its words */
	view_report_words(&pen->view, &pen->env.words);
	c.env_fd = memory_words(&pen->env.words);
	if (pen->audit)
		run_audited(pen, &c);
	compose(&c, &chain);
	if (is_open(&pen->set))
		err_warn("network = open: what runs inside can send anything "
			 "anywhere but to this host and private networks, and "
			 "no log says what");
	if (settings_proxy(settings_value(&pen->set, SET_NETWORK)))
		err_warn("network = %s: allow and deny have no say here, the "
			 "proxy decides, and no log of pen says what",
			 settings_value(&pen->set, SET_NETWORK));
	chain_exec(beside_start(&chain));
}

int
main(int argc, char **argv)
{
	struct pen pen = {0};

	err_prog = "pen";
	if (fd_standard() < 0)
		die(ERR_TOOL, "cannot open /dev/null: %m");
	pen.prog = argv + opt_parse(&tool, &pen, argc, argv);
	pen.bin = path_parent(chain_sibling("pen-ns"));
	if (pen.shell)
		return print_shell(&pen);
	if (!pen.prog[0])
		die_hint("pen --help lists the options", "no program to run");
	find_own(&pen);
	project_find(&pen.project, pen.project_dir);
	if (chdir(pen.project.cwd) < 0)
		die(ERR_TOOL, "cannot enter '%s': %m", pen.project.cwd);
	agent_find(&pen.program, pen.prog[0], &pen.project);
	configure(&pen);
	if (pen.audit &&
	    strcmp(settings_value(&pen.set, SET_NETWORK), "allowlist") != 0)
		die(ERR_TOOL, "--audit is for network = allowlist");
	if (pen.print == PRINT_CONF) {
		settings_print(&pen.set, stdout);
		return finish_print();
	}
	look(&pen);
	name_log(&pen);
	return become(&pen);
}
