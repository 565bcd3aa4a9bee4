#include "pen-key/upstream.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/route.h"
#include "pen-key/renew.h"
#include "pen-key/roots.h"

/* Connections that nothing uses: each has some 40 KB, and each is looked at
 * when a request looks for one. */
#define CONNECTIONS_KEPT 8L

/* How long an answer of the resolver is used. */
#define ADDRESSES_MS 60000

/* How long a login's credential is used: another program may renew it. */
#define LOGIN_MS 10000

#define ECHOED "the API's answer held the credential"

struct transfer {
	struct upstream *of;
	CURL *easy;
	CURLU *url;
	struct curl_slist *fields, *hosts, *pins;
	const struct upstream_ends *ends;
	void *arg;
	struct transfer *next, *prev; /* of those that wait for addresses */
	int waits;
	const struct echo *looks_for;
	struct echo_scan echo;
	char *head; /* UPSTREAM_FIELDS_MAX, until it is passed on */
	size_t head_n;
	int64_t length;
	long status;
	unsigned read_paused : 1, write_paused : 1, headed : 1, encoded : 1;
	const char *why; /* of what a callback ended */
};

/* Fields of an answer that pass; "-" at the end: whatever begins so. */
static const char *const passing[] = {
    "content-type",	    "cache-control",  "date",
    "retry-after",	    "retry-after-ms", "request-id",
    "x-request-id",	    "x-should-retry", "anthropic-ratelimit-",
    "x-ratelimit-",	    "x-codex-",	      "openai-processing-ms",
    "openai-model",	    "openai-version", "x-models-etag",
    "x-reasoning-included", "etag",	      NULL};

static int
header_passes(const char *name, size_t n)
{
	for (const char *const *p = passing; *p; p++) {
		size_t len = strlen(*p);

		if (n >= len && strncasecmp(name, *p, len) == 0 &&
		    (n == len || (*p)[len - 1] == '-'))
			return 1;
	}
	return 0;
}

static size_t
fail(struct transfer *t, const char *why)
{
	t->why = why;
	return 0; /* libcurl: not all was taken */
}

/* The line that ends a head. */
static size_t
end_head(struct transfer *t, size_t n)
{
	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &t->status);
	if (t->status < 200)
		return n;
	if (t->status == 401) {
		t->of->refused = 1;
		t->of->had = 0;
	}
	if (t->encoded)
		return fail(t, "the API's answer is encoded");
	t->headed = 1;
	t->head[t->head_n] = '\0';
	if (t->ends->head(t->arg, (int)t->status, t->head, t->length) < 0)
		return fail(t, "the client is gone");
	free(t->head);
	t->head = NULL;
	return n;
}

static size_t
on_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	char *colon = memchr(p, ':', n), *value;
	size_t end = n;

	(void)size;
	if (t->headed) /* trailers */
		return n;
	if (echo_found(t->looks_for, &t->echo, p, n))
		return fail(t, ECHOED);
	while (end > 0 && strchr("\r\n", p[end - 1]))
		end--;
	if (end == 0)
		return end_head(t, n);
	if (!colon || strncmp(p, "HTTP/", 5) == 0) {
		t->head_n = 0;
		t->length = -1;
		t->encoded = 0;
		return n;
	}
	for (value = colon + 1; value < p + end && *value == ' ';)
		value++;
	if (colon - p == 16 && strncasecmp(p, "content-encoding", 16) == 0)
		t->encoded = p + end - value != 8 ||
			     strncasecmp(value, "identity", 8) != 0;
	if (colon - p == 14 && strncasecmp(p, "content-length", 14) == 0) {
		curl_off_t length = -1;
		char digits[24];

		snprintf(digits, sizeof(digits), "%.*s", (int)(p + end - value),
			 value);
		if (*digits && !digits[strspn(digits, "0123456789")])
			length = strtoll(digits, NULL, 10);
		t->length = length;
	}
	if (!header_passes(p, (size_t)(colon - p)) ||
	    end + 3 > UPSTREAM_FIELDS_MAX - t->head_n)
		return n;
	for (size_t i = 0; i < end; i++)
		if (p[i] < ' ' || p[i] > '~')
			return n;
	memcpy(t->head + t->head_n, p, end);
	memcpy(t->head + t->head_n + end, "\r\n", 2);
	t->head_n += end + 2;
	return n;
}

