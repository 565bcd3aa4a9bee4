/*
 * pen-key: puts the user's credential on requests to one API, outside the pen,
 * so that it is never inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/confine.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/rule.h"
#include "lib/state.h"
#include "pen-key/client.h"
#include "pen-key/credential.h"
#include "pen-key/failure.h"
#include "pen-key/listener.h"
#include "pen-key/renew.h"

#define PLACEHOLDER "pen-key-placeholder"

struct config {
	const char *upstream, *header, *from, *log;
	struct strv command, pass, hold, connect_to;
	struct renew renew;
	struct budget budget;
	struct judge judge;
	struct git git;
	struct upstream up;
	union addr listen; /* family 0: none */
	int serve;	   /* or -1 */
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_upstream(void *cfg, char **args)
{
	((struct config *)cfg)->upstream = args[0];
}

static void
take_header(void *cfg, char **args)
{
	const char *text = args[0], *colon = strchr(text, ':');

	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~')
			colon = NULL;
	if (!colon || colon == text || strcspn(text, " ") < strcspn(text, ":"))
		die(ERR_TOOL, "--header: '%s' is not as 'x-api-key: '", text);
	((struct config *)cfg)->header = text;
}

/* Whether git's helpers have the credential. */
static int
is_git(const char *from)
{
	return from && strncmp(from, "git", 3) == 0 &&
	       (from[3] == '\0' ||
		(from[3] == ':' && from[4] && !strpbrk(from, "\r\n")));
}

static void
take_from(void *cfg, char **args)
{
	if (strncmp(args[0], "env:", 4) != 0 &&
	    strncmp(args[0], "file:", 5) != 0 && !is_git(args[0]))
		die(ERR_TOOL,
		    "--from: '%s' is none of env:NAME, "
		    "file:PATH[#MEMBER.MEMBER] and git[:USER]",
		    args[0]);
	((struct config *)cfg)->from = args[0];
}

static void
take_command(void *cfg, char **args)
{
	strv_push(&((struct config *)cfg)->command, args[0]);
}

static void
take_refresh(void *cfg, char **args)
{
	((struct config *)cfg)->renew.at.url = args[0];
}

static void
take_client_id(void *cfg, char **args)
{
	((struct config *)cfg)->renew.client_id = args[0];
}

static void
take_lock(void *cfg, char **args)
{
	strv_push(&((struct config *)cfg)->renew.locks, args[0]);
}

static void
take_api(void *cfg, char **args)
{
	const struct api *a = api_find(args[0]);

	if (!a)
		die(ERR_TOOL, "--api: there is no '%s'", args[0]);
	((struct config *)cfg)->judge.api = a;
}

static void
take_pass(void *cfg, char **args)
{
	char *pass = mem_printf("%s %s", args[0], args[1]);
	const char *why = judge_check(pass);

	if (why)
		die(ERR_TOOL, "--pass: '%s': %s", pass, why);
	strv_push(&((struct config *)cfg)->pass, pass);
}

static void
take_repository(void *cfg, char **args)
{
	char *path = git_repository(args[0]);

	if (!judge_is_plain(path) || !path[1])
		die(ERR_TOOL,
		    "--repository: '%s' is not OWNER/NAME, of letters, digits "
		    "and ._:-",
		    args[0]);
	strv_push(&((struct config *)cfg)->git.repositories, path);
}

static void
take_push(void *cfg, char **args)
{
	const char *why = git_check(args[0]);

	if (why)
		die(ERR_TOOL, "--push: '%s': %s", args[0], why);
	strv_push(&((struct config *)cfg)->git.push, args[0]);
}

static void
take_budget(void *cfg, char **args)
{
	if (budget_parse(&((struct config *)cfg)->budget, args[0]) < 0)
		die(ERR_TOOL,
		    "--budget: '%s' is none of requests=500, up=20M, "
		    "tokens=2M and per=day",
		    args[0]);
}

static void
take_placeholder(void *cfg, char **args)
{
	((struct config *)cfg)->judge.placeholder = args[0];
}

static void
take_private(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->up.private = 1;
}

static void
take_connect_to(void *cfg, char **args)
{
	strv_push(&((struct config *)cfg)->connect_to, args[0]);
}

static void
take_upstream_proxy(void *cfg, char **args)
{
	((struct config *)cfg)->up.proxy = args[0];
}

static void
take_hold(void *cfg, char **args)
{
	char name[RULE_NAME_MAX + 1];

	if (rule_name(args[0], strlen(args[0]), name) < 0)
		die(ERR_TOOL, "--hold: '%s' is not a host name", args[0]);
	strv_push(&((struct config *)cfg)->hold, mem_copy(name));
}

