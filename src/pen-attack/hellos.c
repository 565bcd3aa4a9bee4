/*
 * Attacks by what is sent to a name that is allowed: hellos of TLS with other
 * names, and requests of HTTP for other hosts.  The stand-in server says what
 * it got, so a success is that it got it.
 */
#include <stdint.h>
#include <string.h>

#include "pen-attack/attack.h"
#include "pen-attack/network.h"

#define OTHER "other.attack.test"

struct bytes {
	unsigned char v[2048];
	size_t n;
};

static void
put_bytes(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->v + b->n, p, n);
	b->n += n;
}

static void
put16(struct bytes *b, size_t value)
{
	unsigned char v[2] = {(unsigned char)(value >> 8),
			      (unsigned char)value};

	put_bytes(b, v, 2);
}

/* A server_name extension with n names of the type. */
static void
put_names(struct bytes *b, const char *const names[], const size_t sizes[],
	  size_t n, unsigned char type)
{
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += 3 + sizes[i];
	put16(b, 0);
	put16(b, all + 2);
	put16(b, all);
	for (size_t i = 0; i < n; i++) {
		put_bytes(b, &type, 1);
		put16(b, sizes[i]);
		put_bytes(b, names[i], sizes[i]);
	}
}

/* A ClientHello, without its record, that has these extensions. */
static void
put_hello(struct bytes *b, const struct bytes *extensions)
{
	static const unsigned char fixed[] = {0, 0, 2, 0x13, 1, 1, 0};
	unsigned char start[38] = {1};
	size_t n = 34 + sizeof(fixed) + 2 + extensions->n;

	start[2] = (unsigned char)(n >> 8);
	start[3] = (unsigned char)n;
	start[4] = start[5] = 3;
	memset(start + 6, 'r', 32);
	put_bytes(b, start, sizeof(start));
	put_bytes(b, fixed, sizeof(fixed));
	put16(b, extensions->n);
	put_bytes(b, extensions->v, extensions->n);
}

/* In records of at most size bytes. */
static void
put_records(struct bytes *b, const struct bytes *message, size_t size)
{
	for (size_t at = 0; at < message->n; at += size) {
		size_t n = message->n - at < size ? message->n - at : size;

		put_bytes(b, "\x16\x03\x01", 3);
		put16(b, n);
		put_bytes(b, message->v + at, n);
	}
}

/* One name, or for NULL no extension at all. */
static void
hello_of(struct bytes *message, const char *name, size_t n, unsigned char type)
{
	struct bytes extensions = {.n = 0};

	if (name)
		put_names(&extensions, &name, &n, 1, type);
	put_hello(message, &extensions);
}

static void
hello_twice(struct bytes *message, int in_one)
{
	static const char *const names[] = {ALLOWED_TLS, OTHER};
	static const size_t sizes[] = {sizeof(ALLOWED_TLS) - 1,
				       sizeof(OTHER) - 1};
	struct bytes extensions = {.n = 0};

	if (in_one) {
		put_names(&extensions, names, sizes, 2, 0);
	} else {
		put_names(&extensions, names, sizes, 1, 0);
		put_names(&extensions, names + 1, sizes + 1, 1, 0);
	}
	put_hello(message, &extensions);
}

static void
make_hello(const char *arg, struct bytes *message)
{
	static const struct {
		const char *arg, *name;
		size_t n;
		unsigned char type;
	} simple[] = {
	    {"right", ALLOWED_TLS, sizeof(ALLOWED_TLS) - 1, 0},
	    {"other", OTHER, sizeof(OTHER) - 1, 0},
	    {"none", NULL, 0, 0},
	    {"literal", "127.0.0.1", 9, 0},
	    {"empty", "", 0, 0},
	    {"nul", ALLOWED_TLS "\0.test", sizeof(ALLOWED_TLS) + 5, 0},
	    {"suffix", ALLOWED_TLS ".test", sizeof(ALLOWED_TLS) + 4, 0},
	    {"prefix", "x" ALLOWED_TLS, sizeof(ALLOWED_TLS), 0},
	    {"below", "x." ALLOWED_TLS, sizeof(ALLOWED_TLS) + 1, 0},
	    {"port", ALLOWED_TLS ":22", sizeof(ALLOWED_TLS) + 2, 0},
	    {"blank", ALLOWED_TLS " ", sizeof(ALLOWED_TLS), 0},
	    {"letters", "tl\xc5\xbf.attack.test", 16, 0},
	    {"type", ALLOWED_TLS, sizeof(ALLOWED_TLS) - 1, 1},
	};

	for (size_t i = 0; i < sizeof(simple) / sizeof(*simple); i++)
		if (strcmp(arg, simple[i].arg) == 0)
			hello_of(message, simple[i].name, simple[i].n,
				 simple[i].type);
	if (strncmp(arg, "two-", 4) == 0)
		hello_twice(message, arg[4] == 'n');
	if (strcmp(arg, "split") == 0)
		hello_of(message, OTHER, sizeof(OTHER) - 1, 0);
	if (strcmp(arg, "after") == 0) {
		hello_of(message, OTHER, sizeof(OTHER) - 1, 0);
		hello_of(message, ALLOWED_TLS, sizeof(ALLOWED_TLS) - 1, 0);
	}
}

