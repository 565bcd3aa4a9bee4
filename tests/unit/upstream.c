// needs: pen-sni/upstream
/*
 * upstream CASE: the proxy's name, the request to it, and its answer.
 * upstream FILE…: reads each file as an answer, to replay the fuzzer's corpus.
 */
#include "pen-sni/upstream.h"

#include <string.h>

#include "../lib/sni_check.h"

static void
parsing(void)
{
	static const char *const bad[] = {
	    "",
	    "proxy",
	    "proxy:",
	    ":3128",
	    "proxy:0",
	    "proxy:65536",
	    "proxy:+1",
	    "http://proxy",
	    "http://u:p@proxy:1",
	    "socks5://proxy:1",
	    "proxy:1/x",
	    "10.0.0:1",
	    "::1:1",
	};
	struct upstream u;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(upstream_parse(bad[i], &u), "%s", bad[i]);
	CHECK(!upstream_parse("http://Proxy.Example:3128/", &u), "URL");
	CHECK(strcmp(u.name, "proxy.example") == 0 && u.port == 3128, "URL");
	CHECK(!upstream_parse("10.0.0.1:80", &u) && !u.name[0], "address");
	CHECK(u.addr.sa.sa_family == AF_INET, "address");
	CHECK(!upstream_parse("[::1]:80", &u) && !u.name[0], "IPv6");
	CHECK(u.addr.sa.sa_family == AF_INET6, "IPv6");
}

/* RFC 4648 section 10, and what it does to a request. */
static void
request(void)
{
	static const char *const texts[][2] = {
	    {"", ""},
	    {"f", "Zg=="},
	    {"fo", "Zm8="},
	    {"foo", "Zm9v"},
	    {"foob", "Zm9vYg=="},
	    {"fooba", "Zm9vYmE="},
	    {"foobar", "Zm9vYmFy"},
	    {"\xff\xfe\xfd", "//79"},
	};
	struct upstream u = {.port = 1};
	char *text = upstream_request(&u, "a.example", 443);

	CHECK(strcmp(text, "CONNECT a.example:443 HTTP/1.1\r\n"
			   "Host: a.example:443\r\n\r\n") == 0,
	      "%s", text);
	free(text);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char want[64];

		upstream_set_auth(&u, texts[i][0]);
		text = upstream_request(&u, "a.example", 443);
		snprintf(want, sizeof(want),
			 "\r\nProxy-Authorization: Basic %s\r\n\r\n",
			 texts[i][1]);
		CHECK(strstr(text, want), "%s: %s", texts[i][0], text);
		free(text);
		free(u.auth);
	}
}

static int
status_of(const char *text, size_t n, size_t *used)
{
	char *p = (char *)check_exact(text, n);
	int status = upstream_answer(p, n, used);

	free(p);
	return status;
}

static void
answers(void)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nA: b\r\n\r\nrest";
	static const char *const bad[] = {
	    "HTTP/2 200\r\n\r\n",
	    "HTTP/1.1 20\r\n\r\n",
	    "\r\n\r\n",
	    "HTTP/1.1 2000\r\n\r\n",
	    "HTTP/1.1 -20\r\n\r\n",
	    "ICY 200 OK\r\n\r\n",
	    "HTTP/1.1  200\r\n\r\n",
	};
	static char longest[UPSTREAM_MAX];
	size_t used = 0;

	for (size_t n = 0; n < sizeof(ok) - 5; n++)
		CHECK(status_of(ok, n, &used) == 0, "%zu", n);
	CHECK(status_of(ok, sizeof(ok) - 1, &used) == 200, "whole");
	CHECK(used == sizeof(ok) - 5, "%zu", used);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(status_of(bad[i], strlen(bad[i]), &used) == -1, "%s",
		      bad[i]);
	CHECK(status_of(longest, sizeof(longest) - 1, &used) == 0, "more");
	CHECK(status_of(longest, sizeof(longest), &used) == -1, "no end");
}

static void
replay(const char *path)
{
	char text[UPSTREAM_MAX];
	FILE *f = fopen(path, "rb");
	size_t n, used = 0;

	CHECK(f, "%s", path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	status_of(text, n, &used);
	CHECK(used <= n, "%s", path);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "parsing") == 0)
			parsing();
		else if (strcmp(argv[i], "request") == 0)
			request();
		else if (strcmp(argv[i], "answers") == 0)
			answers();
		else
			replay(argv[i]);
	}
	return 0;
}