static void
take_log(void *cfg, char **args)
{
	((struct config *)cfg)->log = args[0];
}

static void
take_listen(void *cfg, char **args)
{
	union addr *a = &((struct config *)cfg)->listen;

	if (addr_parse_port(args[0], a) < 0)
		die(ERR_TOOL, "--listen: '%s' is not ADDR:PORT", args[0]);
	if (!addr_is_loopback(a))
		die(ERR_TOOL, "--listen: '%s' is not of the loopback", args[0]);
}

static void
take_serve(void *cfg, char **args)
{
	int fd = (int)opt_number("serve", args[0], INT_MAX), type;
	socklen_t n = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0)
		die(ERR_TOOL, "--serve: descriptor %d: %m", fd);
	if (type != SOCK_SEQPACKET)
		die(ERR_TOOL, "--serve: descriptor %d is not pen-sni's", fd);
	((struct config *)cfg)->serve = fd;
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "--listen ADDR:PORT --upstream URL --header TEXT --from SOURCE "
	     "[options]\n"
	     "       pen-key --upstream URL --header TEXT --from SOURCE "
	     "[options] [--] prog [args...]",
    .purpose = "Puts a credential on requests to an API, for programs that do "
	       "not have it.",
    .opts = options,
};

/* https://NAME[:PORT][/PATH] */
static void
read_upstream(struct config *c)
{
	static const char scheme[] = "https://";
	const char *text = c->upstream, *host, *path;
	char name[RULE_NAME_MAX + 1];
	struct rule r;

	host = text + strlen(scheme);
	if (strncmp(text, scheme, strlen(scheme)) != 0)
		host = ""; /* which is no rule */
	path = host + strcspn(host, "/");
	if (rule_parse(mem_part(host, (size_t)(path - host)), &r) ||
	    r.wildcard || r.proto != RULE_TLS ||
	    (*path && (!judge_is_plain(path) || path[strlen(path) - 1] == '/')))
		die(ERR_TOOL,
		    "--upstream: '%s' is not https://NAME[:PORT][/PATH]", text);
	c->judge.prefix = path;
	memcpy(name, r.name, sizeof(name));
	c->up.host = mem_copy(name);
	c->up.port = r.port;
}

/* The ADDR:PORT that takes the place of host and port, or NULL. */
static const char *
find_pin(const struct config *c, const char *host, unsigned port)
{
	char *of = mem_printf("%s:%u:", host, port);
	const char *pin = NULL;

	for (size_t i = 0; i < c->connect_to.n && !pin; i++)
		if (strncmp(c->connect_to.v[i], of, strlen(of)) == 0)
			pin = c->connect_to.v[i] + strlen(of);
	free(of);
	return pin;
}

static void
read_connect_to(struct config *c)
{
	const char *renews = c->renew.at.url ? c->renew.at.url + 8 : NULL;
	size_t used = 0;

	c->up.pin = find_pin(c, c->up.host, c->up.port);
	used += c->up.pin != NULL;
	if (renews)
		c->renew.at.pin =
		    find_pin(c, mem_part(renews, strcspn(renews, "/")), 443);
	used += c->renew.at.pin != NULL;
	/* what is pinned is connected to, and the proxy not asked for it */
	c->renew.at.proxy = c->renew.at.pin ? NULL : c->up.proxy;
	if (c->up.pin)
		c->up.proxy = NULL;
	if (used < c->connect_to.n)
		die(ERR_TOOL, "--connect-to: '%s' is not %s:%u:ADDR:PORT",
		    c->connect_to.v[0], c->up.host, c->up.port);
}

/* A repository's host has git's requests, and no others. */
static void
check_git(struct config *c)
{
	if (is_git(c->from) && c->git.repositories.n == 0)
		die(ERR_TOOL, "--from git is for --repository");
	if (c->git.push.n > 0 && c->git.repositories.n == 0)
		die(ERR_TOOL, "--push is for --repository");
	if (c->git.repositories.n == 0)
		return;
	if (c->judge.api || c->pass.n > 0)
		die(ERR_TOOL, "--repository excludes --api and --pass");
	c->judge.git = &c->git;
	if (is_git(c->from) && !c->header)
		c->header = "Authorization: Basic ";
}