static size_t
on_write(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;

	(void)size;
	/* what is paused comes again, with more behind it */
	t->write_paused = !t->ends->room(t->arg);
	if (t->write_paused)
		return CURL_WRITEFUNC_PAUSE;
	if (echo_found(t->looks_for, &t->echo, p, n))
		return fail(t, ECHOED);
	return t->ends->write(t->arg, p, n) < 0 ? fail(t, "the client is gone")
						: n;
}

static size_t
on_read(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t r = t->ends->read(t->arg, p, size * n);

	t->read_paused = r == UPSTREAM_LATER;
	if (r == UPSTREAM_LATER)
		return CURL_READFUNC_PAUSE;
	if (r == UPSTREAM_ABORT) {
		t->why = "the request was refused";
		return CURL_READFUNC_ABORT;
	}
	return r;
}

static int
is_checked(const struct upstream *u, const union addr *a)
{
	for (size_t i = 0; i < u->addrs; i++) {
		const union addr *b = &u->addr[i];

		if (a->sa.sa_family != b->sa.sa_family)
			continue;
		if (a->sa.sa_family == AF_INET
			? a->in.sin_addr.s_addr == b->in.sin_addr.s_addr
			: memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16) == 0)
			return 1;
	}
	return 0;
}

/* The last look before a connection is made. */
static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	const struct upstream *u = arg;
	union addr a = {0};

	if (purpose != CURLSOCKTYPE_IPCXN || to->addrlen > sizeof(a))
		return CURL_SOCKET_BAD;
	memcpy(&a, &to->addr, to->addrlen);
	if (!is_checked(u, &a))
		return CURL_SOCKET_BAD;
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static void
free_transfer(struct transfer *t)
{
	struct upstream *u = t->of;

	if (t->waits) {
		if (t->prev)
			t->prev->next = t->next;
		else
			u->waiting = t->next;
		if (t->next)
			t->next->prev = t->prev;
	} else {
		curl_multi_remove_handle(u->multi, t->easy);
	}
	curl_easy_cleanup(t->easy);
	curl_url_cleanup(t->url);
	for (struct curl_slist *f = t->fields; f; f = f->next)
		explicit_bzero(f->data, strlen(f->data));
	curl_slist_free_all(t->fields);
	curl_slist_free_all(t->hosts);
	curl_slist_free_all(t->pins);
	echo_end(&t->echo);
	free(t->head);
	free(t);
}

static void
end_transfer(struct transfer *t, int status, const char *why)
{
	const struct upstream_ends *ends = t->ends;
	void *arg = t->arg;

	free_transfer(t);
	ends->done(arg, status, why);
}

/* In words that say what to do about it, where that is known. */
static const char *
explain(const struct transfer *t, CURLcode code)
{
	if (code == CURLE_OK)
		return NULL;
	if (t->why)
		return t->why;
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
		return "the API's certificate is not one that this host trusts";
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
		return "the API could not be reached";
	case CURLE_COULDNT_RESOLVE_PROXY:
		return "the upstream proxy has no address";
	default:
		return curl_easy_strerror(code);
	}
}

static void
take_messages(struct upstream *u)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(u->multi, &left))) {
		struct transfer *t;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
				  (char **)&t);
		end_transfer(t, 502, explain(t, code));
	}
}

struct curl_source {
	struct source src;
	struct upstream *of;
};

static void
socket_ready(struct source *s, uint32_t events)
{
	struct upstream *u = ((struct curl_source *)s)->of;
	int what = (events & (EPOLLIN | EPOLLHUP) ? CURL_CSELECT_IN : 0) |
		   (events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
		   (events & EPOLLERR ? CURL_CSELECT_ERR : 0),
	    n;

	/* s may be gone behind this */
	curl_multi_socket_action(u->multi, s->fd, what, &n);
	take_messages(u);
}

static int
on_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *known)
{
	struct upstream *u = arg;
	struct curl_source *s = known;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			loop_watch(u->loop, &s->src, 0);
		free(s);
		return 0;
	}
	if (!s) {
		s = mem_alloc(sizeof(*s));
		*s = (struct curl_source){{socket_ready, fd, 0}, u};
		curl_multi_assign(u->multi, fd, s);
	}
	return loop_watch(u->loop, &s->src,
			  (what & CURL_POLL_IN ? EPOLLIN : 0) |
			      (what & CURL_POLL_OUT ? EPOLLOUT : 0));
}

static int
on_clock(CURLM *multi, long ms, void *arg)
{
	struct upstream *u = arg;
	struct itimerspec at = {.it_value = {ms / 1000, ms % 1000 * 1000000}};

	(void)multi;
	if (ms == 0)
		at.it_value.tv_nsec = 1; /* 0 would be never */
	if (ms < 0)
		at.it_value.tv_sec = at.it_value.tv_nsec = 0;
	return timerfd_settime(u->clock.fd, 0, &at, NULL);
}

