// needs: pen-sni/hello
/*
 * hello CASE: ClientHellos as programs send them and as attackers do.
 * hello FILE…: parses each file as the fuzzer does, to replay its corpus.
 */
#include "pen-sni/hello.h"

#include "../lib/sni_check.h"
#include "../lib/sni_hello.h"

/* A server_name extension with a list of the names, each of that type. */
static void
put_sni(struct buf *b, const char *const *names, const size_t *lens, size_t n,
	unsigned type)
{
	size_t list = 2;

	for (size_t i = 0; i < n; i++)
		list += 3 + lens[i];
	put_int(b, 0, 2);
	put_int(b, list, 2);
	put_names(b, names, lens, n, type);
}

static void
put_one(struct buf *b, const char *name)
{
	size_t len = strlen(name);

	put_sni(b, &name, &len, 1, 0);
}

/* An extension that is not looked at, of n bytes. */
static void
put_other(struct buf *b, unsigned type, size_t n)
{
	put_int(b, type, 2);
	put_int(b, n, 2);
	memset(b->b + b->n, 0x5a, n);
	b->n += n;
}

/* supported_versions, of one version. */
static void
put_version(struct buf *b, unsigned version)
{
	put_int(b, 43, 2);
	put_int(b, 3, 2);
	put_int(b, 2, 1);
	put_int(b, version, 2);
}

/* The handshake message with those extensions, or without the field. */
static struct buf
message(const struct buf *exts, int has_exts)
{
	struct buf m = {.n = 0};

	put_int(&m, 1, 1);
	put_int(&m, 2 + 32 + 1 + 32 + 2 + 4 + 2 + (has_exts ? 2 + exts->n : 0),
		3);
	put_int(&m, 0x0303, 2);
	memset(m.b + m.n, 7, 32);
	m.n += 32;
	put_int(&m, 32, 1);
	memset(m.b + m.n, 8, 32);
	m.n += 32;
	put_int(&m, 4, 2);
	put_int(&m, 0x13011302, 4);
	put_int(&m, 1, 1);
	put_int(&m, 0, 1);
	if (has_exts) {
		put_int(&m, exts->n, 2);
		put(&m, exts->b, exts->n);
	}
	return m;
}

/* The message in records of at most size bytes. */
static struct buf
records(const struct buf *m, size_t size)
{
	struct buf r = {.n = 0};

	for (size_t at = 0; at < m->n; at += size) {
		size_t n = m->n - at < size ? m->n - at : size;

		put_record(&r, 22, 0x0301, m->b + at, n);
	}
	return r;
}

static struct buf
hello_for(const struct buf *exts)
{
	struct buf m = message(exts, 1);

	return records(&m, 16384);
}

static enum hello_state
parse(struct hello *h, const struct buf *raw)
{
	unsigned char *exact = check_exact(raw->b, raw->n);
	enum hello_state s;

	memset(h, 0, sizeof(*h));
	s = hello_parse(h, exact, raw->n);
	free(exact);
	return s;
}

static void
expect_name(const struct buf *raw, const char *name)
{
	struct hello h;
	enum hello_state s = parse(&h, raw);

	CHECK(s == HELLO_OK, "state %d, %s", (int)s, h.why ? h.why : "-");
	CHECK(h.name_len == strlen(name) &&
		  memcmp(h.name, name, h.name_len) == 0,
	      "%s", name);
}

static void
expect(const struct buf *raw, enum hello_state want, const char *why)
{
	struct hello h;
	enum hello_state s = parse(&h, raw);

	CHECK(s == want, "state %d, wanted %d", (int)s, (int)want);
	CHECK(strcmp(h.why, why) == 0, "'%s', wanted '%s'", h.why, why);
}

static void
good(void)
{
	struct buf e = {.n = 0};

	put_version(&e, 0x0304);
	put_one(&e, "api.example.org");
	put_other(&e, 51, 1250);    /* X25519MLKEM768 */
	put_other(&e, 0xfe0d, 500); /* an encrypted inner hello: outer rules */
	e = hello_for(&e);
	expect_name(&e, "api.example.org");
}