static void
check_config(struct config *c, int have_operand)
{
	int serves = c->listen.sa.sa_family != AF_UNSPEC || c->serve >= 0;

	if (have_operand && serves)
		die_hint("leave out --listen and --serve, or the program",
			 "--listen and --serve run no program");
	if (!c->upstream)
		die(ERR_TOOL, "--upstream is missing: the API's URL");
	check_git(c);
	if (!c->header)
		die(ERR_TOOL, "--header is missing: what comes before the "
			      "credential");
	if (!c->from == !c->command.n)
		die(ERR_TOOL, "there has to be --from, or --command");
	if (!serves && !have_operand)
		die(ERR_TOOL, "there has to be --listen, --serve or a program");
	if (c->listen.sa.sa_family != AF_UNSPEC && c->serve >= 0)
		die(ERR_TOOL, "--listen and --serve exclude each other");
	if (have_operand)
		source_check(c->from);
	c->renew.from = c->from;
	if (c->renew.at.url && renew_check(&c->renew))
		die(ERR_TOOL, "--refresh: %s", renew_check(&c->renew));
	read_upstream(c);
	read_connect_to(c);
	if (!c->judge.placeholder)
		c->judge.placeholder = PLACEHOLDER;
	if (!c->judge.api) {
		c->judge.api = &api_any;
		if (c->pass.n == 0 && !c->judge.git)
			err_warn("without --api or --pass every request passes "
				 "that the API knows");
	}
	c->judge.pass =
	    c->pass.n ? (const char *const *)c->pass.v : c->judge.api->pass;
}

/* A password is in no command line. */
static void
take_auth(struct config *c)
{
	const char *auth = getenv("PEN_KEY_UPSTREAM_AUTH");

	if (auth && *auth)
		c->up.proxy_auth = mem_copy(auth);
	c->renew.at.auth = c->up.proxy_auth;
	unsetenv("PEN_KEY_UPSTREAM_AUTH");
}

/* Written to by the signal handler; an eventfd. */
static int wake_fd = -1;

static void
on_signal(int signo)
{
	uint64_t one = 1;
	int saved = errno;

	(void)signo;
	alarm(2);
	if (write(wake_fd, &one, sizeof(one)) < 0)
		abort(); /* cannot be: nobody has counted to 2^64 */
	errno = saved;
}

