#include "forward.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "confine.h"
#include "lib/dns.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/receive.h"
#include "lib/splice.h"
#include "synthetic.h"

/* Connections at a time; each has two sockets, and a pipe while bytes flow. */
#define CONNS_MAX 4096
#define OTHER_FDS 160

/*
 * From loopback to loopback a quarter more than with half of it.  So many of
 * them are an eighth of the pages that a user's pipes may have (pipe(7)).
 */
#define PIPE_SIZE (512 << 10)
#define PIPES_LARGE 16

/* Connections taken for one readiness. */
#define ROUNDS 64

/* Quarters of a second, after prog's end. */
#define LAST_TICKS 8

union address {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

struct forwarder;

struct listener {
	struct source src;
	struct listener *next;
	struct forwarder *f;
	unsigned what; /* a port, or FORWARD_ … */
};

struct conn {
	struct splice data;
	struct timer timer; /* while it waits for a pipe */
	struct conn *prev, *next;
	struct forwarder *f;
	sa_family_t family; /* of the client */
	unsigned what;
	uint8_t tried, open; /* addresses; connected */
};

struct forwarder {
	struct loop loop;
	struct pipes pipes;
	struct listener *listeners;
	struct conn *conns;
	size_t n, max;
	enum forward_prog side; /* as an index of splice's */
	struct ports_local proxy;
	struct source owner;
	struct timer tick; /* accepting goes on; or how the end goes on */
	int paused, ticks, ending;
};

static void
conn_end(struct conn *c, int reset)
{
	struct forwarder *f = c->f;

	loop_untimer(&c->timer);
	splice_close(&f->loop, &c->data, reset);
	if (c->prev)
		c->prev->next = c->next;
	else
		f->conns = c->next;
	if (c->next)
		c->next->prev = c->prev;
	free(c);
	f->n--;
	if (f->ending && f->n == 0)
		f->loop.stop = 1;
}

static void
conn_pump(struct conn *c)
{
	enum splice_state s = splice_pump(&c->f->loop, &c->data);

	if (s == SPLICE_DONE || s == SPLICE_FAILED)
		conn_end(c, s == SPLICE_FAILED);
	else if (c->f->ending && c->data.flow[c->f->side].shut)
		conn_end(c, 0); /* nobody is there to read the rest */
	else if (c->data.starved)
		loop_timer(&c->f->loop, &c->timer, TIMER_TICK);
}

static void
client_ready(struct source *s, uint32_t events)
{
	struct conn *c =
	    (struct conn *)((char *)s -
			    offsetof(struct conn, data.side[CLIENT]));

	splice_ready(&c->data, CLIENT, events);
	conn_pump(c);
}

static void
server_ready(struct source *s, uint32_t events)
{
	struct conn *c =
	    (struct conn *)((char *)s -
			    offsetof(struct conn, data.side[SERVER]));

	splice_ready(&c->data, SERVER, events);
	conn_pump(c);
}

static void
resume_pump(struct timer *t)
{
	conn_pump((struct conn *)((char *)t - offsetof(struct conn, timer)));
}

static void dial_target(struct conn *c);

static void
finish_dial(struct source *s, uint32_t events)
{
	struct conn *c =
	    (struct conn *)((char *)s -
			    offsetof(struct conn, data.side[SERVER]));
	int error = 0;
	socklen_t len = sizeof(error);

	(void)events;
	if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 ||
	    error != 0) {
		loop_close(&c->f->loop, s);
		dial_target(c);
		return;
	}
	c->open = 1;
	s->ready = server_ready;
	c->data.side[CLIENT].ready = client_ready;
	/* what is there already is reported by these */
	if (loop_watch(&c->f->loop, s, SPLICE_EVENTS) < 0 ||
	    loop_watch(&c->f->loop, &c->data.side[CLIENT], SPLICE_EVENTS) < 0)
		conn_end(c, 1);
}

/*
 * The next address to dial: the proxy's, or of loopback, the client's family
 * first.  Whether there was one.
 */
