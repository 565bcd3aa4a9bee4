// needs: pen-sni/web
/*
 * http CASE: requests as programs send them and as attackers do.
 * http FILE…: scans each file in pieces, to replay the fuzzer's corpus.
 */
#include "lib/http.h"

#include <string.h>

#include "../lib/sni_check.h"
#include "pen-sni/web.h"

#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n"
#define HOST "Host: a.example\r\n"
#define END "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define LENGTH(n) "Content-Length: " n "\r\n"

/* The number of heads in text, shown step by step; -1 when it is refused. */
static int
heads_of(const char *text, size_t n, size_t step)
{
	struct http h = {0};
	size_t at = 0, have = 0, ok;
	int heads = 0;

	while (have < n) {
		enum http_state s;

		have = have + step < n ? have + step : n;
		do {
			unsigned char *p = check_exact(text + at, have - at);

			s = http_scan(&h, p, have - at, &ok);
			CHECK(ok <= have - at, "%s", text);
			free(p);
			at += ok;
			heads += s == HTTP_HEAD;
		} while (s == HTTP_HEAD);
		if (s == HTTP_BAD) {
			CHECK(h.why, "%s", text);
			return -1;
		}
	}
	return heads;
}

static void
expect_heads(const char *text, int want)
{
	size_t n = strlen(text);

	for (size_t step = 1; step <= n; step += step < 8 ? 1 : n)
		CHECK(heads_of(text, n, step) == want, "%zu: %d\n%s", step,
		      heads_of(text, n, step), text);
	CHECK(heads_of(text, n, n) == want, "%s", text);
}

static void
good(void)
{
	expect_heads(GET HOST END, 1);
	expect_heads(GET HOST END GET HOST END GET HOST END, 3);
	expect_heads("GET /?a=b%20&c HTTP/1.0\r\n" HOST END, 1);
	expect_heads("OPTIONS * HTTP/1.1\r\n" HOST END, 1);
	expect_heads(GET "hOST:\t a.example \t\r\nX:\r\n" END, 1);
	expect_heads(POST HOST LENGTH("0") END GET HOST END, 2);
	expect_heads(POST HOST LENGTH("5") END "hello" GET HOST END, 2);
	expect_heads(POST HOST LENGTH("21") END
		     "GET / HTTP/1.1\r\nHost:" GET HOST END,
		     2);
	expect_heads(POST HOST CHUNKED END "5\r\nhello\r\n0a\r\n0123456789\r\n"
					   "0\r\n\r\n" GET HOST END,
		     2);
	expect_heads(POST HOST "transfer-encoding: Chunked\r\n" END
			       "F\r\n0123456789abcde\r\n0\r\n\r\n" GET HOST END,
		     2);
	expect_heads(GET HOST "Content-Lengths: 7\r\nHost-Name: b\r\n" END, 1);
}

