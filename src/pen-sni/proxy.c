#include "pen-sni/proxy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "pen-sni/ask.h"
#include "pen-sni/confine.h"
#include "pen-sni/conn.h"
#include "pen-sni/control.h"
#include "pen-sni/dnsd.h"
#include "pen-sni/live.h"
#include "pen-sni/spare.h"
#include "pen-sni/witness.h"

/* Connections taken for one readiness. */
#define ROUNDS 64

/* Descriptors of a connection without bytes in flight, and of a pipe. */
#define CONN_FDS 2
#define PIPE_FDS 2

/*
 * A pipe's capacity that is asked for.  With half of it the same bytes cost a
 * seventh more processor time on loopback, with twice as much none less.  A
 * user may have 16384 pages of pipe buffers (pipe(7), pipe-user-pages-soft), of
 * which this takes at most a quarter.
 */
#define PIPE_SIZE (512 << 10)
#define PIPES_LARGE 32

/* Descriptors that are not a connection's: listeners, c-ares', log, dials. */
#define OTHER_FDS 128

enum listener_kind { LISTEN_DNS_UDP, LISTEN_DNS_TCP, LISTEN_TCP, LISTEN_ALONE };

struct listener {
	struct source src;
	struct listener *next;
	struct proxy *p;
	enum listener_kind kind;
	unsigned port;
};

/* Something whose readiness ends the proxy, or brings the sockets. */
struct watch {
	struct source src;
	struct proxy *p;
};

/* Written to by the signal handler; an eventfd. */
static int wake_fd = -1;

/*
 * Asked to end: the loop closes what is open and writes the last lines.  If it
 * cannot, because it is stuck, the alarm ends it.
 */
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

void
proxy_event(struct proxy *p, const struct event *e)
{
	if (p->control)
		control_event(p->control, e);
	log_event(&p->log, p->loop.now, e);
	if (p->log.dropped && !p->flood.next)
		loop_timer(&p->loop, &p->flood, TIMER_HELLO);
}

static void
sum_up(struct timer *t)
{
	struct proxy *p =
		(struct proxy *)((char *)t - offsetof(struct proxy, flood));

	log_flood(&p->log);
}

static int
is_tcp(const struct listener *l)
{
	return l->kind == LISTEN_TCP || l->kind == LISTEN_ALONE;
}

int
proxy_listens(const struct proxy *p, unsigned port)
{
	for (const struct listener *l = p->listeners; l; l = l->next)
		if (is_tcp(l) && l->port == port)
			return 1;
	return 0;
}

char *
proxy_ports(const struct proxy *p)
{
	char *list = mem_copy("");

	for (const struct listener *l = p->listeners; l; l = l->next) {
		char *longer;

		if (!is_tcp(l))
			continue;
		longer = mem_printf("%u%s%s", l->port, *list ? "," : "", list);
		free(list);
		list = longer;
	}
	return list;
}

/*
 * Stops or goes on accepting.  Without room for another connection its
 * listeners leave the epoll: they would report for ever what nobody takes.
 */
static void
pause_listeners(struct proxy *p, int pause)
{
	p->paused = pause;
	for (struct listener *l = p->listeners; l; l = l->next)
		if (l->kind != LISTEN_DNS_UDP)
			loop_watch(&p->loop, &l->src, pause ? 0 : EPOLLIN);
}

static void
resume(struct timer *t)
{
	struct proxy *p =
		(struct proxy *)((char *)t - offsetof(struct proxy, resume));

	pause_listeners(p, 0);
}

static void
rested(struct timer *t)
{
	struct proxy *p =
		(struct proxy *)((char *)t - offsetof(struct proxy, rest));

	if (p->n_conns == 0)
		spare_memory();
}

/*
 * With nothing open it is idle, ten seconds later: who connects every few
 * seconds finds everything where it was.
 */
static void
rest(struct proxy *p)
{
	if (p->n_conns == 0)
		loop_timer(&p->loop, &p->rest, TIMER_HELLO);
}

void
proxy_room(struct proxy *p)
{
	if (p->paused && !p->resume.next && p->n_conns < p->max_conns)
		pause_listeners(p, 0);
	rest(p);
}

/* The name whose synthetic address the accepted fd was connected to. */
static const char *
name_of(const struct proxy *p, int fd)
{
	union addr a = {0};
	socklen_t len = sizeof(a);

	if (getsockname(fd, &a.sa, &len) < 0 || a.sa.sa_family != AF_INET)
		return NULL;
	return names_at(&p->names, ntohl(a.in.sin_addr.s_addr));
}