static void
fragmented(void)
{
	struct buf e = {.n = 0}, m, r;

	put_other(&e, 51, 1250);
	put_one(&e, "api.example.org");
	m = message(&e, 1);
	for (size_t size = 1; size < m.n + 10; size = size * 3 / 2 + 1) {
		r = records(&m, size);
		expect_name(&r, "api.example.org");
	}
}

/* Every cut wants more, byte by byte, and the whole is good. */
static void
truncated(void)
{
	struct buf e = {.n = 0}, m, r;
	struct hello h, again;

	put_one(&e, "api.example.org");
	m = message(&e, 1);
	r = records(&m, 50);
	memset(&again, 0, sizeof(again));
	for (size_t n = 0; n < r.n; n++) {
		struct buf cut = r;

		cut.n = n;
		CHECK(parse(&h, &cut) == HELLO_MORE, "cut at %zu", n);
		CHECK(hello_parse(&again, r.b, n) == HELLO_MORE, "at %zu", n);
	}
	CHECK(hello_parse(&again, r.b, r.n) == HELLO_OK, "in pieces");
}

/* A length inside the message that is wrong by any amount is never good. */
static void
shortened(void)
{
	struct buf e = {.n = 0}, m, r;
	struct hello h;

	put_one(&e, "api.example.org");
	m = message(&e, 1);
	for (size_t n = 4; n < m.n; n++) {
		struct buf cut = m;

		cut.n = n;
		cut.b[1] = 0;
		cut.b[2] = (uint8_t)((n - 4) >> 8);
		cut.b[3] = (uint8_t)(n - 4);
		r = records(&cut, 16384);
		CHECK(parse(&h, &r) != HELLO_OK, "cut to %zu", n);
		CHECK(parse(&h, &r) != HELLO_MORE, "cut to %zu", n);
	}
}

static void
nameless(void)
{
	struct buf e = {.n = 0}, m, r;

	put_version(&e, 0x0304);
	r = hello_for(&e);
	expect(&r, HELLO_NONE, "no server name");
	m = message(&e, 0);
	r = records(&m, 16384);
	expect(&r, HELLO_NONE, "no server name");
}

static void
two_names(void)
{
	const char *names[] = {"allowed.example.org", "evil.example.org"};
	size_t lens[] = {19, 16};
	struct buf e = {.n = 0}, r;

	put_sni(&e, names, lens, 2, 0);
	r = hello_for(&e);
	expect(&r, HELLO_BAD, "more than one server name");
	e.n = 0;
	put_one(&e, names[0]);
	put_one(&e, names[1]);
	r = hello_for(&e);
	expect(&r, HELLO_BAD, "two server name extensions");
}

static void
odd_names(void)
{
	const char *nul = "allowed.example.org\0.evil.org", *empty = "";
	char longest[300];
	const char *p = longest;
	size_t len = 29;
	struct buf e = {.n = 0}, r;
	struct hello h;

	/* a NUL is handed on as a byte of the name: rule_name refuses it */
	put_sni(&e, &nul, &len, 1, 0);
	r = hello_for(&e);
	CHECK(parse(&h, &r) == HELLO_OK && h.name_len == 29, "NUL");
	e.n = 0;
	len = 0;
	put_sni(&e, &empty, &len, 1, 0);
	r = hello_for(&e);
	expect(&r, HELLO_BAD, "a server name of impossible length");
	memset(longest, 'a', sizeof(longest));
	e.n = 0;
	len = 257;
	put_sni(&e, &p, &len, 1, 0);
	r = hello_for(&e);
	expect(&r, HELLO_BAD, "a server name of impossible length");
	e.n = 0;
	len = 5;
	put_sni(&e, &p, &len, 1, 1);
	r = hello_for(&e);
	expect(&r, HELLO_BAD, "a server name that is not a host");
}

