#include "pen-sni/resolve.h"

#include <ares.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/mem.h"

/* A descriptor of c-ares' that the loop waits for. */
struct ares_fd {
	struct source src;
	struct resolver *r;
	struct ares_fd *next;
};

/* What c-ares is asked, and who waits for it. */
struct query {
	struct resolver *r;
	struct query *next;
	struct lookup *lookups;
	char *name;
	int starting, ended;
};

struct lookup {
	struct query *query;
	struct lookup *next;
	resolve_fn *fn;
	void *arg;
};

/*
 * c-ares refers to these for names of services, which it is never asked about.
 * glibc's own would load NSS modules into a static program, and make the
 * linker say so.
 */
struct servent *
getservbyname(const char *name, const char *proto)
{
	(void)name, (void)proto;
	return NULL;
}

int
getservbyname_r(const char *name, const char *proto, struct servent *result,
		char *buf, size_t size, struct servent **out)
{
	(void)name, (void)proto, (void)result, (void)buf, (void)size;
	*out = NULL;
	return 0;
}

int
getservbyport_r(int port, const char *proto, struct servent *result, char *buf,
		size_t size, struct servent **out)
{
	(void)port, (void)proto, (void)result, (void)buf, (void)size;
	*out = NULL;
	return 0;
}

static void
fd_ready(struct source *s, uint32_t events)
{
	struct ares_fd *f = (struct ares_fd *)s;
	struct resolver *r = f->r;
	int fd = s->fd, error = (events & (EPOLLERR | EPOLLHUP)) != 0;

	ares_process_fd(r->channel,
			events & EPOLLIN || error ? fd : ARES_SOCKET_BAD,
			events & EPOLLOUT || error ? fd : ARES_SOCKET_BAD);
}

/* c-ares says what it waits for on fd: nothing before it closes it. */
static void
state_changed(void *data, ares_socket_t fd, int readable, int writable)
{
	struct resolver *r = data;
	struct ares_fd **p = &r->fds, *f;

	while (*p && (*p)->src.fd != fd)
		p = &(*p)->next;
	f = *p;
	if (!f) {
		f = mem_alloc(sizeof(*f));
		f->src = (struct source){fd_ready, fd, 0};
		f->r = r;
		f->next = r->fds;
		r->fds = f;
		p = &r->fds;
	}
	loop_watch(r->loop, &f->src,
		   (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u));
	if (!readable && !writable) {
		*p = f->next;
		free(f);
	}
}

static void
tick(struct timer *t)
{
	struct resolver *r = (struct resolver *)((char *)t -
					 offsetof(struct resolver, tick));

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	if (r->queries)
		loop_timer(r->loop, t, TIMER_TICK);
}

void
resolve_init(struct resolver *r, struct loop *loop, const char *server)
{
	*r = (struct resolver){.loop = loop, .server = server};
	r->tick.fire = tick;
}

/*
 * Makes the channel, or makes it anew when the host has moved to another
 * network: a run lasts for days, and c-ares before 1.22 never looks again.
 * What the other network's servers said is no longer true then.
 */
static int
prepare(struct resolver *r)
{
	struct ares_options o = {
		/* names are absolute, and the environment has no say in them */
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.timeout = 2500,
		.tries = 3,
		.ndomains = 0,
		.sock_state_cb = state_changed,
		.sock_state_cb_data = r,
		.lookups = (char[]){"b"},
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		   ARES_OPT_DOMAINS | ARES_OPT_SOCK_STATE_CB;
#ifdef ARES_OPT_QUERY_CACHE /* 1.31: an hour; the bounds are ours */
	mask |= ARES_OPT_QUERY_CACHE;
#endif
	struct stat st = {0};
	ares_channel channel;

	if (!r->server)
		stat("/etc/resolv.conf", &st);
	if (r->channel && (r->queries ||
			   (st.st_mtim.tv_sec == r->conf.tv_sec &&
			    st.st_mtim.tv_nsec == r->conf.tv_nsec)))
		return 0;
	if (r->channel)
		ares_destroy(r->channel);
	cache_clear(&r->cache);
	r->channel = NULL;
	r->conf = st.st_mtim;
	if (r->server)
		mask |= ARES_OPT_LOOKUPS; /* that server, not /etc/hosts */
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
	    ares_init_options(&channel, &o, mask) != ARES_SUCCESS)
		return -1;
	if (r->server &&
	    ares_set_servers_ports_csv(channel, r->server) != ARES_SUCCESS) {
		ares_destroy(channel);
		return -1;
	}
	r->channel = channel;
	return 0;
}