static void
accept_one(struct listener *l, int fd)
{
	if (l->kind == LISTEN_DNS_TCP)
		dnsd_tcp(l->p, fd);
	else
		conn_start(l->p, fd, l->port,
			   l->kind == LISTEN_TCP ? name_of(l->p, fd) : NULL,
			   l->kind == LISTEN_ALONE);
}

static void
listener_ready(struct source *s, uint32_t events)
{
	struct listener *l = (struct listener *)s;
	struct proxy *p = l->p;

	(void)events;
	rest(p);
	if (l->kind == LISTEN_DNS_UDP) {
		dnsd_udp(p, s->fd);
		return;
	}
	for (int i = 0; i < ROUNDS; i++) {
		int fd;

		if (p->n_conns >= p->max_conns) {
			pause_listeners(p, 1);
			return;
		}
		fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			accept_one(l, fd);
			continue;
		}
		if (errno == EAGAIN)
			return;
		if (errno == ECONNABORTED || errno == EINTR)
			continue;
		/* out of descriptors or memory: it would spin otherwise */
		pause_listeners(p, 1);
		loop_timer(&p->loop, &p->resume, TIMER_TICK);
		return;
	}
}

/* Whether what connects to fd does so without a network in between. */
static int
is_near(int fd, enum listener_kind kind)
{
	union addr a = {0};
	socklen_t len = sizeof(a);

	if (kind != LISTEN_ALONE) /* of the pen's own namespace */
		return 1;
	getsockname(fd, &a.sa, &len);
	return addr_is_loopback(&a);
}

static void
add_listener(struct proxy *p, int fd, enum listener_kind kind, unsigned port)
{
	struct listener *l = mem_alloc(sizeof(*l));

	if (kind != LISTEN_DNS_UDP) /* what is accepted inherits it */
		splice_tune(fd, is_near(fd, kind));
	*l = (struct listener){{listener_ready, fd, 0}, p->listeners, p, kind,
			       port};
	p->listeners = l;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ||
	    loop_watch(&p->loop, &l->src, EPOLLIN) < 0)
		die(ERR_TOOL, "cannot wait for connections: %m");
}

static void
stop_ready(struct source *s, uint32_t events)
{
	(void)events;
	((struct watch *)s)->p->loop.stop = 1;
}

/* One line of pen-net's message: "dns-udp 53", "dns-tcp 53", "tcp 443". */
static int
take_socket(struct proxy *p, char *line, int fd)
{
	static const char *const kinds[] = {
		[LISTEN_DNS_UDP] = "dns-udp",
		[LISTEN_DNS_TCP] = "dns-tcp",
		[LISTEN_TCP] = "tcp",
	};
	char *space = strchr(line, ' ');
	unsigned long port;

	if (!space || num_parse(space + 1, 10, 65535, &port) < 0)
		return -1;
	*space = '\0';
	for (int k = LISTEN_DNS_UDP; k <= LISTEN_TCP; k++)
		if (strcmp(line, kinds[k]) == 0) {
			add_listener(p, fd, (enum listener_kind)k,
				     (unsigned)port);
			return 0;
		}
	return -1;
}