static void
not_tls(void)
{
	static const char http[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	static const uint8_t ssl2[] = {0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16};
	static const uint8_t alert[] = {21, 3, 1, 0, 2, 2, 0};
	static const uint8_t server[] = {22, 3, 3, 0, 40, 2, 0, 0, 36};
	static const uint8_t empty[] = {22, 3, 1, 0, 0, 22, 3, 1, 0, 0};
	static const uint8_t over[] = {22, 3, 1, 0x40, 1};
	static const uint8_t big[] = {22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff};
	struct buf r = {.n = 0};

	put(&r, http, sizeof(http) - 1);
	expect(&r, HELLO_BAD, "not TLS");
	r.n = 0;
	put(&r, ssl2, sizeof(ssl2));
	expect(&r, HELLO_BAD, "not TLS");
	r.n = 0;
	put(&r, alert, sizeof(alert));
	expect(&r, HELLO_BAD, "not TLS");
	r.n = 0;
	put(&r, server, sizeof(server));
	expect(&r, HELLO_BAD, "not a ClientHello");
	r.n = 0;
	put(&r, empty, sizeof(empty));
	expect(&r, HELLO_BAD, "an empty TLS record");
	r.n = 0;
	put(&r, over, sizeof(over));
	expect(&r, HELLO_BAD, "an oversized TLS record");
	r.n = 0;
	put(&r, big, sizeof(big));
	expect(&r, HELLO_BAD, "an oversized ClientHello");
}

/* Other records between the fragments, and bytes behind the message. */
static void
mixed(void)
{
	static const uint8_t alert[] = {21, 3, 1, 0, 2, 1, 0};
	struct buf e = {.n = 0}, m, r, t = {.n = 0};

	put_one(&e, "api.example.org");
	m = message(&e, 1);
	r = records(&m, 60);
	put(&t, r.b, 65);
	put(&t, alert, sizeof(alert));
	put(&t, r.b + 65, r.n - 65);
	expect(&t, HELLO_BAD, "not TLS");
	put_int(&m, 0x14000000, 4);
	r = records(&m, 16384);
	expect(&r, HELLO_BAD, "bytes behind the ClientHello");
}

/* What follows in a record of its own (early data) is the server's affair. */
static void
early_data(void)
{
	static const uint8_t data[] = {23, 3, 3, 0, 3, 1, 2, 3};
	struct buf e = {.n = 0}, r;

	put_one(&e, "api.example.org");
	r = hello_for(&e);
	put(&r, data, sizeof(data));
	expect_name(&r, "api.example.org");
}

static void
drip(void)
{
	struct buf e = {.n = 0}, m, r;

	put_other(&e, 51, 16000);
	put_one(&e, "api.example.org");
	m = message(&e, 1);
	r = records(&m, 3); /* more headers than hello */
	r.n = HELLO_RAW_MAX;
	expect(&r, HELLO_BAD, "an oversized ClientHello");
}

/* A ClientHello for allowed.example.org, to be changed in one field. */
struct fields {
	unsigned version;
	size_t session, ciphers, compressions;
	const char *compression;
	struct buf exts;
};

static struct fields
sound(void)
{
	struct fields f = {0x0303, 32, 4, 1, "\0", {.n = 0}};

	put_version(&f.exts, 0x0304);
	put_one(&f.exts, "allowed.example.org");
	return f;
}

static struct buf
build(const struct fields *f)
{
	struct buf m = {.n = 0}, body = {.n = 0};

	put_int(&body, f->version, 2);
	for (int i = 0; i < 32; i++)
		put_int(&body, 7, 1);
	put_int(&body, f->session, 1);
	for (size_t i = 0; i < f->session; i++)
		put_int(&body, 8, 1);
	put_int(&body, f->ciphers, 2);
	for (size_t i = 0; i < f->ciphers; i++)
		put_int(&body, i % 2 ? 1 : 0x13, 1);
	put_int(&body, f->compressions, 1);
	put(&body, f->compression, f->compressions);
	put_int(&body, f->exts.n, 2);
	put(&body, f->exts.b, f->exts.n);
	put_int(&m, 1, 1);
	put_int(&m, body.n, 3);
	put(&m, body.b, body.n);
	return records(&m, 16384);
}

static void
expect_fields(const struct fields *f, const char *why)
{
	static struct buf r;

	r = build(f);
	if (why)
		expect(&r, HELLO_BAD, why);
	else
		expect_name(&r, "allowed.example.org");
}

/* Each bound of the fields, on both sides of it. */
static void
bounds(void)
{
	static struct fields f;

	f = sound();
	expect_fields(&f, NULL);
	for (f.version = 0x0301; f.version < 0x0306; f.version++)
		expect_fields(&f, NULL);
	for (f.version = 0; f.version < 0x0301; f.version += 0x40)
		expect_fields(&f, "not a version of TLS");
	f.version = 0x0403;
	expect_fields(&f, "not a version of TLS");
	f = sound();
	for (f.session = 0; f.session <= 32; f.session++)
		expect_fields(&f, NULL);
	for (; f.session < 256; f.session++)
		expect_fields(&f, "an oversized session id");
	f = sound();
	for (f.ciphers = 0; f.ciphers < 300; f.ciphers++)
		expect_fields(&f, f.ciphers && f.ciphers % 2 == 0
				      ? NULL
				      : "a malformed list of cipher suites");
}

static void
compressions(void)
{
	static struct fields f;

	f = sound();
	f.compressions = 0;
	expect_fields(&f, "no null compression");
	f.compressions = 2;
	f.compression = "\1\2";
	expect_fields(&f, "no null compression");
	f.compression = "\1\0";
	expect_fields(&f, "compression in TLS 1.3");
	f.exts.n = 0; /* before 1.3 there was some */
	put_one(&f.exts, "allowed.example.org");
	expect_fields(&f, NULL);
	put_version(&f.exts, 0x0303);
	expect_fields(&f, NULL);
}

static void
extensions(void)
{
	static struct fields f;

	f = sound();
	put_other(&f.exts, 0x1234, 3);
	expect_fields(&f, NULL);
	put_other(&f.exts, 0x1234, 0);
	expect_fields(&f, "an extension twice");
	f = sound();
	put_other(&f.exts, 41, 50);
	expect_fields(&f, NULL);
	put_other(&f.exts, 0xffff, 0);
	expect_fields(&f, "an extension behind the pre-shared keys");
	for (size_t n = 0; n < 8; n++) {
		f = sound();
		f.exts.n = 0;
		put_one(&f.exts, "allowed.example.org");
		put_other(&f.exts, 43, n);
		expect_fields(&f, "a malformed list of versions");
	}
}

static int
replay(const char *path)
{
	static uint8_t data[HELLO_RAW_MAX + 1];
	FILE *f = fopen(path, "r");
	struct buf *raw = malloc(sizeof(*raw));
	struct hello h;

	CHECK(f && raw, "cannot read %s", path);
	raw->n = fread(data, 1, sizeof(data), f);
	memcpy(raw->b, data, raw->n);
	fclose(f);
	parse(&h, raw);
	free(raw);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
	    {"good", good},
	    {"fragmented", fragmented},
	    {"truncated", truncated},
	    {"shortened", shortened},
	    {"nameless", nameless},
	    {"two-names", two_names},
	    {"odd-names", odd_names},
	    {"not-tls", not_tls},
	    {"mixed", mixed},
	    {"early-data", early_data},
	    {"drip", drip},
	    {"bounds", bounds},
	    {"compressions", compressions},
	    {"extensions", extensions},
	};

	CHECK(argc > 1, "no case named");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (strcmp(cases[i].name, argv[1]) == 0) {
			cases[i].run();
			return 0;
		}
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return 0;
}