static void
clock_ready(struct source *s, uint32_t events)
{
	struct upstream *u =
	    (struct upstream *)((char *)s - offsetof(struct upstream, clock));
	uint64_t times;
	int n;

	(void)events;
	if (read(s->fd, &times, sizeof(times)) < 0)
		return;
	curl_multi_socket_action(u->multi, CURL_SOCKET_TIMEOUT, 0, &n);
	take_messages(u);
}

/* The lists that take the place of a lookup. */
static void
set_addresses(struct transfer *t)
{
	struct upstream *u = t->of;
	char *list = mem_printf("+%s:%u:", u->dial_host, u->dial_port), *longer;
	char text[ADDR_TEXT], *pin;

	for (size_t i = 0; i < u->addrs; i++) {
		int v6 = u->addr[i].sa.sa_family == AF_INET6;

		addr_text(&u->addr[i], text);
		longer = mem_printf("%s%s%s%s%s", list, i ? "," : "",
				    v6 ? "[" : "", text, v6 ? "]" : "");
		free(list);
		list = longer;
	}
	t->hosts = curl_slist_append(NULL, list);
	free(list);
	curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->hosts);
	if (!u->pin)
		return;
	/* to the address and port, whatever the name is */
	addr_text(&u->addr[0], text);
	pin = mem_printf("%s:%u:%s%s%s:%u", u->host, u->port,
			 u->addr[0].sa.sa_family == AF_INET6 ? "[" : "", text,
			 u->addr[0].sa.sa_family == AF_INET6 ? "]" : "",
			 addr_port(&u->addr[0]));
	t->pins = curl_slist_append(NULL, pin);
	free(pin);
	curl_easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->pins);
}

static void
add_field(struct transfer *t, const char *text)
{
	struct curl_slist *l = curl_slist_append(t->fields, text);

	if (!l)
		die(ERR_TOOL, "out of memory");
	t->fields = l;
}

static void
add_credential(struct transfer *t)
{
	const struct upstream *u = t->of;
	char *text;

	if (u->secret->n > 0) {
		text = mem_printf("%s%s", u->header, u->secret->text);
		add_field(t, text);
		explicit_bzero(text, strlen(text));
		free(text);
	}
	t->looks_for = u->echo;
	curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->fields);
}

static void
begin_transfer(struct transfer *t)
{
	t->waits = 0;
	add_credential(t);
	set_addresses(t);
	if (curl_multi_add_handle(t->of->multi, t->easy) != CURLM_OK)
		die(ERR_TOOL, "libcurl takes no request");
}

/* Of what the resolver said, what may be dialled. */
static void
take_addresses(struct upstream *u, const union addr *found, size_t n)
{
	const char *why = n ? NULL : "its name cannot be looked up";
	union addr good[RESOLVER_MAX];
	size_t goods = 0;

	for (size_t i = 0; i < n; i++) {
		enum addr_class class = addr_classify(&found[i]);
		const char *no = route_check(&found[i]);

		/* a proxy is where the user says that it is */
		if (!u->proxy && class == ADDR_REFUSED)
			no = "its address is not one of a public host";
		else if (!u->proxy && class == ADDR_PRIVATE && !u->private)
			no = "its address is private: --private allows that";
		if (u->proxy)
			no = NULL;
		if (no)
			why = no;
		else
			good[goods++] = found[i];
	}
	u->no_addr = why;
	if (goods == 0) /* what was known may still do */
		return;
	memcpy(u->addr, good, goods * sizeof(*good));
	u->addrs = goods;
}

static int has_credential(const struct upstream *u);

/* Those that waited go on, where nothing else is missing; or end, with why. */
static void
begin_waiting(struct upstream *u, int status, const char *why)
{
	struct transfer *t;

	while ((t = u->waiting) && (why || (u->addrs && has_credential(u)))) {
		u->waiting = t->next;
		if (t->next)
			t->next->prev = NULL;
		t->next = t->prev = NULL;
		t->waits = 0; /* as if it had been added, for free_transfer */
		if (why)
			end_transfer(t, status, why);
		else
			begin_transfer(t);
	}
}

