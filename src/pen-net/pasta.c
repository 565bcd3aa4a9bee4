/*
 * Theory of operation
 *
 * pasta joined to a namespace by its path outlives it, forks, and ends only
 * when told.  So it gets a keeper: a clone of this process that is pid 1 of a
 * pid namespace of its own.  The kernel kills the keeper when this process
 * ends (PR_SET_PDEATHSIG; SIGKILL from an ancestor namespace reaches a pid 1),
 * and everything in the pid namespace when the keeper ends.  Nobody waits for
 * either: the keeper is cloned without an exit signal, so that the wait(2) of
 * prog never sees a child it did not make.
 *
 * The keeper is in the user namespace that owns the network namespace, but on
 * the host's network.  It sleeps until pasta_release() sends the namespace,
 * which by then is closed, and it holds the namespace open under a path that
 * pasta can use: /proc/KEEPER/fd/N.  pasta may follow it only when the keeper
 * has no capability that pasta lacks (ptrace(2), "access mode checking"), so
 * the keeper drops all of its own after the fork and before pasta's exec.
 *
 * For ports pasta splices loopback to loopback.  Its tap interface stays down
 * and the packet filter refuses it, so its addresses are constants nobody uses;
 * given explicitly, pasta starts on a host without any route.  IPv4 only: pasta
 * accepts a connection before it dials the other side, of the same family.
 * Were ::1 bound too, clients that try it first (curl, browsers, node) would
 * see a server on 127.0.0.1 as a reset connection; refused, they go on.
 *
 * In an open network the interface is up, with the same constants, which no
 * host has, so that no address of the host's is one of prog's.
 */
#include "pasta.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/ports.h"
#include "nft.h"

#define TUN "/dev/net/tun"

/* Since 2024-10-30 spliced connections go to loopback inside only with it. */
#define LOOPBACK_OPTION "--host-lo-to-ns-lo"

/* Appends the pair; lists that add up may name one twice, but to one end. */
static void
add(struct pasta_ports *l, const char *option, unsigned host, unsigned inside)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->p[i].host == host) {
			if (l->p[i].inside == inside)
				return;
			die(ERR_TOOL, "--%s: host port %u is given twice",
			    option, host);
		}
	if (l->n == PORTS_MAX)
		die(ERR_TOOL, "--%s: more than %d ports", option,
		    PORTS_MAX);
	l->p[l->n].host = host;
	l->p[l->n++].inside = inside;
}

static void
add_range(struct pasta_ports *l, const char *option, const char *text,
	  int pair)
{
	struct ports p;
	const char *why = ports_parse(text, pair, &p);

	if (why)
		die(ERR_TOOL, "--%s: '%s': %s", option, text, why);
	for (unsigned i = 0; i < p.n; i++)
		add(l, option, p.host + i, p.inside + i);
}

void
pasta_publish(struct pasta_ports *l, const char *text)
{
	add_range(l, "publish", text, 1);
}

void
pasta_reach(struct pasta_ports *l, const char *text)
{
	add_range(l, "reach", text, 0);
}

int
pasta_wanted(const struct pasta *p)
{
	return p->open || p->publish.n + p->reach.n > 0;
}

void
pasta_check(struct pasta *p)
{
	int fd;

	p->path = chain_find("pasta");
	if (!p->path)
		die_hint("--publish, --reach and --open need it: install the "
			 "package passt",
			 "cannot find 'pasta' on PATH: %m");
	fd = open(TUN, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die_hint("pasta needs it for --publish, --reach and --open; "
			 "as root: modprobe tun, and chmod 666 " TUN,
			 "cannot open " TUN ": %m");
	close(fd);
}

/*
 * The same bind(2) that pasta will make, and at the same rights, so that a
 * port that is taken is an error before prog runs and not a line from the
 * keeper after.
 */
static void
check_host_port(unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
				.sin_port = htons((uint16_t)port),
				.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, 1) < 0)
		die_hint(errno == EACCES
				 ? "give another host port: --publish 8080:80"
				 : NULL,
			 "cannot publish on 127.0.0.1:%u: %m", port);
	close(fd);
}

/*
 * Out of the terminal's reach, bound to the life of owner, a pidfd, and with
 * no descriptors but stderr and the pair's end, which is returned.
 */
static int
keeper_detach(int sock, int owner)
{
	struct pollfd p = {.fd = owner, .events = POLLIN};
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int keep[] = {null, null, STDERR_FILENO, sock};
	sigset_t none;

	if (fcntl(STDERR_FILENO, F_GETFD) < 0)
		keep[2] = null;
	prctl(PR_SET_NAME, "pen-net-keeper");
	if (null < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		die(ERR_TOOL, "pasta's keeper: %m");
	/* The owner that ended before prctl(2) sends no signal. */
	if (poll(&p, 1, 0) != 0)
		_exit(0);
	if (setsid() < 0 || chdir("/") < 0 || fd_keep_only(keep, 4) < 0)
		die(ERR_TOOL, "pasta's keeper: %m");
	/* pasta refuses to start with SIGPIPE ignored */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &dfl, NULL);
	sigaction(SIGCHLD, &dfl, NULL);
	return 3;
}

