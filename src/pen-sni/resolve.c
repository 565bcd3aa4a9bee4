#include "pen-sni/resolve.h"

#include <ares.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
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
	int again; /* to be asked of another channel */
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

/* What is called from in here must not change the channel. */
static void
process_sockets(struct resolver *r, int read_fd, int write_fd)
{
	r->busy++;
	ares_process_fd(r->channel, read_fd, write_fd);
	r->busy--;
}

static void
fd_ready(struct source *s, uint32_t events)
{
	struct ares_fd *f = (struct ares_fd *)s;
	struct resolver *r = f->r;
	int fd = s->fd, error = (events & (EPOLLERR | EPOLLHUP)) != 0;

	process_sockets(r, events & EPOLLIN || error ? fd : ARES_SOCKET_BAD,
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

static int update_channel(struct resolver *r);

static void
tick_fired(struct timer *t)
{
	struct resolver *r =
	    (struct resolver *)((char *)t - offsetof(struct resolver, tick));

	if (update_channel(r) == 0)
		process_sockets(r, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	if (r->queries)
		loop_timer(r->loop, t, TIMER_TICK);
}

void
resolve_init(struct resolver *r, struct loop *loop, const char *server,
	     int witness)
{
	*r = (struct resolver){
	    .loop = loop, .server = server, .witness = witness, .conf = -1};
	r->tick.fire = tick_fired;
	if (!server)
		r->conf = memfd_create("resolv.conf", MFD_CLOEXEC);
	if (!server && r->conf < 0)
		die(ERR_TOOL, "cannot create a file in memory: %m");
}

static ares_channel
make_channel(struct resolver *r)
{
	char conf[64];
	struct ares_options o = {
	    /* names are absolute, and the environment has no say in them */
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
	    .timeout = 2500,
	    .tries = 3,
	    .ndomains = 0,
	    .sock_state_cb = state_changed,
	    .sock_state_cb_data = r,
	    .lookups = (char[]){"b"}, /* hosts(5) is read here */
	    .resolvconf_path = conf,
	};
	int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
		   ARES_OPT_DOMAINS | ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS;
	ares_channel channel;

#ifdef ARES_OPT_QUERY_CACHE /* 1.31: an hour; the bounds are ours */
	mask |= ARES_OPT_QUERY_CACHE;
#endif
	if (!r->server)
		mask |= ARES_OPT_RESOLVCONF;
	snprintf(conf, sizeof(conf), "/proc/self/fd/%d", r->conf);
	if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS ||
	    ares_init_options(&channel, &o, mask) != ARES_SUCCESS)
		return NULL;
	if (r->server &&
	    ares_set_servers_ports_csv(channel, r->server) != ARES_SUCCESS) {
		ares_destroy(channel);
		return NULL;
	}
	return channel;
}

/*
 * Whether the file is another one than when it was looked at last, by its name:
 * it may be replaced, or linked to another directory by then.
 */
static int
has_changed(struct resolver *r, enum witness_file which)
{
	struct stat st;
	struct stamp now = {0}, *seen = &r->stamps[which];

	if (stat(witness_paths[which], &st) == 0)
		now = (struct stamp){st.st_dev, st.st_ino, st.st_size,
				     st.st_mtim};
	if (now.dev == seen->dev && now.ino == seen->ino &&
	    now.size == seen->size &&
	    now.changed.tv_sec == seen->changed.tv_sec &&
	    now.changed.tv_nsec == seen->changed.tv_nsec)
		return 0;
	*seen = now;
	return 1;
}

/* Copies resolv.conf to where c-ares reads it.  0, or -1: it is as before. */
static int
copy_conf(struct resolver *r)
{
	size_t n = 0;
	char *text = witness_read(r->witness, WITNESS_RESOLV, &n);
	int ok = text && ftruncate(r->conf, 0) == 0 &&
		 pwrite(r->conf, text, n, 0) == (ssize_t)n;

	/* without one at the start the server is this host, as for libc */
	if (!ok && (r->channel || errno != ENOENT))
		err_warn("cannot read '%s': %s%s",
			 witness_paths[WITNESS_RESOLV], strerror(errno),
			 r->channel ? ": the servers that it named stay" : "");
	free(text);
	return ok ? 0 : -1;
}

static void
read_order(struct resolver *r)
{
	size_t n = 0;
	char *text = witness_read(r->witness, WITNESS_NSSWITCH, &n);

	if (text)
		r->order = hosts_order(text, n);
	free(text);
}

static void
read_hosts(struct resolver *r)
{
	size_t n = 0;
	char *text = witness_read(r->witness, WITNESS_HOSTS, &n);

	if (!text && errno != ENOENT) {
		err_warn("cannot read '%s': %m%s", witness_paths[WITNESS_HOSTS],
			 r->hosts ? ": its names stay as they were" : "");
		return;
	}
	free(r->hosts);
	r->hosts = text;
	r->hosts_n = n;
}

static int send_query(struct query *q);

/*
 * Goes on with another channel.  What the other network's servers said is no
 * longer true, and those that have not answered are not waited for.
 */
static int
change_channel(struct resolver *r)
{
	ares_channel fresh = make_channel(r);
	struct query *q;

	if (!fresh)
		return r->channel ? 0 : -1;
	cache_clear(&r->cache);
	r->moving = 1; /* each open query is told of the end */
	if (r->channel)
		ares_destroy(r->channel);
	r->moving = 0;
	r->channel = fresh;
	do {
		for (q = r->queries; q && !q->again;)
			q = q->next;
		if (q)
			send_query(q);
	} while (q);
	return 0;
}

/*
 * Makes the channel, or makes it anew when the host has moved to another
 * network: a run lasts for days, and c-ares before 1.22 never looks again.
 */
static int
update_channel(struct resolver *r)
{
	int changed = 0;

	if (r->busy)
		return r->channel ? 0 : -1;
	if (!r->server && has_changed(r, WITNESS_RESOLV))
		changed = copy_conf(r) == 0;
	if (!r->server && has_changed(r, WITNESS_NSSWITCH))
		read_order(r);
	if (!r->server && has_changed(r, WITNESS_HOSTS))
		read_hosts(r);
	return changed || !r->channel ? change_channel(r) : 0;
}

/* The addresses, and the shortest of the times that they are good for. */
static size_t
copy_addresses(const struct ares_addrinfo *ai, union addr *out, int64_t *ttl)
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
boot_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
query_answered(void *arg, int status, int timeouts, struct ares_addrinfo *ai)
{
	struct query *q = arg, **at = &q->r->queries;
	union addr addrs[RESOLVE_MAX];
	const char *why = NULL;
	int64_t ttl = 0;
	size_t n = 0;

	(void)timeouts;
	if (q->r->moving) {
		q->again = 1;
		return;
	}
	while (*at != q)
		at = &(*at)->next;
	*at = q->next;
	if (status == ARES_SUCCESS && ai)
		n = copy_addresses(ai, addrs, &ttl);
	if (ai)
		ares_freeaddrinfo(ai);
	if (n == 0 && q->r->order == HOSTS_LAST)
		n = hosts_find(q->r->hosts, q->r->hosts_n, q->name, addrs,
			       RESOLVE_MAX);
	if (n == 0)
		why = status == ARES_SUCCESS ? "the name has no address"
					     : ares_strerror(status);
	cache_put(&q->r->cache, q->name, addrs, n, why, ttl, boot_time());
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
find_query(const struct resolver *r, const char *name)
{
	struct query *q = r->queries;

	while (q && strcmp(q->name, name) != 0)
		q = q->next;
	return q;
}

/* Asks for it.  Whether the answer is still to come; else q is gone. */
static int
send_query(struct query *q)
{
	struct ares_addrinfo_hints hints = {.ai_family = AF_UNSPEC,
					    .ai_socktype = SOCK_STREAM};

	q->again = 0;
	q->starting = 1;
	q->r->busy++;
	ares_getaddrinfo(q->r->channel, q->name, NULL, &hints, query_answered,
			 q);
	q->r->busy--;
	q->starting = 0;
	if (!q->ended)
		return 1;
	free(q);
	return 0;
}

static int
start_query(struct resolver *r, const char *name, struct lookup *l)
{
	struct query *q = mem_alloc(sizeof(*q));

	if (!r->queries)
		loop_timer(r->loop, &r->tick, TIMER_TICK);
	*q = (struct query){
	    .r = r, .next = r->queries, .lookups = l, .name = mem_copy(name)};
	l->query = q;
	r->queries = q;
	return send_query(q);
}

struct lookup *
resolve_start(struct resolver *r, const char *name, resolve_fn *fn, void *arg)
{
	const struct answer *known;
	union addr addrs[RESOLVE_MAX];
	struct query *q;
	struct lookup *l;
	size_t n = 0;

	if (update_channel(r) < 0) {
		fn(arg, NULL, 0, "the host's resolver cannot be set up");
		return NULL;
	}
	if (r->order == HOSTS_FIRST)
		n = hosts_find(r->hosts, r->hosts_n, name, addrs, RESOLVE_MAX);
	if (n > 0) {
		fn(arg, addrs, n, NULL);
		return NULL;
	}
	known = cache_find(&r->cache, name, boot_time());
	if (known) {
		n = known->n;

		/* fn may look something up, which may end this answer */
		memcpy(addrs, known->addrs, n * sizeof(*addrs));
		fn(arg, addrs, n, known->why);
		return NULL;
	}
	l = mem_alloc(sizeof(*l));
	*l = (struct lookup){.fn = fn, .arg = arg};
	q = find_query(r, name);
	if (!q)
		return start_query(r, name, l) ? l : NULL;
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
