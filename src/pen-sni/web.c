#include "pen-sni/web.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/mem.h"

/* RFC 9112 section 4 */
#define SWITCHED "HTTP/1.1 101 "
#define SWITCHED_LEN 13

struct web *
web_new(unsigned port)
{
	struct web *w = mem_alloc(sizeof(*w));

	*w = (struct web){.look.judge = web_judge, .port = port};
	return w;
}

/* The Host of the head at p, canonical.  0, or -1: see w->why. */
static int
read_host(struct web *w, const uint8_t *p, char name[RULE_NAME_MAX + 1])
{
	const uint8_t *host = p + w->http.host_at;
	unsigned port;
	size_t n = http_host(host, w->http.host_len, 80, &port);

	if (n == 0 || rule_name((const char *)host, n, name) < 0)
		w->why = "the Host is not a host name";
	else if (port != w->port)
		w->why = "the Host names another port";
	else
		return 0;
	return -1;
}

enum http_state
web_first(struct web *w, const uint8_t *p, size_t n,
	  char name[RULE_NAME_MAX + 1])
{
	struct http h = w->http; /* the head is scanned again with the rest */
	size_t ok;
	enum http_state s = http_scan(&h, p, n, &ok);

	w->why = h.why;
	if (s == HTTP_MORE)
		w->http.seen = h.seen;
	if (s != HTTP_HEAD)
		return s;
	w->http.host_at = h.host_at;
	w->http.host_len = h.host_len;
	w->http.websocket = h.websocket;
	return read_host(w, p, name) < 0 ? HTTP_BAD : s;
}

ssize_t
web_judge(struct look *l, const uint8_t *p, size_t n)
{
	struct web *w = (struct web *)l;
	char name[RULE_NAME_MAX + 1];
	enum http_state s;
	size_t at = 0, ok;

	do {
		s = http_scan(&w->http, p + at, n - at, &ok);
		if (s == HTTP_BAD) {
			w->why = w->http.why;
			return -1;
		}
		if (s == HTTP_HEAD && read_host(w, p + at, name) < 0)
			return -1;
		if (s == HTTP_HEAD && strcmp(name, w->name) != 0) {
			w->why = "a request for another host";
			return -1;
		}
		at += ok;
		if (s == HTTP_HEAD && !w->begun && w->http.websocket)
			w->look.hold[CLIENT] = w->look.hold[SERVER] = 1;
		w->begun |= s == HTTP_HEAD;
	} while (s == HTTP_HEAD && !w->look.hold[CLIENT] && at < n);
	return (ssize_t)at;
}

void
web_dialled(const struct web *w, int fd)
{
	int whole = SWITCHED_LEN;

	/* so that readiness means that all of it is there, or the end */
	if (w->http.websocket)
		setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &whole, sizeof(whole));
}

int
web_answered(struct web *w, int fd)
{
	char text[SWITCHED_LEN];
	int one = 1;
	ssize_t n;

	n = recv(fd, text, sizeof(text), MSG_PEEK | MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(one));
	w->look.hold[CLIENT] = w->look.hold[SERVER] = 0;
	return n == SWITCHED_LEN && memcmp(text, SWITCHED, SWITCHED_LEN) == 0;
}

/* The body's length is in its digits. */
#define ANSWER(status, length, body)                   \
	"HTTP/1.1 " status "\r\nConnection: close\r\n" \
	"Content-Type: text/plain\r\nContent-Length: " length "\r\n\r\n" body

static const char *const answers[] = {
    [WEB_BAD] =
	ANSWER("400 Bad Request", "32", "pen: this request is ambiguous.\n"),
    [WEB_FORBIDDEN] =
	ANSWER("403 Forbidden", "29", "pen: this is not allowed out\n"),
    [WEB_UNREACHED] =
	ANSWER("502 Bad Gateway", "35", "pen: the host could not be reached\n"),
};
static_assert(sizeof(answers) / sizeof(*answers) == WEB_ANSWERS, "one each");

const char *
web_refusal(const struct web *w, enum web_answer a)
{
	return w && !w->begun ? answers[a] : NULL;
}