static void
resolver_ready(struct source *s, uint32_t events)
{
	struct upstream *u =
	    (struct upstream *)((char *)s -
				offsetof(struct upstream, resolver));
	union addr found[RESOLVER_MAX];
	ssize_t n = recv(s->fd, found, sizeof(found), MSG_DONTWAIT);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die(ERR_TOOL, "the resolver has ended");
	u->asking = 0;
	u->looked_up = u->loop->now;
	take_addresses(u, found, (size_t)n / sizeof(*found));
	begin_waiting(u, 502, u->addrs ? NULL : u->no_addr);
}

/* The credential may be another one now. */
static void
take_credential(struct upstream *u, const char *text, size_t n)
{
	struct echo *e;

	if (n == u->secret->n && memcmp(text, u->secret->text, n) == 0)
		return;
	source_set(u->secret, text, n);
	e = mem_alloc(sizeof(*e));
	echo_init(e, u->secret->text, u->secret->n);
	u->echo = e; /* what goes on looks for the old one */
}

static void
keeper_ready(struct source *s, uint32_t events)
{
	struct upstream *u =
	    (struct upstream *)((char *)s - offsetof(struct upstream, keeper));
	char text[SOURCE_MAX + 2];
	ssize_t n = recv(s->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	static char why[128];
	static const char bad[] = "-what the login has is not a credential";

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		die(ERR_TOOL, "what keeps the login has ended");
	text[n] = '\0';
	u->requested = u->refused = 0;
	if (*text == '+' && !source_is_good(text + 1, (size_t)n - 1))
		memcpy(text, bad, sizeof(bad));
	if (*text == '+') {
		u->had = u->loop->now;
		take_credential(u, text + 1, (size_t)n - 1);
		begin_waiting(u, 0, NULL);
	} else {
		snprintf(why, sizeof(why), "%.127s", text + 1);
		begin_waiting(u, 400, why);
	}
	explicit_bzero(text, sizeof(text));
}

static int
has_credential(const struct upstream *u)
{
	return u->login < 0 || (u->had && u->loop->now - u->had < LOGIN_MS);
}

static int
has_addresses(const struct upstream *u)
{
	return u->pin ||
	       (u->addrs && u->loop->now - u->looked_up < ADDRESSES_MS);
}

static void
ask(const struct source *s, const char *what)
{
	if (send(s->fd, what, strlen(what) + 1, MSG_NOSIGNAL) < 0)
		die(ERR_TOOL, "cannot ask for an address or a login: %m");
}

/* Once there are addresses and the credential. */
static void
await(struct transfer *t)
{
	struct upstream *u = t->of;

	if (has_addresses(u) && has_credential(u)) {
		begin_transfer(t);
		return;
	}
	t->waits = 1;
	t->next = u->waiting;
	if (t->next)
		t->next->prev = t;
	u->waiting = t;
	if (!has_addresses(u) && !u->asking) {
		ask(&u->resolver, "");
		u->asking = 1;
	}
	if (!has_credential(u) && !u->requested) {
		ask(&u->keeper, u->refused ? RENEW_OTHER : RENEW_GET);
		u->requested = 1;
	}
}

static void
set_always(struct transfer *t)
{
	struct upstream *u = t->of;
	CURL *e = t->easy;

	curl_easy_setopt(e, CURLOPT_CURLU, t->url);
	curl_easy_setopt(e, CURLOPT_PRIVATE, t);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, 1L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, 30L);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, 16384L);
	curl_easy_setopt(e, CURLOPT_UPLOAD_BUFFERSIZE, 16384L);
	roots_use(u->roots, e);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_HTTP_TRANSFER_DECODING, 1L);
	curl_easy_setopt(e, CURLOPT_PROXY, u->proxy ? u->proxy : "");
	if (u->proxy) {
		curl_easy_setopt(e, CURLOPT_PROXYTYPE, (long)CURLPROXY_HTTP);
		curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L);
		curl_easy_setopt(e, CURLOPT_PROXYUSERPWD, u->proxy_auth);
		curl_easy_setopt(e, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
	}
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, u);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(e, CURLOPT_READFUNCTION, on_read);
	curl_easy_setopt(e, CURLOPT_READDATA, t);
}

/* What passed of the request's head. */
static void
set_fields(struct transfer *t, const struct judged *d)
{
	for (size_t at = 0; at < d->fields_n;) {
		add_field(t, d->fields + at);
		at += strlen(d->fields + at) + 1;
	}
	/* otherwise libcurl has some of its own */
	add_field(t, "Accept-Encoding: identity");
	add_field(t, "Expect:");
}