static void
handover_ready(struct source *s, uint32_t events)
{
	struct proxy *p = ((struct watch *)s)->p;
	char text[4096], *line = text, *end;
	int fds[FD_MSG_MAX];
	size_t n;
	ssize_t len = fd_recv(s->fd, text, sizeof(text) - 1, fds, &n);

	(void)events;
	if (len < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* nobody has any, and the ports may be unread: a reset then */
	if (len < 0 && errno == ECONNRESET)
		len = 0;
	if (len < 0)
		die(ERR_TOOL, "cannot receive the sockets: %m");
	p->loop.stop |= len == 0;
	text[len] = '\0';
	for (size_t i = 0; i < n; i++, line = end + 1) {
		end = strchr(line, '\n');
		if (!end)
			die(ERR_TOOL, "bad message from pen-net");
		*end = '\0';
		if (take_socket(p, line, fds[i]) < 0)
			die(ERR_TOOL, "bad message from pen-net");
	}
	/* who does not wait for it is told by nothing */
	fd_send(s->fd, "ok", 2, NULL, 0);
	err_last = NULL;
	loop_close(&p->loop, s);
	spare_memory();
}

static void
watch(struct proxy *p, struct watch *w, int fd,
      void (*ready)(struct source *s, uint32_t events))
{
	*w = (struct watch){{ready, fd, 0}, p};
	if (loop_watch(&p->loop, &w->src, EPOLLIN) < 0)
		die(ERR_TOOL, "cannot wait for events: %m");
}

/*
 * As many descriptors as the hard limit has, a quarter of them for bytes in
 * flight, and connections for the rest.
 */
static void
set_limits(struct proxy *p)
{
	struct rlimit r;
	size_t fds;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		die(ERR_TOOL, "cannot read the limit on descriptors: %m");
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	fds = r.rlim_cur > OTHER_FDS + 64 ? r.rlim_cur - OTHER_FDS : 64;
	p->pipes.size = PIPE_SIZE;
	p->pipes.large = PIPES_LARGE;
	p->pipes.max = fds / 4 / PIPE_FDS;
	p->max_conns = (fds - fds / 4) / CONN_FDS;
	if (p->max_conns > PROXY_CONNS)
		p->max_conns = PROXY_CONNS;
	if (p->pipes.max > PROXY_CONNS * 2)
		p->pipes.max = PROXY_CONNS * 2;
}

/*
 * The signals as a process that stays needs them, whatever it inherited; extra
 * is what comes of those that a terminal sends.
 */
static void
set_signals(void (*extra)(int))
{
	static const int ignored[] = {SIGPIPE, SIGTTOU, SIGTTIN, SIGTSTP};
	static const int terminal[] = {SIGHUP, SIGINT, SIGQUIT};
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct sigaction end = {.sa_handler = on_signal};
	struct sigaction other = {.sa_handler = extra};
	struct sigaction usual = {.sa_handler = SIG_DFL};
	sigset_t none;

	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake_fd < 0)
		die(ERR_TOOL, "cannot create an eventfd: %m");
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		sigaction(ignored[i], &ignore, NULL);
	for (size_t i = 0; i < sizeof(terminal) / sizeof(*terminal); i++)
		sigaction(terminal[i], &other, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGALRM, &usual, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void
run(struct proxy *p)
{
	struct watch wake;

	watch(p, &wake, wake_fd, stop_ready);
	if (p->control || p->audit)
		live_init(&p->policy, &p->loop.now);
	control_start(p);
	confine_calls();
	if (p->listeners) /* or pen-net waits, and needs some of it again */
		spare_memory(); /* that was the start */
	loop_run(&p->loop);
	ask_end_all(p);
	conn_end_all(p);
	dnsd_end_all(p);
	log_flood(&p->log);
	control_close(p->control);
}

/* pen-net's socket and the witness, while the proxy does not serve yet. */
static struct {
	int sock, witness;
} waiting = {-1, -1};

static void
tell_failure(void)
{
	fd_send(waiting.sock, "failed", 6, NULL, 0);
	witness_release(waiting.witness);
}

void
proxy_awaited(int sock)
{
	waiting.sock = sock;
	err_last = tell_failure;
}

void
proxy_chain(struct proxy *p, int sock, int pidfd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	enum { SOCK = 3, PIDFD, LOG_DIR, CONTROL, FDS = CONTROL + 2 };
	int keep[FDS] = {null, null,  STDERR_FILENO, sock,
			 pidfd, p->log.dir, -1, -1};
	struct watch parent, handover;

	proxy_awaited(sock);
	if (p->control)
		control_fds(p->control, keep + CONTROL);
	if (null < 0 || fd_keep_only(keep, FDS) < 0)
		die(ERR_TOOL, "cannot close inherited descriptors: %m");
	waiting.sock = SOCK;
	if (p->log.dir >= 0)
		p->log.dir = LOG_DIR;
	if (p->control)
		control_moved(p->control, CONTROL, PIDFD);
	set_signals(SIG_IGN);
	set_limits(p);
	confine_self(p->log.dir, control_dir(p->control));
	waiting.witness = witness_start(&p->log);
	/* the pidfd says the same, and also of a parent that ended before */
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	loop_init(&p->loop);
	resolve_init(&p->resolver, &p->loop, p->resolver.server);
	p->resume.fire = resume;
	p->flood.fire = sum_up;
	p->rest.fire = rested;
	watch(p, &parent, PIDFD, stop_ready);
	watch(p, &handover, SOCK, handover_ready);
	run(p);
	witness_release(waiting.witness);
	_exit(0);
}

int
proxy_alone(struct proxy *p, int fd)
{
	set_signals(on_signal);
	set_limits(p);
	confine_self(p->log.dir, control_dir(p->control));
	loop_init(&p->loop);
	resolve_init(&p->resolver, &p->loop, p->resolver.server);
	p->resume.fire = resume;
	p->flood.fire = sum_up;
	p->rest.fire = rested;
	add_listener(p, fd, LISTEN_ALONE, 443);
	run(p);
	return 0;
}
