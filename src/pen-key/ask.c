#include "pen-key/ask.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"
#include "lib/confine.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/route.h"
#include "pen-key/resolver.h"
#include "pen-key/roots.h"

#define HTTPS 443

/* As the agent says; others are answered with 429. */
#define USER_AGENT "axios/1.15.2"

struct asker {
	const struct ask *of;
	char *host;
	char *dial_host; /* that is looked up: this one, or the proxy's */
	unsigned dial_port;
	CURLM *multi;
	struct roots *roots;
	int resolver;
	union addr pin, good[RESOLVER_MAX];
	size_t goods;
	char answer[ASK_MAX]; /* "+" and the body */
	size_t n;
};

static size_t
on_write(char *p, size_t size, size_t n, void *arg)
{
	struct asker *a = arg;

	(void)size;
	if (n > sizeof(a->answer) - a->n)
		return 0;
	memcpy(a->answer + a->n, p, n);
	a->n += n;
	return n;
}

static curl_socket_t
on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	const struct asker *a = arg;

	(void)purpose;
	for (size_t i = 0; i < a->goods; i++)
		if (to->addrlen == addr_len(&a->good[i]) &&
		    to->family == a->good[i].sa.sa_family &&
		    (to->family == AF_INET
			 ? memcmp(&((struct sockaddr_in *)&to->addr)->sin_addr,
				  &a->good[i].in.sin_addr, 4) == 0
			 : memcmp(
			       &((struct sockaddr_in6 *)&to->addr)->sin6_addr,
			       &a->good[i].in6.sin6_addr, 16) == 0))
			return socket(to->family, to->socktype | SOCK_CLOEXEC,
				      to->protocol);
	return CURL_SOCKET_BAD;
}

/* What may be dialled. */
static void
look_up(struct asker *a)
{
	union addr found[RESOLVER_MAX];
	ssize_t n = -1;

	a->goods = 0;
	if (a->pin.sa.sa_family) {
		a->good[a->goods++] = a->pin;
		return;
	}
	if (send(a->resolver, "", 1, MSG_NOSIGNAL) == 1)
		n = recv(a->resolver, found, sizeof(found), 0);
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(*found); i++)
		/* a proxy is where the user says that it is */
		if (a->of->proxy || (addr_classify(&found[i]) == ADDR_PUBLIC &&
				     !route_check(&found[i])))
			a->good[a->goods++] = found[i];
}

/* What takes the place of a lookup: a pin has a port, too. */
static struct curl_slist *
list_address(const struct asker *a)
{
	const union addr *to = &a->good[0];
	int v6 = to->sa.sa_family == AF_INET6;
	char text[ADDR_TEXT], *entry;
	struct curl_slist *l;

	addr_text(to, text);
	entry =
	    mem_printf("%s%s:%u:%s%s%s", addr_port(to) ? "" : "+", a->dial_host,
		       a->dial_port, v6 ? "[" : "", text, v6 ? "]" : "");
	if (addr_port(to)) {
		char *pin = mem_printf("%s:%u", entry, addr_port(to));

		free(entry);
		entry = pin;
	}
	l = curl_slist_append(NULL, entry);
	free(entry);
	return l;
}

static int
run(struct asker *a, CURL *e)
{
	int running = 1, left;
	CURLMsg *m;
	CURLcode code = CURLE_FAILED_INIT;
	long status = 0;

	curl_multi_add_handle(a->multi, e);
	while (running) {
		curl_multi_perform(a->multi, &running);
		if (running)
			curl_multi_poll(a->multi, NULL, 0, 1000, NULL);
	}
	while ((m = curl_multi_info_read(a->multi, &left)))
		if (m->msg == CURLMSG_DONE)
			code = m->data.result;
	curl_easy_getinfo(e, CURLINFO_RESPONSE_CODE, &status);
	curl_multi_remove_handle(a->multi, e);
	return code == CURLE_OK && status == 200 ? 0 : -1;
}

