/* rule CASE, or rule FILE… to replay the fuzzer's corpus. */
#include "lib/rule.h"

#include <string.h>

#include "../lib/sni_check.h"

static void
good_name(const char *text, const char *canonical)
{
	char name[RULE_NAME_MAX + 1];

	CHECK(rule_name(text, strlen(text), name) == 0, "'%s'", text);
	CHECK(strcmp(name, canonical) == 0, "'%s' became '%s'", text, name);
}

static void
bad_name(const char *text, size_t n)
{
	char name[RULE_NAME_MAX + 1] = "untouched";

	CHECK(rule_name(text, n, name) < 0, "'%s' was taken", text);
	CHECK(strcmp(name, "untouched") == 0, "'%s' left '%s'", text, name);
}

static void
names(void)
{
	static const char *const bad[] = {
	    "",
	    ".",
	    "..",
	    "a..b",
	    ".a",
	    "a.b..",
	    "-a.org",
	    "a-.org",
	    "a.-b",
	    "a b",
	    "a\tb",
	    "a\nb",
	    "a/b",
	    "a@b",
	    "a:b",
	    "a*b",
	    "*.a.org",
	    "a%b",
	    "a\\b",
	    "a\"b",
	    "\xc3\xa9.org",
	    "a\x7f",
	    "\xe2\x80\xae.org",
	};
	char text[300];

	good_name("API.Example.ORG", "api.example.org");
	good_name("example.org.", "example.org");
	good_name("_dmarc.example.org", "_dmarc.example.org");
	good_name("xn--bcher-kva.example", "xn--bcher-kva.example");
	good_name("localhost", "localhost");
	good_name("1.2.3.4.example", "1.2.3.4.example");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		bad_name(bad[i], strlen(bad[i]));
	bad_name("allowed.org\0.evil.org", 21);
	bad_name("a.org\0", 6);
	memset(text, 'a', sizeof(text));
	bad_name(text, 64);
	for (int i = 0; i < 260; i++)
		text[i] = i % 2 ? '.' : 'a';
	bad_name(text, 255);
	text[253] = '\0';
	good_name(text, text);
}

/* What some resolver, URL parser or inet_aton(3) takes for an address. */
static void
addresses(void)
{
	static const char *const bad[] = {
	    "127.0.0.1",
	    "127.1",
	    "2130706433",
	    "0177.0.0.1",
	    "017700000001",
	    "0x7f.0.0.1",
	    "0x7f000001",
	    "0X7F000001",
	    "0x7F.1",
	    "0x",
	    "1.2.3.0x",
	    "127.0.0.1.",
	    "2130706433.",
	    "0",
	    "00",
	    "0.0",
	    "256.256.256.256",
	    "99999999999",
	    "a.1",
	    "example.0x1f",
	    "::1",
	    "[::1]",
	    "::ffff:127.0.0.1",
	    "fe80::1%lo",
	    "1::2",
	    "127.0.0.1:80",
	    "4294967297",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		bad_name(bad[i], strlen(bad[i]));
}

static void
round_trip(const char *text, enum rule_proto proto, unsigned port,
	   const char *canonical)
{
	struct rule r;
	char out[288];
	const char *why = rule_parse(text, &r);

	CHECK(!why, "'%s': %s", text, why);
	CHECK(r.proto == proto && r.port == port, "'%s': %d %u", text,
	      (int)r.proto, r.port);
	rule_format(&r, out, sizeof(out));
	CHECK(strcmp(out, canonical) == 0, "'%s' became '%s'", text, out);
}

static void
rules(void)
{
	static const char *const bad[] = {
	    "",
	    "*",
	    "*.",
	    "*.org",
	    "*.co.uk",
	    "tcp://*.COM.au.:22",
	    "*.1.2.3.4",
	    "**.example.org",
	    "*example.org",
	    "a.*.org",
	    "example.org:",
	    "example.org:0",
	    "example.org:65536",
	    "example.org:-1",
	    "example.org: 1",
	    "example.org:443:1",
	    "example.org:https",
	    "ftp://example.org",
	    "://example.org",
	    "https://",
	    "https:///",
	    "https://a/b",
	    "tcp://example.org",
	    "tcp://example.org:",
	    "https://u@a.org",
	    "[::1]:443",
	    "127.0.0.1",
	    "tcp://127.0.0.1:80",
	    " a.org",
	    "a.org ",
	    "HTTPS://a.org",
	    "-a.org",
	    "--allow",
	};
	struct rule r;

	round_trip("Example.org", RULE_TLS, 443, "example.org");
	round_trip("https://example.org", RULE_TLS, 443, "example.org");
	round_trip("https://example.org:443", RULE_TLS, 443, "example.org");
	round_trip("example.org:8443", RULE_TLS, 8443, "example.org:8443");
	round_trip("*.Example.org.", RULE_TLS, 443, "*.example.org");
	/* everybody's only by two labels, a kind's and a country's */
	round_trip("*.a.co.uk", RULE_TLS, 443, "*.a.co.uk");
	round_trip("*.coo.uk", RULE_TLS, 443, "*.coo.uk");
	round_trip("*.co.example", RULE_TLS, 443, "*.co.example");
	round_trip("*.github.io", RULE_TLS, 443, "*.github.io");
	round_trip("co.uk", RULE_TLS, 443, "co.uk");
	round_trip("ssh://github.com", RULE_SSH, 22, "ssh://github.com");
	round_trip("ssh://github.com:443", RULE_SSH, 443,
		   "ssh://github.com:443");
	round_trip("http://a.example.org", RULE_HTTP, 80,
		   "http://a.example.org");
	round_trip("tcp://*.db.org:5432", RULE_TCP, 5432,
		   "tcp://*.db.org:5432");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(rule_parse(bad[i], &r), "'%s' was taken", bad[i]);
}

/* What would allow something that can never be dialled. */
static void
this_host(void)
{
	static const char *const never[] = {"localhost",
					    "LocalHost.",
					    "localhost:3000",
					    "http://localhost",
					    "http://localhost:8080",
					    "tcp://localhost:5432",
					    "ssh://localhost",
					    "app.localhost",
					    "*.localhost",
					    "*.app.LOCALHOST.",
					    "127.0.0.1",
					    "127.0.0.1:80",
					    "tcp://127.1.2.3:80",
					    "[::1]:443",
					    "::1",
					    "http://[::1]:3000",
					    "0.0.0.0:3000",
					    "localhost.localdomain",
					    "ip6-localhost:80",
					    "https://localhost6"};
	static const char *const may[] = {
	    "localhost.example.org", "mylocalhost", "a.notlocalhost",
	    "tcp://localhosts:1", "127.example.org"};
	struct rule r;

	for (size_t i = 0; i < sizeof(never) / sizeof(*never); i++) {
		const char *why = rule_parse_allow(never[i], &r);

		CHECK(why && strstr(why, "--reach"), "%s: %s", never[i],
		      why ? why : "taken");
	}
	for (size_t i = 0; i < sizeof(may) / sizeof(*may); i++)
		CHECK(!rule_parse_allow(may[i], &r), "%s", may[i]);
	CHECK(!strstr(rule_parse_allow("10.0.0.1", &r), "--reach"), "another");
	CHECK(!rule_parse("localhost", &r), "for a denial it is a name");
}

static void
matching(void)
{
	static const struct {
		const char *rule, *name;
		int match;
	} table[] = {
	    {"example.org", "example.org", 1},
	    {"example.org", "a.example.org", 0},
	    {"example.org", "xexample.org", 0},
	    {"example.org", "example.org.evil.net", 0},
	    {"*.example.org", "example.org", 0},
	    {"*.example.org", "a.example.org", 1},
	    {"*.example.org", "a.b.example.org", 1},
	    {"*.example.org", "xexample.org", 0},
	    {"*.example.org", "a.example.org.evil.net", 0},
	    {"*.example.org", ".example.org", 0},
	};
	struct rule r;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		CHECK(!rule_parse(table[i].rule, &r), "%s", table[i].rule);
		CHECK(rule_matches(&r, table[i].name) == table[i].match,
		      "%s and %s", table[i].rule, table[i].name);
	}
}

