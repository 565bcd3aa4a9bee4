/* pen-sni: the only way out.  Starts the proxy, then becomes its argv. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/helper.h"
#include "lib/mem.h"
#include "lib/opt.h"
#include "lib/similar.h"
#include "pen-sni/policy_add.h"
#include "pen-sni/proxy.h"

/* pen-net's message has the resolver's two sockets, and one for each port. */
#define MAX_PORTS (FD_MSG_MAX - 2)

struct config {
	struct policy policy;
	const char *log;
	const char *dns_server;
	struct upstream upstream;
	int control, ask, audit;
	int serve; /* the descriptor, or -1 */
	struct about about;
	union addr listen; /* family 0: none */
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
check_rule(const char *option, const char *text, const char *why)
{
	if (why)
		die(ERR_TOOL, "--%s: '%s': %s", option, text, why);
}

static void
allow(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("allow", args[0], policy_allow(&c->policy, args[0]));
}

static void
allow_only(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("allow-only", args[0], policy_only(&c->policy, args[0]));
}

static void private(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("private", args[0], policy_private(&c->policy, args[0]));
}

static void
deny(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("deny", args[0], policy_deny(&c->policy, args[0]));
}

static void
quiet(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("quiet", args[0], policy_quiet(&c->policy, args[0]));
}

static void
limit(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("limit", args[0], policy_add_limit(&c->policy, args[0]));
}

static void
connect_to(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("connect-to", args[0], policy_pin(&c->policy, args[0]));
}

static void
log_file(void *cfg, char **args)
{
	((struct config *)cfg)->log = args[0];
}

static void
control(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->control = 1;
}

static void
ask(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->ask = 1;
}

static void
audit(void *cfg, char **args)
{
	(void)args;
	((struct config *)cfg)->audit = 1;
}

static void
agent(void *cfg, char **args)
{
	((struct config *)cfg)->about.agent = args[0];
}

static void
project(void *cfg, char **args)
{
	((struct config *)cfg)->about.project = args[0];
}

/* Which of them exclude each other is pen-net's to say. */
static void
carry(struct config *c, const char *option, int reach, const char *text)
{
	struct ports p;

	check_rule(option, text, ports_parse(text, !reach, &p));
	carried_add(&c->about.carried, reach, text, NULL);
}

static void
publish(void *cfg, char **args)
{
	carry(cfg, "publish", 0, args[0]);
}

static void
reach(void *cfg, char **args)
{
	carry(cfg, "reach", 1, args[0]);
}

static void
upstream_proxy(void *cfg, char **args)
{
	struct config *c = cfg;

	check_rule("upstream-proxy", args[0],
		   upstream_parse(args[0], &c->upstream));
}

static void
dns_server(void *cfg, char **args)
{
	union addr a;

	if (addr_parse_port(args[0], &a) < 0 || addr_port(&a) == 0)
		die(ERR_TOOL, "--dns-server: '%s' is not ADDR:PORT", args[0]);
	((struct config *)cfg)->dns_server = args[0];
}

static void
serve_on(void *cfg, char **args)
{
	int fd = (int)opt_number("serve", args[0], INT_MAX), type;
	socklen_t n = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &n) < 0)
		die(ERR_TOOL, "--serve: descriptor %d: %m", fd);
	if (type != SOCK_SEQPACKET)
		die(ERR_TOOL,
		    "--serve: descriptor %d is not of the kind that "
		    "pen-net uses",
		    fd);
	((struct config *)cfg)->serve = fd;
	proxy_awaited(fd);
}

static void
listen_on(void *cfg, char **args)
{
	if (addr_parse_port(args[0], &((struct config *)cfg)->listen) < 0)
		die(ERR_TOOL, "--listen: '%s' is not ADDR:PORT", args[0]);
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options] [--] prog [args...]\n"
	     "       pen-sni --serve FD [options]\n"
	     "       pen-sni --listen ADDR:PORT [options]",
    .purpose = "Answers names and forwards connections to those that are "
	       "allowed, for prog.",
    .opts = options,
    .similar = similar_option,
};

/* What serves alone has no synthetic addresses, and one port. */
static void
check_alone(const struct config *c)
{
	for (size_t i = 0; i < c->policy.allows; i++) {
		const struct rule *r = &c->policy.allow[i].rule;
		char text[RULE_TEXT];

		rule_format(r, text, sizeof(text));
		if (r->proto != RULE_TLS || r->port != 443)
			die(ERR_TOOL,
			    "--listen serves TLS for port 443 only, "
			    "not '%s'",
			    text);
	}
}

static int
bind_listener(const union addr *a)
{
	char text[ADDR_TEXT];
	int on = 1, fd;

	fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    0);
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, &a->sa, addr_len(a)) < 0 ||
	    listen(fd, SOMAXCONN) < 0)
		die(ERR_TOOL, "cannot listen on '%s' port %u: %m",
		    addr_text(a, text), addr_port(a));
	return fd;
}

/* What pen-net reads first: the ports that it is to make sockets for. */
static int
say_ports(const struct policy *policy, int sock)
{
	char *ports;

	if (policy_ports(policy, &ports) > MAX_PORTS)
		die(ERR_TOOL, "the rules have more than %d ports", MAX_PORTS);
	/* a message of no bytes would be the end of them */
	return fd_send(sock, *ports ? ports : ",", *ports ? strlen(ports) : 1,
		       NULL, 0);
}