static void
ambiguous(void)
{
	static const char *const texts[] = {
	    POST HOST LENGTH("5") CHUNKED END "0\r\n\r\n",
	    POST HOST CHUNKED LENGTH("5") END "0\r\n\r\n",
	    POST HOST LENGTH("5") LENGTH("5") END "hello",
	    POST HOST LENGTH("5") LENGTH("6") END "hello",
	    POST HOST LENGTH("5, 5") END "hello",
	    POST HOST LENGTH("+5") END "hello",
	    POST HOST LENGTH("-1") END,
	    POST HOST LENGTH("0x5") END,
	    POST HOST LENGTH("") END,
	    POST HOST LENGTH("5 ;a") END,
	    POST HOST LENGTH("1000000000000000000") END,
	    POST HOST "Content-Length : 5\r\n" END,
	    POST HOST "Content_Length: 5\r\n" END,
	    POST HOST "Transfer_Encoding: chunked\r\n" END,
	    POST HOST "Transfer-Encoding : chunked\r\n" END,
	    POST HOST "Transfer-Encoding: xchunked\r\n" END,
	    POST HOST "Transfer-Encoding: gzip, chunked\r\n" END,
	    POST HOST "Transfer-Encoding: identity\r\n" END,
	    POST HOST "Transfer-Encoding: chunked, chunked\r\n" END,
	    POST HOST "Transfer-Encoding: \"chunked\"\r\n" END,
	    POST HOST "Transfer-Encoding:\v chunked\r\n" END,
	    POST HOST "Transfer-Encoding:\r\n chunked\r\n" END,
	    POST HOST CHUNKED CHUNKED END,
	    "POST / HTTP/1.0\r\n" HOST CHUNKED END,
	    GET HOST " X: folded\r\n" END,
	    GET " X: 1\r\n" HOST END,
	    GET HOST "X: a\rb\r\n" END,
	    GET HOST "X: 1\n" HOST END,
	    GET "X: 1\nHost: b.example\r\n" HOST END,
	    "GET / HTTP/1.1\n" HOST END,
	    GET HOST "\n" END END,
	    GET HOST "X: a\x7f\r\n" END,
	    GET HOST ": no\r\n" END,
	    GET HOST "no colon\r\n" END,
	    GET HOST "a b: c\r\n" END,
	    END GET HOST END,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		expect_heads(texts[i], -1);
	CHECK(heads_of(GET HOST "X: \0\r\n\r\n", 41, 7) < 0, "NUL");
}

static void
chunks(void)
{
	static const char *const bodies[] = {
	    "5;a=b\r\nhello\r\n0\r\n\r\n",
	    "5 \r\nhello\r\n0\r\n\r\n",
	    "5\nhello\r\n0\r\n\r\n",
	    "0x5\r\nhello\r\n0\r\n\r\n",
	    "\r\nhello\r\n0\r\n\r\n",
	    "-1\r\n",
	    "+5\r\n",
	    "5\rhello\r\n",
	    "5\r\nhelloo\r\n0\r\n\r\n",
	    "5\r\nhello\n0\r\n\r\n",
	    "5\r\nhello\r\n0\r\nHost: b.example\r\n\r\n",
	    "5\r\nhello\r\n0\r\n\n",
	    "0000000000000001\r\n",
	    "ffffffffffffffff\r\n",
	    "g\r\n",
	};

	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		char text[512];

		snprintf(text, sizeof(text), "%s%s", POST HOST CHUNKED END,
			 bodies[i]);
		expect_heads(text, -1);
	}
}

static void
targets(void)
{
	static const char *const lines[] = {
	    "GET http://b.example/ HTTP/1.1\r\n",
	    "GET b HTTP/1.1\r\n",
	    "CONNECT b.example:443 HTTP/1.1\r\n",
	    "GET  / HTTP/1.1\r\n",
	    "connect b.example:443 HTTP/1.1\r\n",
	    "CONNECT / HTTP/1.1\r\n",
	    "GET / HTTP/1.1 \r\n",
	    "GET\t/ HTTP/1.1\r\n",
	    "GET / HTTP/1.2\r\n",
	    "GET / HTTP/2.0\r\n",
	    "GET / http/1.1\r\n",
	    "GET /\r\n",
	    "GET / x HTTP/1.1\r\n",
	    "PRI * HTTP/2.0\r\n",
	    " / HTTP/1.1\r\n",
	    "GET /\x01 HTTP/1.1\r\n",
	    "GET  HTTP/1.1\r\n",
	    "\x16\x03\x01\x02\r\n",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char text[256];

		snprintf(text, sizeof(text), "%s%s", lines[i], HOST END);
		expect_heads(text, -1);
	}
}

static void
hosts(void)
{
	unsigned port = 0;

	expect_heads(GET END, -1);
	expect_heads("GET / HTTP/1.0\r\n" END, -1);
	expect_heads(GET HOST HOST END, -1);
	expect_heads(GET HOST "host: b.example\r\n" END, -1);
	expect_heads(GET HOST "Host : b.example\r\n" END, -1);
#define IS(text, len, want)                                                \
	CHECK(http_host((const uint8_t *)text, strlen(text), 80, &port) == \
		      (len) &&                                             \
		  port == (want),                                          \
	      "%s", text)
	IS("a.example", 9, 80);
	IS("a.example:8080", 9, 8080);
	IS("", 0, 80);
	IS("[::1]:80", 5, 80);
	IS("a.example:", 0, 80);
	IS("a.example:0", 0, 80);
	IS("a.example:65536", 0, 80);
	IS("a.example:80 ", 0, 80);
	IS("a.example:8 0", 0, 80);
}

/* How many bytes of text may go when a.example on port 80 is dialled. */
static ssize_t
judged(const char *text, int *hold)
{
	struct web *w = web_new(80);
	ssize_t n;

	w->name = "a.example";
	n = web_judge(&w->look, (const uint8_t *)text, strlen(text));
	CHECK(n >= 0 || w->why, "%s", text);
	if (hold)
		*hold = w->look.hold[CLIENT];
	free(w);
	return n;
}