/* Ambient capabilities, for the exec of a program by a user who is not 0. */
static void
raise_ambient(void)
{
	static const int caps[] = {CAP_SYS_ADMIN, CAP_NET_ADMIN,
				   CAP_NET_BIND_SERVICE};
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &head, d) < 0)
		die(ERR_TOOL, "pasta's keeper: capget: %m");
	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++)
		d[0].inheritable |= 1U << caps[i];
	if (syscall(SYS_capset, &head, d) < 0)
		die(ERR_TOOL, "pasta's keeper: capset: %m");
	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++)
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, caps[i], 0,
			  0) < 0)
			die(ERR_TOOL, "pasta's keeper: ambient: %m");
}

static void
drop_own(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {{0}};

	if (syscall(SYS_capset, &head, none) < 0)
		die(ERR_TOOL, "pasta's keeper: capset: %m");
}

/*
 * Starts pasta with its output on a pipe, of which *out becomes the reading
 * end.  With a go, the reading end of another, it waits there for a byte.
 */
static pid_t
spawn(char *path, char **argv, int *out, int go)
{
	char *env[] = {NULL}, c;
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die(ERR_TOOL, "pasta's keeper: %m");
	if (pid > 0) {
		close(fds[1]);
		*out = fds[0];
		return pid;
	}
	if (go >= 0 && read(go, &c, 1) != 1)
		_exit(ERR_TOOL);
	if (dup2(fds[1], STDOUT_FILENO) < 0 || dup2(fds[1], STDERR_FILENO) < 0)
		_exit(ERR_TOOL);
	execve(path, argv, env);
	die(ERR_NOEXEC, "cannot execute '%s': %m", path);
}

/* Whether this pasta has LOOPBACK_OPTION; asked of it where nobody waits. */
static int
has_loopback_option(char *path)
{
	char *argv[] = {path, (char[]){"--help"}, NULL}, *text;
	size_t n;
	int out, found;
	pid_t pid = spawn(path, argv, &out, -1);

	text = fd_read_all(out, 1 << 20, &n);
	close(out);
	waitpid(pid, NULL, 0);
	found = text && strstr(text, LOOPBACK_OPTION);
	free(text);
	return found;
}

/* "-t 127.0.0.1/HOST:INSIDE" …, or "-t none". */
static void
push_ports(struct strv *v, const char *option, const char *address,
	   const struct pasta_ports *l)
{
	for (size_t i = 0; i < l->n; i++) {
		strv_push(v, option);
		strv_push(v, mem_printf("%s%u:%u", address, l->p[i].host,
					l->p[i].inside));
	}
	if (l->n == 0) {
		strv_push(v, option);
		strv_push(v, "none");
	}
}

static void
push_all(struct strv *v, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		strv_push(v, words[i]);
}

#define PUSH(v, words) push_all(v, words, sizeof(words) / sizeof(*(words)))

/*
 * An open network has a family if the host has routes for it: a program that
 * was given an address of the other would wait for nothing.
 */
static void
push_family(struct strv *v, const struct pasta *p)
{
	static const char *const four[] = {
		"-a", SPECIAL_OWN, "-n", "24", "-g", SPECIAL_GATEWAY};
	static const char *const six[] = {"-a", SPECIAL_OWN6, "-g",
					  SPECIAL_GATEWAY6};
	static const char *const open[] = {"--config-net", "--dns-forward",
					   SPECIAL_DNS};
	static const char *const closed[] = {"-i", "lo", "--no-icmp"};
	int v6 = p->open && p->v6;

	if (!v6)
		strv_push(v, "--ipv4-only");
	if (v6 && !p->v4)
		strv_push(v, "--ipv6-only");
	if (!v6 || p->v4)
		PUSH(v, four);
	if (v6)
		PUSH(v, six);
	if (!v6)
		strv_push(v, "--no-ndp");
	if (p->open)
		PUSH(v, open);
	else
		PUSH(v, closed);
}

static void
command(struct strv *v, const struct pasta *p, int ns)
{
	static const char *const fixed[] = {
		"--foreground", "--quiet", "--netns-only", "--no-netns-quit",
		/* constants: see the theory of operation */
		"-I", NFT_TAP, "-M", "02:00:00:00:00:01",
		"--no-map-gw", "--no-dhcp", "--no-dhcpv6", "--no-ra",
		/* left out they mean "auto", which forwards every listener */
		"-u", "none", "-U", "none",
	};
	char self[32];
	ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);

	if (n < 0)
		die(ERR_TOOL, "cannot read /proc/self: %m");
	self[n] = '\0';
	strv_push(v, p->path);
	PUSH(v, fixed);
	push_family(v, p);
	if (has_loopback_option(p->path))
		strv_push(v, LOOPBACK_OPTION);
	push_ports(v, "-t", "127.0.0.1/", &p->publish);
	push_ports(v, "-T", "", &p->reach);
	strv_push(v, "--netns");
	strv_push(v, mem_printf("/proc/%s/fd/%d", self, ns));
}