static void
use_proxy(const struct asker *a, CURL *e)
{
	curl_easy_setopt(e, CURLOPT_PROXY, a->of->proxy ? a->of->proxy : "");
	if (!a->of->proxy)
		return;
	curl_easy_setopt(e, CURLOPT_PROXYTYPE, (long)CURLPROXY_HTTP);
	curl_easy_setopt(e, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(e, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(e, CURLOPT_PROXYUSERPWD, a->of->auth);
	curl_easy_setopt(e, CURLOPT_PROXYAUTH, (long)CURLAUTH_BASIC);
}

/* Posts body.  0 when the answer is there, or -1. */
static int
post(struct asker *a, const char *body, size_t n)
{
	CURL *e = curl_easy_init();
	struct curl_slist *to, *fields;
	int r;

	look_up(a);
	if (!e || a->goods == 0)
		return -1;
	to = list_address(a);
	fields = curl_slist_append(NULL, "Content-Type: application/json");
	fields = curl_slist_append(fields, "Accept: application/json");
	fields = curl_slist_append(fields, "Expect:");
	a->n = 0;
	a->answer[a->n++] = '+';
	curl_easy_setopt(e, CURLOPT_URL, a->of->url);
	curl_easy_setopt(
	    e, a->pin.sa.sa_family ? CURLOPT_CONNECT_TO : CURLOPT_RESOLVE, to);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, fields);
	curl_easy_setopt(e, CURLOPT_USERAGENT, USER_AGENT);
	curl_easy_setopt(e, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE, (long)n);
	use_proxy(a, e);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_TIMEOUT, 30L);
	roots_use(a->roots, e);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, on_open);
	curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, a);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_write);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, a);
	r = run(a, e);
	curl_easy_cleanup(e);
	curl_slist_free_all(fields);
	curl_slist_free_all(to);
	return r;
}

/* Where it connects to. */
static void
choose_peer(struct asker *a)
{
	const struct ask *to = a->of;
	const char *host = to->url + 8, *colon;
	unsigned long port = HTTPS;

	a->host = mem_part(host, strcspn(host, "/:"));
	a->dial_host = a->host;
	if (to->pin && addr_parse_port(to->pin, &a->pin) < 0)
		die(ERR_TOOL, "--connect-to: '%s' is not ADDR:PORT", to->pin);
	if (to->proxy) { /* HOST:PORT, as upstream_prepare has seen */
		colon = strrchr(to->proxy, ':');
		a->dial_host = mem_part(to->proxy, (size_t)(colon - to->proxy));
		if (num_parse(colon + 1, 10, 65535, &port) < 0)
			port = 0;
	}
	a->dial_port = (unsigned)port;
}

void
ask_serve(const struct ask *to, int sock)
{
	static struct asker a;
	static char body[ASK_MAX];
	static char *nothing[] = {NULL};
	uint16_t port;
	struct landlock reach = {.files = LANDLOCK_FILES,
				 .net = LANDLOCK_PORTS,
				 .scope = LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				 .ports = &port,
				 .ports_n = 1};
	ssize_t n;

	a.of = to;
	choose_peer(&a);
	port = (uint16_t)(to->pin ? addr_port(&a.pin) : a.dial_port);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0 ||
	    !(a.multi = curl_multi_init()))
		die(ERR_TOOL, "cannot prepare libcurl");
	a.roots = roots_read();
	a.resolver = to->pin ? -1 : resolver_start(a.dial_host);
	environ = nothing;
	confine_process("what renews the login", &reach);
	confine_calls("what renews the login");
	while ((n = recv(sock, body, sizeof(body), 0)) > 0) {
		int bad = post(&a, body, (size_t)n) < 0;

		explicit_bzero(body, sizeof(body));
		if (send(sock, bad ? "-" : a.answer, bad ? 1 : a.n,
			 MSG_NOSIGNAL) < 0)
			break;
		explicit_bzero(a.answer, sizeof(a.answer));
	}
	_exit(0);
}