static void
requests(void)
{
	int hold;

	CHECK(judged(GET HOST END GET HOST END, NULL) == 70, "both");
	CHECK(judged(GET "Host: A.Example.:80\r\n" END, NULL) == 39, "same");
	CHECK(judged(GET HOST END GET "Host: b.example\r\n" END, NULL) < 0,
	      "the second");
	CHECK(judged(POST HOST LENGTH("2") END "hi" GET
					       "Host: b.example\r\n" END,
		     NULL) < 0,
	      "behind a body");
	CHECK(judged(GET "Host: a.example:81\r\n" END, NULL) < 0, "port");
	CHECK(judged(GET "Host: 127.0.0.1\r\n" END, NULL) < 0, "address");
	CHECK(judged(GET HOST
		     "Connection: Upgrade\r\nUpgrade: websocket\r\n" END "more",
		     &hold) == 76 &&
		  hold,
	      "WebSocket");
	CHECK(judged(GET HOST END GET HOST "Connection: upgrade\r\n"
					   "Upgrade: websocket\r\n" END,
		     &hold) == 111 &&
		  !hold,
	      "a WebSocket later");
	CHECK(judged(POST HOST
		     "Connection: upgrade\r\nUpgrade: websocket\r\n" LENGTH("1")
			 END "x",
		     &hold) == 97 &&
		  !hold,
	      "with a body");
	CHECK(judged(GET HOST "Connection: upgrade\r\n"
			      "Upgrade: h2c, websocket\r\n" END,
		     &hold) == 81 &&
		  !hold,
	      "the server's choice");
	CHECK(judged(GET HOST "Connection: upgrade\r\nUpgrade: websocket\r\n"
			      "Upgrade: h2c\r\n" END,
		     &hold) == 90 &&
		  !hold,
	      "of two");
	CHECK(judged(GET HOST "Connection: upgrade\r\nUpgrade: h2c\r\n" END
			      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		     NULL) < 0,
	      "h2c");
}

/* What a client is told has the length that it says. */
static void
refusals(void)
{
	struct web *w = web_new(80);

	for (int i = 0; i < WEB_ANSWERS; i++) {
		const char *text = web_refusal(w, (enum web_answer)i);
		const char *length = strstr(text, "Content-Length: ");
		const char *body = strstr(text, "\r\n\r\n") + 4;

		CHECK(strtoul(length + 16, NULL, 10) == strlen(body), "%s",
		      text);
	}
	CHECK(!web_refusal(NULL, WEB_BAD), "no HTTP");
	w->begun = 1;
	CHECK(!web_refusal(w, WEB_BAD), "it has had answers");
	free(w);
}

static void
longest(void)
{
	static char text[HTTP_HEAD_MAX + 1];
	size_t head = strlen(GET HOST "X: ");

	memset(text, 'a', sizeof(text));
	memcpy(text, GET HOST "X: ", head);
	CHECK(heads_of(text, HTTP_HEAD_MAX, 999) < 0, "no end");
	memcpy(text + HTTP_HEAD_MAX - 4, "\r\n\r\n", 4);
	CHECK(heads_of(text, HTTP_HEAD_MAX, 999) == 1, "the longest");
	memset(text + HTTP_HEAD_MAX - 4, 'a', 5);
	memcpy(text + HTTP_HEAD_MAX - 3, "\r\n\r\n", 4);
	CHECK(heads_of(text, HTTP_HEAD_MAX + 1, 999) < 0, "one more");
}

static void
replay(const char *path)
{
	static char text[65536];
	FILE *f = fopen(path, "rb");
	size_t n;
	int whole;

	CHECK(f, "%s", path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	whole = heads_of(text, n, n ? n : 1);
	for (size_t step = 1; step < 9; step++)
		CHECK(heads_of(text, n, step) == whole, "%s", path);
}

static const struct {
	const char *name;
	void (*fn)(void);
} cases[] = {
    {"good", good},	  {"ambiguous", ambiguous}, {"chunks", chunks},
    {"targets", targets}, {"hosts", hosts},	    {"requests", requests},
    {"longest", longest}, {"refusals", refusals},
};

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t c = 0, n = sizeof(cases) / sizeof(*cases);

		while (c < n && strcmp(argv[i], cases[c].name) != 0)
			c++;
		if (c < n)
			cases[c].fn();
		else
			replay(argv[i]);
	}
	return 0;
}