/*
 * The last line of text that says why; the 2023 pasta adds one about syslog
 * to each when it cannot reach that.
 */
static const char *
last_line(char *text)
{
	const char *last = "no message";

	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		if (strncmp(line, "Failed to send ", 15) != 0)
			last = line;
	return last;
}

/* Starts pasta and stays until it ends, which it never should. */
static void
run(const struct pasta *p, int ns)
{
	struct strv v = {0};
	char *text;
	size_t n;
	int out, go[2], status = 0;
	pid_t pid;

	command(&v, p, ns);
	if (pipe2(go, O_CLOEXEC) < 0)
		die(ERR_TOOL, "pasta's keeper: %m");
	raise_ambient();
	pid = spawn(p->path, v.v, &out, go[0]);
	drop_own();
	if (fd_write_all(go[1], "", 1) < 0)
		die(ERR_TOOL, "pasta's keeper: %m");
	close(go[1]);
	close(go[0]);
	text = fd_read_all(out, 1 << 20, &n);
	waitpid(pid, &status, 0);
	err_warn("pasta: %s (%s %d); its ports are closed",
		 text ? last_line(text) : "too many messages",
		 WIFSIGNALED(status) ? "signal" : "exit status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static _Noreturn void
keeper(const struct pasta *p, int sock, int owner)
{
	char byte;
	int ns[FD_MSG_MAX];
	size_t n;

	sock = keeper_detach(sock, owner);
	if (fd_recv(sock, &byte, 1, ns, &n) <= 0 || n != 1)
		_exit(0); /* the owner failed, and said so */
	/* with an open network its end is how the owner knows of pasta's */
	if (!p->open)
		close(sock);
	run(p, ns[0]);
	_exit(ERR_TOOL);
}

void
pasta_start(struct pasta *p)
{
	int pair[2], owner;
	long pid;

	for (size_t i = 0; i < p->publish.n; i++)
		check_host_port(p->publish.p[i].host);
	owner = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (owner < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		die(ERR_TOOL, "cannot start pasta's keeper: %m");
	pid = syscall(SYS_clone, CLONE_NEWPID, NULL, NULL, NULL, NULL);
	if (pid < 0)
		die(ERR_TOOL, "cannot start pasta's keeper: %m");
	if (pid == 0) {
		close(pair[0]);
		keeper(p, pair[1], owner);
	}
	close(pair[1]);
	close(owner);
	p->sock = pair[0];
}

/*
 * Waits for the default routes, which pasta makes last.  events is a socket
 * that the kernel tells of routes (rtnetlink(7)).
 */
static void
await_route(const struct pasta *p, int events)
{
	struct pollfd fds[] = {{.fd = events, .events = POLLIN},
			       {.fd = p->sock, .events = POLLIN}};
	union {
		struct nlmsghdr header;
		struct {
			struct nlmsghdr header;
			struct rtmsg route;
		} m;
		char room[8192];
	} u;

	int v4 = p->v4, v6 = p->v6; /* still to come */

	while (v4 || v6) {
		int n = poll(fds, 2, 10000);

		if (n < 0 && errno != EINTR)
			die(ERR_TOOL, "cannot wait for pasta: %m");
		if (n == 0)
			die(ERR_TOOL, "pasta made no route in 10 seconds");
		if (n > 0 && fds[1].revents)
			die(ERR_TOOL, "pasta ended before it made a route");
		if (n < 0 || recv(events, &u, sizeof(u), MSG_DONTWAIT) < 0 ||
		    u.header.nlmsg_type != RTM_NEWROUTE ||
		    u.m.route.rtm_dst_len != 0)
			continue;
		v4 = v4 && u.m.route.rtm_family != AF_INET;
		v6 = v6 && u.m.route.rtm_family != AF_INET6;
	}
}

static int
route_events(void)
{
	struct sockaddr_nl a = {.nl_family = AF_NETLINK,
				.nl_groups = RTMGRP_IPV4_ROUTE |
					     RTMGRP_IPV6_ROUTE};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die(ERR_TOOL, "cannot wait for pasta: %m");
	return fd;
}

void
pasta_release(struct pasta *p)
{
	int ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int events = p->open ? route_events() : -1;

	if (ns < 0 || fd_send(p->sock, "", 1, &ns, 1) < 0)
		die(ERR_TOOL, "cannot start pasta: %m");
	close(ns);
	if (p->open) {
		await_route(p, events);
		close(events);
	}
	close(p->sock);
}
