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
 * Its interface is up, with constants for addresses, which no host has, so that
 * no address of the host's is one of prog's.
 */
#include "pasta.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
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

#include "lib/caps.h"
#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/helper.h"
#include "lib/mem.h"
#include "lib/receive.h"
#include "nft.h"

#define TUN "/dev/net/tun"

void
pasta_check(struct pasta *p)
{
	int fd;

	p->path = chain_find("pasta");
	if (!p->path)
		die_hint("--open needs it: install the package passt",
			 "cannot find 'pasta' on PATH: %m");
	fd = open(TUN, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die_hint("pasta needs it for --open; as root: modprobe tun, "
			 "and chmod 666 " TUN,
			 "cannot open " TUN ": %m");
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
	const uint64_t needed = CAPS_BIT(CAP_SYS_ADMIN) |
				CAPS_BIT(CAP_NET_ADMIN) |
				CAPS_BIT(CAP_NET_BIND_SERVICE);

	caps_set(caps_effective(), needed);
	caps_raise(needed);
}

/*
 * Starts pasta with its output on a pipe, of which *out becomes the reading
 * end.  It waits for a byte on go, the reading end of another.
 */
static pid_t
spawn_pasta(const char *path, char **argv, int *out, int go)
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
	if (read(go, &c, 1) != 1)
		_exit(ERR_TOOL);
	if (dup2(fds[1], STDOUT_FILENO) < 0 || dup2(fds[1], STDERR_FILENO) < 0)
		_exit(ERR_TOOL);
	execve(path, argv, env);
	die(ERR_NOEXEC, "cannot execute '%s': %m", path);
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
	static const char *const four[] = {"-a", SPECIAL_OWN, "-n",
					   "24", "-g",	      SPECIAL_GATEWAY};
	static const char *const six[] = {"-a", SPECIAL_OWN6, "-g",
					  SPECIAL_GATEWAY6};

	if (!p->v6)
		strv_push(v, "--ipv4-only");
	if (!p->v4)
		strv_push(v, "--ipv6-only");
	if (p->v4)
		PUSH(v, four);
	if (p->v6)
		PUSH(v, six);
	else
		strv_push(v, "--no-ndp");
}

static void
push_command(struct strv *v, const struct pasta *p, int ns)
{
	static const char *const fixed[] = {
	    "--foreground",
	    "--quiet",
	    "--netns-only",
	    "--no-netns-quit",
	    /* constants: see the theory of operation */
	    "-I",
	    NFT_TAP,
	    "-M",
	    "02:00:00:00:00:01",
	    "--no-map-gw",
	    "--no-dhcp",
	    "--no-dhcpv6",
	    "--no-ra",
	    "--config-net",
	    "--dns-forward",
	    SPECIAL_DNS,
	    /* left out they mean "auto", which forwards every listener */
	    "-t",
	    "none",
	    "-T",
	    "none",
	    "-u",
	    "none",
	    "-U",
	    "none",
	};
	char self[32];
	ssize_t n = readlink("/proc/self", self, sizeof(self) - 1);

	if (n < 0)
		die(ERR_TOOL, "cannot read /proc/self: %m");
	self[n] = '\0';
	strv_push(v, p->path);
	PUSH(v, fixed);
	push_family(v, p);
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

	push_command(&v, p, ns);
	if (pipe2(go, O_CLOEXEC) < 0)
		die(ERR_TOOL, "pasta's keeper: %m");
	raise_ambient();
	pid = spawn_pasta(p->path, v.v, &out, go[0]);
	caps_set(0, 0);
	if (fd_write_all(go[1], "", 1) < 0)
		die(ERR_TOOL, "pasta's keeper: %m");
	close(go[1]);
	close(go[0]);
	text = fd_read_all(out, 1 << 20, &n);
	waitpid(pid, &status, 0);
	err_warn("pasta: %s (%s %d); nothing is reached any more",
		 text ? last_line(text) : "too many messages",
		 WIFSIGNALED(status) ? "signal" : "exit status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

static _Noreturn void
keep_pasta(const struct pasta *p, int sock, int owner)
{
	char byte;
	int ns[FD_MSG_MAX];
	size_t n;

	sock = keeper_detach(sock, owner);
	if (receive_message(sock, &byte, 1, ns, &n) <= 0 || n != 1)
		_exit(0); /* the owner failed, and said so */
	/* sock stays open: its end is how the owner knows of pasta's */
	run(p, ns[0]);
	_exit(ERR_TOOL);
}

void
pasta_start(struct pasta *p)
{
	int pair[2], owner;
	long pid;

	owner = (int)syscall(SYS_pidfd_open, getpid(), 0);
	if (owner < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		die(ERR_TOOL, "cannot start pasta's keeper: %m");
	pid = syscall(SYS_clone, CLONE_NEWPID, NULL, NULL, NULL, NULL);
	if (pid < 0)
		die(ERR_TOOL, "cannot start pasta's keeper: %m");
	if (pid == 0) {
		close(pair[0]);
		keep_pasta(p, pair[1], owner);
	}
	if (helper_add((pid_t)pid, SIGKILL) < 0)
		die(ERR_TOOL, "cannot note pasta's keeper: %m");
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
				.nl_groups =
				    RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		die(ERR_TOOL, "cannot wait for pasta: %m");
	return fd;
}

void
pasta_release(struct pasta *p)
{
	int ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int events = route_events();

	if (ns < 0 || fd_send(p->sock, "", 1, &ns, 1) < 0)
		die(ERR_TOOL, "cannot start pasta: %m");
	close(ns);
	await_route(p, events);
	close(events);
	close(p->sock);
}