/*
 * Forks the proxy.  No signal is asked for its end (clone(2), low byte 0), so
 * that what this process becomes never meets a child that it did not make:
 * wait(2) does not see it either.
 */
static void
start_proxy(struct proxy *p)
{
	int sock[2], pidfd;
	pid_t pid;

	pidfd = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (pidfd < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0 ||
	    say_ports(&p->policy, sock[0]) < 0)
		die(ERR_TOOL, "cannot prepare the proxy: %m");
	pid = (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
	if (pid < 0)
		die(ERR_TOOL, "cannot start the proxy: %m");
	if (pid == 0)
		proxy_chain(p, sock[0], pidfd);
	/* out of the foreground: Ctrl-C and Ctrl-Z are not for it */
	if (setpgid(pid, pid) < 0 && errno != ESRCH)
		die(ERR_TOOL, "cannot move the proxy to a group: %m");
	if (fd_cloexec(sock[1], 0) < 0 || helper_add(pid, SIGTERM) < 0 ||
	    setenv("PEN_SNI_FD", mem_printf("%d", sock[1]), 1) < 0)
		die(ERR_TOOL, "cannot hand over the proxy's socket: %m");
}

/*
 * Is the proxy of a parent that goes on meanwhile.  It leaves the foreground
 * only now: until here it may have had something to say, and who does not block
 * SIGTTOU would be stopped for that in the background of a terminal with tostop
 * set.
 */
static _Noreturn void
serve(struct proxy *p, int sock, pid_t parent)
{
	int pidfd = (int)syscall(SYS_pidfd_open, parent, 0);

	if (pidfd < 0 && errno != ESRCH)
		die(ERR_TOOL, "cannot watch the parent process: %m");
	/* fails when it has ended: then pidfd may be another's */
	if (pidfd < 0 || say_ports(&p->policy, sock) < 0 || getppid() != parent)
		err_exit(ERR_TOOL);
	if (setpgid(0, 0) < 0)
		die(ERR_TOOL, "cannot make a process group: %m");
	proxy_chain(p, sock, pidfd);
}

/*
 * What is allowed later finds its socket there: they are made inside, at the
 * start, and so it has to be one of these ports or of the rules'.  An audit is
 * to find out, so it has more of them.
 */
static void
add_ports(const struct config *c, struct policy *p)
{
	static const unsigned usual[] = {22, 80, 443, 8080, 8443, 9418};

	p->extra = usual;
	p->extras = c->audit ? sizeof(usual) / sizeof(*usual) : 3;
}

static void
open_control(const struct config *c, struct proxy *p, pid_t chain)
{
	struct about about = c->about;

	about.pid = chain;
	about.log = c->log;
	p->control = control_open(&about);
}

/* A password is in no command line, and not for prog. */
static void
take_auth(struct upstream *u)
{
	const char *auth = getenv("PEN_SNI_UPSTREAM_AUTH");

	if (u->port && auth && *auth)
		upstream_set_auth(u, auth);
	unsetenv("PEN_SNI_UPSTREAM_AUTH");
}

static void
check_config(const struct config *c, int have_prog)
{
	int listens = c->listen.sa.sa_family != AF_UNSPEC;

	if (listens && c->serve >= 0)
		die(ERR_TOOL, "--listen and --serve exclude each other");
	if ((listens || c->serve >= 0) && have_prog)
		die_hint(mem_printf("leave out --%s or the program",
				    listens ? "listen" : "serve"),
			 "--%s runs no program", listens ? "listen" : "serve");
	if (!listens && c->serve < 0 && !have_prog)
		die_hint("pen-sni --help lists the options",
			 "no program to run");
	if (c->log && strcmp(c->log, "-") == 0 && !listens)
		die(ERR_TOOL, "--log -: standard output is the program's");
	if (c->ask && !c->control)
		die_hint("there is nobody to ask without",
			 "--ask needs --control");
}

int
main(int argc, char **argv)
{
	static struct proxy proxy;
	struct config c = {.serve = -1};
	pid_t chain;
	int i;

	err_prog = "pen-sni";
	i = opt_parse(&tool, &c, argc, argv);
	check_config(&c, i < argc);
	chain = c.serve >= 0 ? getppid() : getpid();
	log_init(&proxy.events.log, c.log);
	fakeip_init(&proxy.names);
	proxy.policy = c.policy;
	proxy.resolver.server = c.dns_server;
	hand_init(&proxy.hands, &proxy.policy);
	take_auth(&c.upstream);
	proxy.upstream = c.upstream;
	proxy.ask.asks = c.ask;
	proxy.ask.audit = c.audit;
	if (c.audit)
		err_warn("--audit: every name that no rule denies is let "
			 "through");
	if (c.control || c.audit || proxy.hands.n > 0)
		add_ports(&c, &proxy.policy);
	if (c.control)
		open_control(&c, &proxy, chain);
	if (c.listen.sa.sa_family) {
		check_alone(&c);
		return proxy_alone(&proxy, bind_listener(&c.listen));
	}
	if (c.serve >= 0)
		serve(&proxy, c.serve, chain);
	start_proxy(&proxy);
	chain_exec(argv + i);
}