/* The addresses, and the shortest of the times that they are good for. */
static size_t
collect(const struct ares_addrinfo *ai, union addr *out, int64_t *ttl)
{
	size_t n = 0;

	*ttl = INT32_MAX;
	for (const struct ares_addrinfo_cname *c = ai->cnames; c; c = c->next)
		if (c->ttl < *ttl)
			*ttl = c->ttl;
	for (const struct ares_addrinfo_node *a = ai->nodes; a;
	     a = a->ai_next) {
		if (n == RESOLVE_MAX || a->ai_addrlen > sizeof(*out) ||
		    (a->ai_family != AF_INET && a->ai_family != AF_INET6))
			continue;
		memset(&out[n], 0, sizeof(*out));
		memcpy(&out[n++], a->ai_addr, a->ai_addrlen);
		if (a->ai_ttl < *ttl)
			*ttl = a->ai_ttl;
	}
	return n;
}

/* ms; a host that was asleep meanwhile has aged its answers, too. */
static int64_t
age(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
answered(void *arg, int status, int timeouts, struct ares_addrinfo *ai)
{
	struct query *q = arg, **at = &q->r->queries;
	union addr addrs[RESOLVE_MAX];
	const char *why = NULL;
	int64_t ttl = 0;
	size_t n = 0;

	(void)timeouts;
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	if (status == ARES_SUCCESS && ai)
		n = collect(ai, addrs, &ttl);
	if (ai)
		ares_freeaddrinfo(ai);
	if (n == 0)
		why = status == ARES_SUCCESS ? "the name has no address"
					     : ares_strerror(status);
	cache_put(&q->r->cache, q->name, addrs, n, why, ttl, age());
	/* one's end may be that of another one */
	for (struct lookup *l; (l = q->lookups);) {
		resolve_fn *fn = l->fn;
		void *fn_arg = l->arg;

		resolve_forget(l);
		fn(fn_arg, addrs, n, why);
	}
	free(q->name);
	q->ended = 1;
	if (!q->starting)
		free(q);
}

static struct query *
find(const struct resolver *r, const char *name)
{
	struct query *q = r->queries;

	while (q && strcmp(q->name, name) != 0)
		q = q->next;
	return q;
}

/* Asks for name, for l.  Whether the answer is still to come. */
static int
ask(struct resolver *r, const char *name, struct lookup *l)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
					    .ai_socktype = SOCK_STREAM};
	struct query *q = mem_alloc(sizeof(*q));

	if (!r->queries)
		loop_timer(r->loop, &r->tick, TIMER_TICK);
	*q = (struct query){.r = r, .next = r->queries, .lookups = l,
			    .name = mem_copy(name), .starting = 1};
	l->query = q;
	r->queries = q;
	ares_getaddrinfo(r->channel, name, NULL, &hints, answered, q);
	q->starting = 0;
	if (!q->ended)
		return 1;
	free(q);
	return 0;
}

struct lookup *
resolve_start(struct resolver *r, const char *name, resolve_fn *fn, void *arg)
{
	const struct answer *known;
	struct query *q;
	struct lookup *l;

	if (prepare(r) < 0) {
		fn(arg, NULL, 0, "the host's resolver cannot be set up");
		return NULL;
	}
	known = cache_find(&r->cache, name, age());
	if (known) {
		union addr addrs[RESOLVE_MAX];
		size_t n = known->n;

		/* fn may look something up, which may end this answer */
		memcpy(addrs, known->addrs, n * sizeof(*addrs));
		fn(arg, addrs, n, known->why);
		return NULL;
	}
	l = mem_alloc(sizeof(*l));
	*l = (struct lookup){.fn = fn, .arg = arg};
	q = find(r, name);
	if (!q)
		return ask(r, name, l) ? l : NULL;
	l->query = q;
	l->next = q->lookups;
	q->lookups = l;
	return l;
}

void
resolve_forget(struct lookup *l)
{
	struct lookup **at = &l->query->lookups;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	free(l);
}