/* In a chain the terminal's signals are not for it. */
static void
set_signals(int alone)
{
	static const int ignored[] = {SIGPIPE, SIGTTOU, SIGTTIN, SIGTSTP,
				      SIGXFSZ};
	static const int terminal[] = {SIGHUP, SIGINT, SIGQUIT};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction end = {.sa_handler = on_signal};
	sigset_t none;

	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		die(ERR_TOOL, "cannot create an eventfd: %m");
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		sigaction(ignored[i], &ignore, NULL);
	for (size_t i = 0; i < sizeof(terminal) / sizeof(*terminal); i++)
		sigaction(terminal[i], alone ? &end : &ignore, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

struct wake {
	struct source src;
	struct loop *loop;
};

static void
wake_ready(struct source *s, uint32_t events)
{
	(void)events;
	((struct wake *)s)->loop->stop = 1;
}

/* The day's count: before there is no way to files.  A login is one by whatever
 * token it is used. */
static void
open_budget(struct config *c, const struct secret *secret)
{
	char *path = state_path("budget"), *slash;
	/* nor has a public repository of git's a credential */
	int login = c->renew.at.url || secret->n == 0;
	struct count_file *f = &c->budget.file;
	unsigned today = count_day(time(NULL));
	struct count now;

	if (!path)
		die(ERR_TOOL, "there is no place for the day's budgets: set "
			      "HOME");
	slash = strrchr(path, '/');
	*slash = '\0';
	if (state_make(path) < 0)
		die(ERR_TOOL, "cannot make '%s': %m", path);
	*slash = '/';
	if (count_open(f, path, login ? c->from : secret->text,
		       login ? strlen(c->from) : secret->n) < 0)
		die(ERR_TOOL, "cannot open '%s': %m", path);
	if (count_begin(f, today, &now) < 0)
		die_hint("while no pen runs it can be removed, and is begun "
			 "anew",
			 "%s: '%s'", f->why, path);
	count_end(f, NULL);
	if (now.day > today)
		err_warn("the clock was set back: the day's budget goes on "
			 "with what was used on %04u-%02u-%02u",
			 now.day / 10000, now.day / 100 % 100, now.day % 100);
	free(path);
}

/* It dials one port, opens no file, and starts nothing. */
static void
confine(const struct config *c)
{
	static char *zone[] = {NULL, NULL};
	const struct upstream *u = &c->up;
	const uint16_t port =
	    (uint16_t)(u->pin ? addr_port(&u->addr[0]) : u->dial_port);
	const struct landlock reach = {.files = LANDLOCK_FILES,
				       .net = LANDLOCK_PORTS,
				       .scope =
					   LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				       .ports = &port,
				       .ports_n = 1};

	/* when the day ends */
	tzset();
	for (char **e = environ; e && *e; e++)
		if (strncmp(*e, "TZ=", 3) == 0)
			zone[0] = *e;
	environ = zone;
	confine_process("pen-key", &reach);
	confine_calls("pen-key");
}

/*
 * The process goes on in two: the parent becomes prog, which is told of the
 * other end of the descriptor that the child serves.
 */
static void
start_beside(struct config *c, char *const *prog)
{
	const char *have = getenv("PEN_KEYS");
	char *served, *longer;
	int sock[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	/* no signal at its end: prog is not to meet a child that it did not
	 * make */
	pid = (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	if (pid < 0)
		die(ERR_TOOL, "cannot start the process that serves: %m");
	if (pid == 0) {
		c->serve = sock[0];
		close(sock[1]);
		return;
	}
	close(sock[0]);
	if (c->from && strncmp(c->from, "env:", 4) == 0)
		unsetenv(c->from + 4);
	unsetenv("PEN_KEY_UPSTREAM_AUTH");
	served = mem_printf("%s%s%s=%d", have ? have : "", have ? "," : "",
			    c->up.host, sock[1]);
	for (size_t i = 0; i < c->hold.n; i++) {
		longer = mem_printf("%s,%s=-", served, c->hold.v[i]);
		free(served);
		served = longer;
	}
	if (fd_cloexec(sock[1], 0) < 0 || setenv("PEN_KEYS", served, 1) < 0)
		die(ERR_TOOL, "cannot hand over the descriptor: %m");
	chain_exec(prog);
}

/* What the chain passes on is not for this process. */
static void
close_rest(struct config *c)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int keep[] = {null,     null,	   STDERR_FILENO,
			    c->serve, c->up.login, c->up.resolver.fd};

	if (null < 0 || fd_keep_only(keep, 6) < 0 || fd_cloexec(3, 1) < 0 ||
	    fcntl(3, F_SETFL, O_NONBLOCK) < 0)
		die(ERR_TOOL, "cannot close inherited descriptors: %m");
	if (c->up.login >= 0)
		c->up.login = 4;
	if (c->up.resolver.fd >= 0)
		c->up.resolver.fd = 5;
	c->serve = 3;
	failure_tell(c->serve);
}

int
main(int argc, char **argv)
{
	static struct config c = {.serve = -1};
	static struct clients clients;
	struct loop loop;
	struct secret secret = {0}, password = {0};
	struct echo echo = {0};
	struct report report = {.fd = -1};
	struct listener listener;
	struct wake wake;
	int i;

	err_prog = "pen-key";
	i = opt_parse(&tool, &c, argc, argv);
	/* nobody of this user looks on, and no core file has it */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot forbid to be traced: %m");
	check_config(&c, i < argc);
	if (i < argc)
		start_beside(&c, argv + i);
	if (c.serve >= 0)
		failure_tell(c.serve);
	/* before there is a credential in memory */
	upstream_prepare(&c.up);
	take_auth(&c);
	c.up.login = c.renew.at.url ? renew_start(&c.renew) : -1;
	if (is_git(c.from))
		credential_ask(c.from, c.up.host, c.up.port,
			       c.git.repositories.v[0], &secret, &password);
	else
		source_read(c.from, &c.command, &secret);
	if (c.serve >= 0)
		close_rest(&c);
	if (c.budget.per_day)
		open_budget(&c, &secret);
	if (secret.n > 0)
		echo_init(&echo, secret.text, secret.n);
	if (password.n > 0)
		echo_add(&echo, password.text, password.n);
	report.host = c.up.host;
	if (c.log)
		report_open(&report, c.log);
	set_signals(c.serve < 0);
	loop_init(&loop);
	c.up.header = c.header;
	c.up.secret = &secret;
	c.up.echo = &echo;
	upstream_init(&c.up, &loop);
	clients.loop = &loop;
	clients.judge = c.judge;
	clients.judge.listens = c.serve < 0;
	c.budget.alone = c.serve < 0;
	clients.budget = &c.budget;
	clients.upstream = &c.up;
	clients.report = &report;
	if (c.serve >= 0) {
		report.fd = c.serve;
		report.socket = 1;
		listener_serve(&listener, &clients, c.serve);
		if (setpgid(0, 0) < 0)
			die(ERR_TOOL, "cannot make a process group: %m");
	} else {
		listener_open(&listener, &clients, &c.listen);
	}
	wake = (struct wake){{wake_ready, wake_fd, 0}, &loop};
	if (loop_watch(&loop, &wake.src, EPOLLIN) < 0)
		die(ERR_TOOL, "cannot wait for events: %m");
	confine(&c);
	loop_run(&loop);
	client_end_all(&clients);
	report_lost(&report, 1);
	source_wipe(&secret);
	source_wipe(&password);
	echo_free(&echo);
	resolver_end(c.up.resolver.fd);
	return 0;
}
