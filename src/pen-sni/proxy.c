#include "pen-sni/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/receive.h"
#include "pen-sni/confine.h"
#include "pen-sni/live.h"
#include "pen-sni/witness.h"

/* Connections at a time, where there are descriptors for them. */
#define CONNS_MAX 8192

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

/* Says it once that something will run out, while it has not yet. */
static void
tell_limit(struct proxy *p, int *told, const char *why)
{
	if (*told)
		return;
	*told = 1;
	err_warn("%s", why);
	events_add(&p->events,
		   &(struct event){.kind = "limit", .always = 1, .why = why});
}

static void
check_limits(struct proxy *p)
{
	if (p->names.wild >= FAKEIP_WILD_MAX / 4 * 3)
		tell_limit(p, &p->told_names,
			   "three quarters of the addresses for names below "
			   "wildcards are in use");
	if (p->resolver.cache.overflowed)
		tell_limit(p, &p->told_cache,
			   "more names are in use than answers are kept: they "
			   "are looked up more often");
}

static void
event_seen(void *arg, const struct event *e)
{
	struct proxy *p = arg;

	check_limits(p);
	if (p->control)
		control_event(p->control, e);
}

static void
network_closed(void *arg)
{
	conn_end_all(&((struct proxy *)arg)->conns,
		     "the log cannot be written");
}

static void
conn_ended(void *arg)
{
	listeners_room(&((struct proxy *)arg)->listeners);
}

static void
stop_ready(struct source *s, uint32_t events)
{
	(void)events;
	((struct watch *)s)->p->loop.stop = 1;
}

static void
handover_ready(struct source *s, uint32_t events)
{
	struct proxy *p = ((struct watch *)s)->p;
	char text[4096], *line = text, *end;
	int fds[FD_MSG_MAX];
	size_t n;
	ssize_t len = receive_message(s->fd, text, sizeof(text) - 1, fds, &n);

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
		if (listeners_add_line(&p->listeners, line, fds[i]) < 0)
			die(ERR_TOOL, "bad message from pen-net");
	}
	/* who does not wait for it is told by nothing */
	fd_send(s->fd, "ok", 2, NULL, 0);
	err_last = NULL;
	loop_close(&p->loop, s);
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
 * As many descriptors as the hard limit has: a quarter of them for bytes in
 * flight and for more than one address of a name at a time, and connections for
 * the rest.
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
	p->conns.pipes.size = PIPE_SIZE;
	p->conns.pipes.large = PIPES_LARGE;
	p->conns.pipes.max = (fds / 4 - fds / 16) / PIPE_FDS;
	p->conns.dials.extra_max = fds / 16;
	p->conns.max = (fds - fds / 4) / CONN_FDS;
	if (p->conns.max > CONNS_MAX)
		p->conns.max = CONNS_MAX;
	if (p->conns.pipes.max > CONNS_MAX * 2)
		p->conns.pipes.max = CONNS_MAX * 2;
}

/*
 * The signals as a process that stays needs them, whatever it inherited; extra
 * is what comes of those that a terminal sends.
 */
static void
set_signals(void (*extra)(int))
{
	static const int ignored[] = {SIGPIPE, SIGTTOU, SIGTTIN, SIGTSTP,
				      SIGXFSZ};
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

/* Gives each part those that it needs. */
static void
join_parts(struct proxy *p, int witness)
{
	loop_init(&p->loop);
	events_init(&p->events, &p->loop, event_seen, network_closed, p);
	resolve_init(&p->resolver, &p->loop, p->resolver.server, witness);
	p->ask.loop = &p->loop;
	p->ask.policy = &p->policy;
	p->ask.events = &p->events;
	p->conns.loop = &p->loop;
	p->conns.policy = &p->policy;
	p->conns.names = &p->names;
	p->conns.events = &p->events;
	p->conns.ask = &p->ask;
	p->conns.upstream = &p->upstream;
	p->conns.hands = &p->hands;
	hand_start(&p->hands, &p->loop, &p->events);
	p->conns.dials.resolver = &p->resolver;
	p->conns.ended = conn_ended;
	p->conns.arg = p;
	p->dnsd = (struct dnsd){.loop = &p->loop,
				.policy = &p->policy,
				.names = &p->names,
				.events = &p->events,
				.ask = &p->ask,
				.hands = &p->hands};
	listeners_init(&p->listeners, &p->loop, &p->conns, &p->dnsd);
}

static void
run(struct proxy *p)
{
	const struct control_reach reach = {
	    .loop = &p->loop,
	    .policy = &p->policy,
	    .events = &p->events,
	    .ask = &p->ask,
	    .conns = &p->conns,
	    .hands = &p->hands,
	    .listeners = &p->listeners,
	};
	struct watch wake;

	watch(p, &wake, wake_fd, stop_ready);
	if (p->control || p->ask.audit)
		live_init(&p->policy, &p->loop.now);
	control_start(p->control, &reach);
	confine_calls("the proxy");
	loop_run(&p->loop);
	ask_end_all(&p->ask);
	conn_end_all(&p->conns, "the run ended");
	dnsd_end_all(&p->dnsd);
	events_close(&p->events);
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

/* Where there is something for it to do. */
static int
start_witness(const struct proxy *p)
{
	return p->events.log.dir >= 0 || !p->resolver.server
		   ? witness_start(&p->events.log)
		   : -1;
}

void
proxy_chain(struct proxy *p, int sock, int pidfd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	enum {
		SOCK = 3,
		PIDFD,
		LOG_DIR,
		CONTROL,
		HANDS = CONTROL + 2,
		FDS = HANDS + HANDS_MAX
	};
	int keep[FDS] = {
	    null, null, STDERR_FILENO, sock, pidfd, p->events.log.dir, -1, -1};
	struct watch parent, handover;

	proxy_awaited(sock);
	if (p->control)
		control_fds(p->control, keep + CONTROL);
	hand_fds(&p->hands, keep + HANDS);
	if (null < 0 || fd_keep_only(keep, FDS) < 0)
		die(ERR_TOOL, "cannot close inherited descriptors: %m");
	waiting.sock = SOCK;
	hand_moved(&p->hands, HANDS);
	if (p->events.log.dir >= 0)
		p->events.log.dir = LOG_DIR;
	if (p->control)
		control_moved(p->control, CONTROL, PIDFD);
	set_signals(SIG_IGN);
	set_limits(p);
	waiting.witness = start_witness(p);
	confine_self(p->events.log.dir, control_dir(p->control));
	/* the pidfd says the same, and also of a parent that ended before */
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
	join_parts(p, waiting.witness);
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
	waiting.witness = start_witness(p);
	confine_self(p->events.log.dir, control_dir(p->control));
	join_parts(p, waiting.witness);
	listeners_add(&p->listeners, fd, LISTEN_ALONE, 443);
	run(p);
	witness_release(waiting.witness);
	return 0;
}