static int
next_address(struct conn *c, union address *a)
{
	struct ports_local to = c->f->proxy;
	int proxied = c->what == FORWARD_PROXY;

	if (!proxied)
		to = (struct ports_local){(c->family == AF_INET6) != c->tried,
					  INADDR_LOOPBACK, c->what};
	if (to.v6)
		a->in6 =
		    (struct sockaddr_in6){.sin6_family = AF_INET6,
					  .sin6_port = htons((uint16_t)to.port),
					  .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	else
		a->in =
		    (struct sockaddr_in){.sin_family = AF_INET,
					 .sin_port = htons((uint16_t)to.port),
					 .sin_addr.s_addr = htonl(to.v4)};
	return c->tried++ < (proxied ? 1 : 2);
}

static void
dial_target(struct conn *c)
{
	struct source *s = &c->data.side[SERVER];
	union address a;

	while (next_address(c, &a)) {
		*s = (struct source){finish_dial, -1, 0};
		s->fd = socket(a.sa.sa_family,
			       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (s->fd < 0)
			continue;
		splice_tune(s->fd, 1);
		if ((connect(s->fd, &a.sa, sizeof(a)) == 0 ||
		     errno == EINPROGRESS) &&
		    loop_watch(&c->f->loop, s, EPOLLOUT) == 0)
			return;
		loop_close(&c->f->loop, s);
	}
	conn_end(c, 1);
}

static void
start_listener(struct listener *l, int fd, sa_family_t family)
{
	struct forwarder *f = l->f;
	struct conn *c = mem_alloc(sizeof(*c));

	*c = (struct conn){.f = f,
			   .next = f->conns,
			   .family = family,
			   .what = l->what,
			   .timer.fire = resume_pump,
			   .data.pipes = &f->pipes};
	c->data.side[CLIENT].fd = fd;
	c->data.side[SERVER].fd = -1;
	if (f->conns)
		f->conns->prev = c;
	f->conns = c;
	f->n++;
	dial_target(c);
}

/*
 * Without room for another connection the listeners leave the epoll for a
 * while: they would report for ever what nobody takes.
 */
static void
pause_all(struct forwarder *f, int pause)
{
	f->paused = pause;
	for (struct listener *l = f->listeners; l; l = l->next)
		loop_watch(&f->loop, &l->src, pause ? 0 : EPOLLIN);
	if (pause)
		loop_timer(&f->loop, &f->tick, TIMER_TICK);
}

static void
accept_conn(struct source *s, uint32_t events)
{
	struct listener *l = (struct listener *)s;

	(void)events;
	for (int i = 0; i < ROUNDS; i++) {
		union address from = {.sa.sa_family = AF_UNSPEC};
		socklen_t len = sizeof(from);
		int fd = -1;

		if (l->f->n < l->f->max)
			fd = accept4(s->fd, &from.sa, &len,
				     SOCK_NONBLOCK | SOCK_CLOEXEC);
		else
			errno = EMFILE;
		if (fd >= 0) {
			start_listener(l, fd, from.sa.sa_family);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		pause_all(l->f, 1);
		return;
	}
}

/* Every name is the proxy's, which is at every address inside. */
static enum dns_rcode
address_of(void *arg, const struct dns_question *q, uint32_t *address)
{
	(void)arg;
	*address = SYNTHETIC_ADDRESS;
	return q->canonical ? DNS_NOERROR : DNS_NXDOMAIN;
}

static void
answer_names(struct source *s, uint32_t events)
{
	uint8_t query[4096], out[DNS_MAX];
	union address from;

	(void)events;
	for (int i = 0; i < ROUNDS; i++) {
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(s->fd, query, sizeof(query), MSG_DONTWAIT,
				     &from.sa, &len);
		size_t size;

		if (n < 0)
			return;
		size = dns_reply(query, (size_t)n, address_of, NULL, out);
		if (size > 0)
			sendto(s->fd, out, size, MSG_DONTWAIT | MSG_NOSIGNAL,
			       &from.sa, len);
	}
}

/* Prog has ended: only what its side has sent is still delivered. */
static void
owner_ended(struct source *s, uint32_t events)
{
	struct forwarder *f =
	    (struct forwarder *)((char *)s - offsetof(struct forwarder, owner));
	struct conn *next;

	(void)events;
	loop_close(&f->loop, s);
	for (struct listener *l = f->listeners; l; l = l->next)
		loop_close(&f->loop, &l->src);
	f->ending = 1;
	f->loop.stop = f->n == 0;
	loop_timer(&f->loop, &f->tick, TIMER_TICK);
	for (struct conn *c = f->conns; c; c = next) {
		next = c->next;
		if (c->open)
			conn_pump(c);
		else
			conn_end(c, 1);
	}
}

static void
resume_or_end(struct timer *t)
{
	struct forwarder *f =
	    (struct forwarder *)((char *)t - offsetof(struct forwarder, tick));

	if (!f->ending)
		pause_all(f, 0);
	else if (++f->ticks < LAST_TICKS)
		loop_timer(&f->loop, &f->tick, TIMER_TICK);
	else
		f->loop.stop = 1;
}

static void
set_limits(struct forwarder *f)
{
	struct rlimit r, none = {0, 0};
	size_t fds;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		die(ERR_TOOL, "forwarder: cannot read a limit: %m");
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	setrlimit(RLIMIT_CORE, &none);
	fds = r.rlim_cur > OTHER_FDS + 64 ? r.rlim_cur - OTHER_FDS : 64;
	f->max = fds / 4 < CONNS_MAX ? fds / 4 : CONNS_MAX;
	f->pipes.max = f->max;
	f->pipes.size = PIPE_SIZE;
	f->pipes.large = PIPES_LARGE;
}

/* Once it holds all sockets, and with them knows all ports. */
static void
confine(const struct forwarder *f)
{
	/* published or reached ports on both addresses, and the proxy's */
	uint16_t ports[2 * PORTS_MAX + 1];
	size_t n = 0;

	for (const struct listener *l = f->listeners; l; l = l->next)
		if (l->what < FORWARD_PROXY)
			ports[n++] = (uint16_t)l->what;
	if (f->proxy.port)
		ports[n++] = (uint16_t)f->proxy.port;
	confine_self(ports, n);
}

/*
 * Out of the terminal's reach and with nothing of the caller's.  Standard
 * error stays until everything is ready: a pipe there must not outlive prog.
 */
static void
leave_terminal(int sock, int owner)
{
	static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGQUIT,
				      SIGTERM};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int keep[] = {null, null, STDERR_FILENO, sock, owner};
	sigset_t none;

	prctl(PR_SET_NAME, "pen-net-forward");
	if (fcntl(STDERR_FILENO, F_GETFD) < 0)
		keep[2] = null;
	if (null < 0 || setsid() < 0 || chdir("/") < 0 ||
	    fd_keep_only(keep, 5) < 0)
		die(ERR_TOOL, "cannot start a forwarder: %m");
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		sigaction(ignored[i], &ignore, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Takes what is given, to the end of it. */
static void
receive_orders(struct forwarder *f, int sock)
{
	unsigned what;
	int fds[FD_MSG_MAX];
	size_t n;
	ssize_t len;

	while ((len = receive_message(sock, &what, sizeof(what), fds, &n)) >
	       0) {
		if (len != sizeof(what))
			die(ERR_TOOL, "forwarder: bad message");
		for (size_t i = 0; i < n; i++) {
			struct listener *l = mem_alloc(sizeof(*l));

			*l = (struct listener){
			    {what == FORWARD_NAMES ? answer_names : accept_conn,
			     fds[i], 0},
			    f->listeners,
			    f,
			    what};
			f->listeners = l;
			if (what != FORWARD_NAMES)
				splice_tune(fds[i], 1); /* and what it takes */
		}
	}
	if (len < 0)
		die(ERR_TOOL, "forwarder: cannot receive its sockets: %m");
	if (!f->listeners)
		_exit(0); /* the owner failed, and said so */
	close(sock);
}

/*
 * A child of the forwarder that is left when that was killed, and says so, as
 * pen-sni's does: nobody else would know why the ports are closed.
 */
struct witness {
	struct loop loop;
	struct source owner, forwarder;
	int ended; /* prog has */
};

static void
witness_owner_ended(struct source *s, uint32_t events)
{
	struct witness *w =
	    (struct witness *)((char *)s - offsetof(struct witness, owner));

	(void)events;
	w->ended = w->loop.stop = 1;
}

static void
witness_forwarder_ended(struct source *s, uint32_t events)
{
	struct witness *w =
	    (struct witness *)((char *)s - offsetof(struct witness, forwarder));

	(void)events;
	w->loop.stop = 1;
}

static _Noreturn void
watch_forwarder(int forwarder, int owner)
{
	static struct witness w;
	enum { FORWARDER = 3, OWNER };
	int keep[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, forwarder,
		      owner};

	if (fd_keep_only(keep, 5) < 0)
		die(ERR_TOOL, "cannot start a forwarder: %m");
	w.owner = (struct source){witness_owner_ended, OWNER, 0};
	w.forwarder = (struct source){witness_forwarder_ended, FORWARDER, 0};
	loop_init(&w.loop);
	if (loop_watch(&w.loop, &w.owner, EPOLLIN) < 0 ||
	    loop_watch(&w.loop, &w.forwarder, EPOLLIN) < 0)
		die(ERR_TOOL, "forwarder: cannot wait for events: %m");
	confine_self(NULL, 0);
	loop_run(&w.loop);
	if (!w.ended)
		err_warn("a forwarder was killed: its ports are closed");
	_exit(0);
}

/* Not where standard error is a pipe or a socket: it must not outlive prog. */
static void
start_witness(int owner)
{
	struct stat st;
	int fds[2];
	pid_t pid;

	if (fstat(STDERR_FILENO, &st) < 0 || S_ISFIFO(st.st_mode) ||
	    S_ISSOCK(st.st_mode))
		return;
	if (pipe2(fds, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die(ERR_TOOL, "cannot start a forwarder: %m");
	if (pid == 0)
		watch_forwarder(fds[0], owner);
	close(fds[0]); /* the other end is open as long as this process is */
}

static _Noreturn void
run(int sock, int owner, enum forward_prog side,
    const struct ports_local *proxy)
{
	static struct forwarder f;
	enum { SOCK = 3, OWNER };

	f.side = side;
	f.proxy = *proxy;
	f.tick.fire = resume_or_end;
	f.owner = (struct source){owner_ended, OWNER, 0};
	leave_terminal(sock, owner);
	receive_orders(&f, SOCK);
	start_witness(OWNER);
	set_limits(&f);
	loop_init(&f.loop);
	pause_all(&f, 0);
	if (loop_watch(&f.loop, &f.owner, EPOLLIN) < 0)
		die(ERR_TOOL, "forwarder: cannot wait for events: %m");
	confine(&f);
	/* not dup3(3), which musl makes another call of */
	if (syscall(SYS_dup3, STDIN_FILENO, STDERR_FILENO, 0) < 0)
		die(ERR_TOOL, "forwarder: cannot let standard error go: %m");
	loop_run(&f.loop);
	while (f.conns)
		conn_end(f.conns, 1);
	_exit(0);
}

int
forward_start(enum forward_prog side, const struct ports_local *proxy,
	      int owner)
{
	int pair[2];
	long pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		die(ERR_TOOL, "cannot start a forwarder: %m");
	pid = syscall(SYS_clone, 0L, NULL, NULL, NULL, NULL);
	if (pid < 0)
		die(ERR_TOOL, "cannot start a forwarder: %m");
	if (pid == 0)
		run(pair[1], owner, side, proxy);
	close(pair[1]);
	return pair[0];
}

void
forward_give(int sock, const int *fds, unsigned what, size_t n)
{
	if (fd_send(sock, &what, sizeof(what), fds, n) < 0)
		die(ERR_TOOL, "cannot give the forwarder its sockets: %m");
}