struct transfer *
upstream_start(struct upstream *u, const struct judged *d, int64_t length,
	       const struct upstream_ends *ends, void *arg)
{
	struct transfer *t = mem_alloc(sizeof(*t));

	*t = (struct transfer){.of = u,
			       .url = curl_url_dup(u->url),
			       .ends = ends,
			       .arg = arg,
			       .length = -1};
	t->easy = curl_easy_init();
	t->head = mem_alloc(UPSTREAM_FIELDS_MAX + 1);
	if (!t->easy || !t->url ||
	    curl_url_set(t->url, CURLUPART_PATH, d->path, 0) != CURLUE_OK ||
	    curl_url_set(t->url, CURLUPART_QUERY, d->query, 0) != CURLUE_OK)
		die(ERR_TOOL, "libcurl takes no URL");
	set_always(t);
	set_fields(t, d);
	if (length != -2) {
		curl_easy_setopt(t->easy, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(t->easy, CURLOPT_INFILESIZE_LARGE,
				 (curl_off_t)length);
	}
	if (d->method == JUDGE_HEAD)
		curl_easy_setopt(t->easy, CURLOPT_NOBODY, 1L);
	else
		curl_easy_setopt(t->easy, CURLOPT_CUSTOMREQUEST,
				 judge_methods[d->method]);
	await(t);
	return t;
}

void
upstream_more(struct transfer *t)
{
	if (!t->read_paused)
		return;
	t->read_paused = 0;
	curl_easy_pause(t->easy,
			t->write_paused ? CURLPAUSE_RECV : CURLPAUSE_CONT);
}

void
upstream_room(struct transfer *t)
{
	if (!t->write_paused)
		return;
	t->write_paused = 0;
	curl_easy_pause(t->easy,
			t->read_paused ? CURLPAUSE_SEND : CURLPAUSE_CONT);
}

void
upstream_cancel(struct transfer *t)
{
	free_transfer(t);
}

static void
watch(struct upstream *u, struct source *s, int fd,
      void (*ready)(struct source *s, uint32_t events))
{
	*s = (struct source){ready, fd, 0};
	if (fd < 0 || loop_watch(u->loop, s, EPOLLIN) < 0)
		die(ERR_TOOL, "cannot wait for the API: %m");
}

void
upstream_prepare(struct upstream *u)
{
	const char *colon = u->proxy ? strrchr(u->proxy, ':') : NULL;
	unsigned long proxy_port = 0;

	u->dial_host = u->host;
	u->dial_port = u->port;
	if (u->proxy) {
		if (!colon || colon == u->proxy ||
		    num_parse(colon + 1, 10, 65535, &proxy_port) < 0)
			die(ERR_TOOL, "--upstream-proxy: '%s' is not HOST:PORT",
			    u->proxy);
		u->dial_host = mem_part(u->proxy, (size_t)(colon - u->proxy));
		u->dial_port = (unsigned)proxy_port;
	}
	u->resolver.fd = u->pin ? -1 : resolver_start(u->dial_host);
}

void
upstream_init(struct upstream *u, struct loop *loop)
{
	char port[8];

	u->loop = loop;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    !(u->multi = curl_multi_init()) || !(u->url = curl_url()))
		die(ERR_TOOL, "cannot prepare libcurl");
	snprintf(port, sizeof(port), "%u", u->port);
	if (curl_url_set(u->url, CURLUPART_SCHEME, "https", 0) != CURLUE_OK ||
	    curl_url_set(u->url, CURLUPART_HOST, u->host, 0) != CURLUE_OK ||
	    curl_url_set(u->url, CURLUPART_PORT, port, 0) != CURLUE_OK)
		die(ERR_TOOL, "libcurl does not know the host '%s'", u->host);
	curl_multi_setopt(u->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(u->multi, CURLMOPT_SOCKETDATA, u);
	curl_multi_setopt(u->multi, CURLMOPT_TIMERFUNCTION, on_clock);
	curl_multi_setopt(u->multi, CURLMOPT_TIMERDATA, u);
	curl_multi_setopt(u->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
	u->roots = roots_read();
	watch(u, &u->clock,
	      timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK),
	      clock_ready);
	if (u->login >= 0)
		watch(u, &u->keeper, u->login, keeper_ready);
	if (u->pin) {
		u->addrs = 1;
		if (addr_parse_port(u->pin, &u->addr[0]) < 0)
			die(ERR_TOOL, "--connect-to: '%s' is not ADDR:PORT",
			    u->pin);
		return;
	}
	watch(u, &u->resolver, u->resolver.fd, resolver_ready);
}