TRY(send_hello)
{
	struct bytes message = {.n = 0}, sent = {.n = 0};
	int fd = network_allowed(w, ALLOWED_TLS, 443, w->tls);

	make_hello(arg, &message);
	if (strcmp(arg, "ssl2") == 0)
		put_bytes(&sent,
			  "\x80\x1c\1\3\1\0\3\0\0\0\x10\0\0\x0a"
			  "rrrrrrrrrrrrrrrr",
			  30);
	else if (strcmp(arg, "plain") == 0)
		put_bytes(&sent, "GET / HTTP/1.1\r\nHost: " OTHER "\r\n\r\n",
			  41);
	else if (strcmp(arg, "alert") == 0)
		put_bytes(&sent, "\x15\x03\x01\0\2\1\0", 7);
	else
		put_records(&sent, &message,
			    strcmp(arg, "split") == 0 ? 7 : 2000);
	return network_exchange(fd, sent.v, sent.n, "REACHED");
}

#define GET "GET / HTTP/1.1\r\n"
#define RIGHT "Host: " ALLOWED_HTTP "\r\n"
#define WRONG "Host: " OTHER "\r\n"

static const char *
make_request(const char *arg)
{
	static const char *const requests[][2] = {
	    {"right", GET RIGHT "X: " OTHER "\r\n\r\n"},
	    {"other", GET WRONG "\r\n"},
	    {"none", GET "X: " OTHER "\r\n\r\n"},
	    {"http10", "GET / HTTP/1.0\r\nX: " OTHER "\r\n\r\n"},
	    {"two", GET RIGHT WRONG "\r\n"},
	    {"two-reversed", GET WRONG RIGHT "\r\n"},
	    {"absolute", "GET http://" OTHER "/ HTTP/1.1\r\n" RIGHT "\r\n"},
	    {"folded", GET "Host: " ALLOWED_HTTP "\r\n ." OTHER "\r\n\r\n"},
	    {"blank", GET "Host : " OTHER "\r\n" RIGHT "\r\n"},
	    {"list", GET "Host: " ALLOWED_HTTP "," OTHER "\r\n\r\n"},
	    {"user", GET "Host: " ALLOWED_HTTP "@" OTHER "\r\n\r\n"},
	    {"second", GET RIGHT "\r\n" GET WRONG "\r\n"},
	    {"connect", "CONNECT " OTHER ":443 HTTP/1.1\r\n" RIGHT "\r\n"},
	    {"both-lengths",
	     "POST / HTTP/1.1\r\n" RIGHT "Content-Length: 5\r\n"
	     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET WRONG "\r\n"},
	    {"two-lengths", "POST / HTTP/1.1\r\n" RIGHT "Content-Length: 0\r\n"
			    "Content-Length: 60\r\n\r\n" GET WRONG "\r\n"},
	    {"lines", "GET / HTTP/1.1\nHost: " OTHER "\n\n"},
	    {"old", "GET /" OTHER "\r\n"},
	    {"nothing", "\r\n" GET WRONG "\r\n"},
	};

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		if (strcmp(arg, requests[i][0]) == 0)
			return requests[i][1];
	return "";
}

TRY(send_request)
{
	const char *request = make_request(arg);
	int fd = network_allowed(w, ALLOWED_HTTP, 80, w->http);

	return network_exchange(fd, request, strlen(request), OTHER);
}