static void
covers(const char *wide, const char *narrow, int want)
{
	struct rule w, n;

	CHECK(!rule_parse(wide, &w) && !rule_parse(narrow, &n), "%s, %s", wide,
	      narrow);
	CHECK(rule_covers(&w, &n) == want, "%s, %s", wide, narrow);
}

static void
covering(void)
{
	covers("a.example.org", "a.example.org", 1);
	covers("a.example.org", "A.example.org.", 1);
	covers("a.example.org", "b.example.org", 0);
	covers("a.example.org", "*.a.example.org", 0);
	covers("a.example.org", "a.example.org:8443", 0);
	covers("a.example.org", "ssh://a.example.org", 0);
	covers("a.example.org:8443", "a.example.org:8443", 1);
	covers("*.example.org", "a.example.org", 1);
	covers("*.example.org", "b.a.example.org", 1);
	covers("*.example.org", "example.org", 0);
	covers("*.example.org", "*.example.org", 1);
	covers("*.example.org", "*.a.example.org", 1);
	covers("*.a.example.org", "*.example.org", 0);
	covers("*.example.org", "xexample.org", 0);
	covers("*.example.org", "*.xexample.org", 0);
	covers("tcp://a.example.org:443", "a.example.org", 0);
}

/* A rule that parses is written as one that parses to the same. */
static void
replay(const char *path)
{
	char text[4096], out[288], again[288];
	FILE *f = fopen(path, "r");
	struct rule r;

	CHECK(f, "cannot read %s", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	if (rule_parse(text, &r))
		return;
	rule_format(&r, out, sizeof(out));
	CHECK(!rule_parse(out, &r), "%s", out);
	rule_format(&r, again, sizeof(again));
	CHECK(strcmp(out, again) == 0, "%s, %s", out, again);
}

int
main(int argc, char **argv)
{
	CHECK(argc > 1, "no case named");
	if (strcmp(argv[1], "names") == 0)
		names();
	else if (strcmp(argv[1], "addresses") == 0)
		addresses();
	else if (strcmp(argv[1], "rules") == 0)
		rules();
	else if (strcmp(argv[1], "this-host") == 0)
		this_host();
	else if (strcmp(argv[1], "matching") == 0)
		matching();
	else if (strcmp(argv[1], "covering") == 0)
		covering();
	else
		for (int i = 1; i < argc; i++)
			replay(argv[i]);
	return 0;
}
