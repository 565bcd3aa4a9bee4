// needs: pen-sni/hello
// library: openssl
/*
 * hello_tls ROUNDS FILE…: compares the ClientHello parser with OpenSSL's server
 * on each FILE and on ROUNDS mutations of them, always the same ones.
 *
 * A name that only one side reads is a way around the allowlist.  So: where
 * OpenSSL comes to a name, the parser has the same bytes or refuses; where the
 * parser has a name, OpenSSL has the same bytes or refuses; and where OpenSSL
 * has heard enough, so has the parser.  What the parser alone may refuse is
 * listed in stricter[], with the reason.
 */
#include "pen-sni/hello.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../lib/sni_check.h"
#include "../lib/sni_hello.h"

/* What OpenSSL made of the bytes. */
struct peer {
	int parsed;  /* the ClientHello is well formed … */
	int has_ext; /* … and has a server_name extension: */
	const unsigned char *ext;
	size_t ext_n;
	int asked;	  /* it asked for the certificate … */
	const char *name; /* … of this name; NULL: of none */
	int waits;	  /* it wants more bytes */
};

/* clang-format off */
static struct {
	const char *why;
	size_t seen;
} stricter[] = {
	/* two messages in one record; OpenSSL refuses that later, in TLS 1.3 */
	{"bytes behind the ClientHello", 0},
	/* OpenSSL takes 128 KiB */
	{"an oversized ClientHello", 0},
	/* RFC 8446 section 5.1 forbids them, OpenSSL takes 32 in a row */
	{"an empty TLS record", 0},
	/* section 4.2 forbids it, OpenSSL only looks for those that it knows */
	{"an extension twice", 0},
	/* section 4.2.1 has a list of 2 to 254 bytes, and nothing behind it */
	{"a malformed list of versions", 0},
	/* section 4.1.2 has 3.3, before that were 3.1 and 3.2; OpenSSL looks at
	   the list of versions alone where there is one */
	{"not a version of TLS", 0},
	/* it forbids other records in between, OpenSSL takes warnings */
	{"not TLS", 0},
};
/* clang-format on */
#define STRICTER (sizeof(stricter) / sizeof(*stricter))

static struct {
	size_t same;	/* one name on both sides */
	size_t none;	/* no name on either side */
	size_t refused; /* OpenSSL refuses what the parser has a name for */
} count;

static int
on_hello(SSL *s, int *alert, void *arg)
{
	struct peer *p = SSL_get_app_data(s);

	(void)alert;
	(void)arg;
	p->parsed = 1;
	p->has_ext = SSL_client_hello_get0_ext(s, TLSEXT_TYPE_server_name,
					       &p->ext, &p->ext_n);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* Called where a server chooses its certificate, and its site. */
static int
on_name(SSL *s, int *alert, void *arg)
{
	struct peer *p = SSL_get_app_data(s);

	(void)alert;
	(void)arg;
	p->asked = 1;
	p->name = SSL_get_servername(s, TLSEXT_NAMETYPE_host_name);
	/* RFC 6066 section 3 has no empty name; to OpenSSL it is one */
	if (p->name && *p->name == '\0')
		p->name = NULL;
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* The most tolerant server there is. */
static SSL_CTX *
server(void)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	CHECK(ctx, "no context");
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, 0);
	SSL_CTX_set_cipher_list(ctx, "ALL:eNULL");
	SSL_CTX_set_client_hello_cb(ctx, on_hello, NULL);
	SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
	return ctx;
}

/* The pointers in p are good until the caller frees what this returns. */
static SSL *
ask_openssl(SSL_CTX *ctx, struct peer *p, const struct buf *raw)
{
	SSL *s = SSL_new(ctx);
	BIO *in = BIO_new_mem_buf(raw->b, (int)raw->n);

	CHECK(s && in, "no memory");
	BIO_set_mem_eof_return(in, -1); /* more may come */
	SSL_set_bio(s, in, BIO_new(BIO_s_null()));
	SSL_set_app_data(s, p);
	p->waits = SSL_get_error(s, SSL_accept(s)) == SSL_ERROR_WANT_READ;
	ERR_clear_error();
	return s;
}

/*
 * Asks the parser twice: all at once, and in two parts.  The first is shorter
 * than what is refused for its length alone.
 */
static enum hello_state
ask_parser(struct hello *h, const struct buf *raw, size_t part)
{
	unsigned char *exact = check_exact(raw->b, raw->n);
	struct hello parts = {0};
	enum hello_state s, t;

	if (part >= HELLO_RAW_MAX)
		part = HELLO_RAW_MAX - 1;
	memset(h, 0, sizeof(*h));
	s = hello_parse(h, exact, raw->n);
	t = hello_parse(&parts, exact, part);
	if (t == HELLO_MORE)
		t = hello_parse(&parts, exact, raw->n);
	CHECK(s == t, "%d at once, %d in parts", (int)s, (int)t);
	CHECK(s != HELLO_OK || (h->name_len == parts.name_len &&
				memcmp(h->name, parts.name, h->name_len) == 0),
	      "another name in parts");
	free(exact);
	return s;
}

/* No hostile client keeps the parser waiting past HELLO_RAW_MAX bytes. */
static void
check_end(const struct buf *raw)
{
	static uint8_t all[HELLO_RAW_MAX];
	struct hello h = {0};

	CHECK(raw->n < sizeof(all), "more, after %zu bytes", raw->n);
	memcpy(all, raw->b, raw->n);
	for (size_t i = raw->n; i < sizeof(all); i++)
		all[i] = raw->b[raw->n ? i % raw->n : 0];
	CHECK(hello_parse(&h, all, sizeof(all)) != HELLO_MORE, "for ever");
}

static int
is_stricter(const char *why)
{
	for (size_t i = 0; i < STRICTER; i++)
		if (strcmp(stricter[i].why, why) == 0)
			return (int)++stricter[i].seen;
	return 0;
}

/* The parser has a name. */
static void
check_named(const struct hello *h, const struct peer *p)
{
	static struct buf list;
	const char *name = h->name;

	CHECK(!p->waits, "a name before OpenSSL has heard enough");
	if (p->parsed) {
		list.n = 0;
		put_names(&list, &name, &h->name_len, 1, 0);
		CHECK(p->has_ext && p->ext_n == list.n &&
			  memcmp(p->ext, list.b, list.n) == 0,
		      "another server_name extension");
	}
	if (!p->asked) {
		count.refused++;
		return;
	}
	CHECK(p->name && strlen(p->name) == h->name_len &&
		  memcmp(p->name, h->name, h->name_len) == 0,
	      "'%.*s', and OpenSSL has '%s'", (int)h->name_len, h->name,
	      p->name ? p->name : "no name");
	count.same++;
}

static void
compare(SSL_CTX *ctx, const struct buf *raw, size_t part)
{
	struct peer p = {0};
	struct hello h;
	enum hello_state ours = ask_parser(&h, raw, part);
	SSL *s = ask_openssl(ctx, &p, raw);

	switch (ours) {
	case HELLO_OK:
		check_named(&h, &p);
		break;
	case HELLO_MORE:
		CHECK(!p.parsed, "more, and OpenSSL has heard enough");
		check_end(raw);
		count.none++;
		break;
	case HELLO_NONE:
		CHECK(!p.has_ext, "no name, and OpenSSL has one");
		CHECK(!p.waits, "none before OpenSSL has heard enough");
		count.none++;
		break;
	case HELLO_BAD:
		CHECK(!p.name || is_stricter(h.why), "%s: and OpenSSL has '%s'",
		      h.why, p.name);
		count.none += !p.name;
		break;
	}
	SSL_free(s);
}

/* ---- mutations ------------------------------------------------------------
 */

static uint64_t seed = 20261125;

/* xorshift64*: the same everywhere. */
static size_t
below(size_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 0x2545f4914f6cdd1d) >> 33) % n;
}

static int
one_in(size_t n)
{
	return below(n) == 0;
}

/* A ClientHello in parts: what is before the extensions, and they. */
struct parts {
	uint8_t head[400];
	size_t head_n;
	size_t n;
	struct ext {
		unsigned type;
		size_t n;
		uint8_t b[4096];
	} ext[32];
};

static size_t
number(const uint8_t *p, size_t size)
{
	return size ? number(p, size - 1) << 8 | p[size - 1] : 0;
}

/* Takes a good ClientHello apart; 0 for what is none. */
static int
take_apart(struct parts *to, const struct buf *raw)
{
	static struct buf m;
	struct hello h = {0};
	size_t at = 4 + 2 + 32;

	to->n = m.n = 0;
	if (hello_parse(&h, raw->b, raw->n) == HELLO_BAD || h.need == 0 ||
	    h.have < h.need)
		return 0;
	for (size_t i = 0; i < h.at; i += 5 + number(raw->b + i + 3, 2))
		put(&m, raw->b + i + 5, number(raw->b + i + 3, 2));
	at += 1 + m.b[at];
	at += 2 + number(m.b + at, 2);
	at += 1 + m.b[at];
	to->head_n = at - 4;
	CHECK(to->head_n <= sizeof(to->head), "a large seed");
	memcpy(to->head, m.b + 4, to->head_n);
	for (at += 2; at < m.n; at += 4 + number(m.b + at + 2, 2)) {
		struct ext *e = &to->ext[to->n++];

		e->type = (unsigned)number(m.b + at, 2);
		e->n = number(m.b + at + 2, 2);
		CHECK(e->n <= sizeof(e->b) && to->n <= 24, "a large seed");
		memcpy(e->b, m.b + at + 4, e->n);
	}
	return 1;
}

/* Names that a parser could stumble over, in lists that it could. */
static void
rename_server(struct ext *e)
{
	static char longest[300];
	static const char *const names[] = {
	    "allowed.example.org",
	    "evil.example.org",
	    "EVIL.example.org.",
	    "allowed.example.org\0.evil.example.org",
	    "",
	    ".",
	    "127.0.0.1",
	    longest,
	};
	const char *two[2];
	size_t lens[2], n = one_in(4) ? 2 : 1;
	static struct buf list;

	memset(longest, 'a', sizeof(longest) - 1);
	for (size_t i = 0; i < 2; i++) {
		size_t k = below(sizeof(names) / sizeof(*names));

		two[i] = names[k];
		lens[i] = k == 3 ? 38 : strlen(names[k]);
		if (names[k] == longest)
			lens[i] = 253 + below(6);
	}
	list.n = 0;
	put_names(&list, two, lens, n, one_in(6));
	e->n = list.n - (one_in(8) ? 1 : 0) + (one_in(8) ? 1 : 0);
	memcpy(e->b, list.b, e->n);
}

/* Changes the extensions: their order, their number, what they are. */
static void
change_parts(struct parts *p)
{
	size_t i = below(p->n), j = below(p->n);
	struct ext *spare = &p->ext[p->n];

	switch (below(8)) {
	case 0:
		*spare = p->ext[i];
		p->ext[i] = p->ext[j];
		p->ext[j] = *spare;
		break;
	case 1: /* twice, or two of that type with other contents */
		*spare = p->ext[i];
		if (one_in(2))
			spare->type = p->ext[j].type;
		if (spare->type == 0)
			rename_server(spare);
		p->n++;
		break;
	case 2:
		p->ext[i] = p->ext[--p->n];
		break;
	case 3:
	case 4:
		for (i = 0; i < p->n; i++)
			if (p->ext[i].type == 0)
				rename_server(&p->ext[i]);
		break;
	case 5:
		spare->type = (unsigned)below(0x10000);
		spare->n = below(400);
		memset(spare->b, (int)below(256), spare->n);
		p->n++;
		break;
	case 6:
		p->ext[i].type = (unsigned)below(60);
		break;
	case 7:
		p->ext[i].n = below(sizeof(p->ext[i].b));
		break;
	}
}

/* Anywhere in the bytes: bits, bytes, and what could be a length. */
static void
change_bytes(struct buf *b)
{
	size_t at = below(b->n), was;

	switch (below(5)) {
	case 0:
		b->b[at] ^= (uint8_t)(1u << below(8));
		break;
	case 1:
		b->b[at] = (uint8_t)(one_in(4) ? 255 : below(256));
		break;
	case 2:
		at = at > 1 ? at - 2 : 0;
		was = number(b->b + at, 2) + below(9) - 4;
		b->b[at] = (uint8_t)(was >> 8);
		b->b[at + 1] = (uint8_t)was;
		break;
	case 3: /* the end, cut */
		b->n = one_in(2) ? b->n - below(b->n > 8 ? 8 : 1) : at + 1;
		break;
	case 4: /* the end, longer */
		for (at = 1 + below(one_in(3) ? 2000 : 8); at > 0; at--)
			put_int(b, below(256), 1);
		break;
	}
}

static void
put_together(struct buf *m, const struct parts *p)
{
	size_t pad = one_in(50) ? below(18000) : 0, exts = pad ? 4 + pad : 0;

	for (size_t i = 0; i < p->n; i++)
		exts += 4 + p->ext[i].n;
	m->n = 0;
	put_int(m, 1, 1);
	put_int(m, p->head_n + 2 + exts, 3);
	put(m, p->head, p->head_n);
	put_int(m, exts, 2);
	if (pad) { /* RFC 7685 */
		put_int(m, 21, 2);
		put_int(m, pad, 2);
		for (size_t i = 0; i < pad; i++)
			put_int(m, 0, 1);
	}
	for (size_t i = 0; i < p->n; i++) {
		put_int(m, p->ext[i].type, 2);
		put_int(m, p->ext[i].n, 2);
		put(m, p->ext[i].b, p->ext[i].n);
	}
	if (one_in(40)) { /* and more messages behind it */
		put_int(m, 1 + below(20), 1);
		put_int(m, one_in(2) ? 0 : 5, 3);
	}
}

/* Into records: of any size, some empty, some of another kind. */
static void
fragment(struct buf *raw, const struct buf *m)
{
	size_t most = one_in(3) ? 1 + below(200) : 16384;
	unsigned version = one_in(8) ? (unsigned)(0x300 + below(5)) : 0x301;
	int odd = one_in(10);

	raw->n = 0;
	for (size_t at = 0, n; at < m->n; at += n) {
		n = m->n - at < most ? m->n - at : most;
		if (one_in(2))
			n = 1 + below(n);
		put_record(raw, 22, version, m->b + at, n);
		if (odd && one_in(8)) /* a warning, a part of it, nothing */
			put_record(raw,
				   one_in(2) ? 22 : 20 + (unsigned)below(5),
				   version, (const uint8_t *)"\1\132",
				   one_in(2) ? 0 : below(3));
	}
}

static void
mutate(struct buf *raw, const struct parts *seed_parts)
{
	static struct buf m;
	static struct parts all, *p = &all;

	memcpy(p, seed_parts, offsetof(struct parts, ext[seed_parts->n]));
	for (size_t i = below(4); i > 0 && p->n > 0; i--)
		change_parts(p);
	put_together(&m, p);
	for (size_t i = one_in(3) ? below(4) : 0; i > 0; i--)
		change_bytes(&m);
	fragment(raw, &m);
	for (size_t i = one_in(3) ? below(4) : 0; i > 0; i--)
		change_bytes(raw);
}

static void
read_file(struct buf *raw, const char *path)
{
	FILE *f = fopen(path, "r");

	CHECK(f, "cannot read %s", path);
	raw->n = fread(raw->b, 1, sizeof(raw->b), f);
	fclose(f);
}

int
main(int argc, char **argv)
{
	static struct buf raw;
	static struct parts seeds[64];
	SSL_CTX *ctx = server();
	size_t rounds, n = 0;

	CHECK(argc > 2 && argc <= 64, "hello_tls ROUNDS FILE…");
	rounds = strtoul(argv[1], NULL, 10);
	for (int i = 2; i < argc; i++) {
		read_file(&raw, argv[i]);
		compare(ctx, &raw, raw.n / 2);
		n += (size_t)take_apart(&seeds[n], &raw);
	}
	CHECK(n > 0, "no ClientHello");
	for (size_t i = 0; i < rounds; i++) {
		mutate(&raw, &seeds[below(n)]);
		compare(ctx, &raw, below(raw.n + 1));
	}
	SSL_CTX_free(ctx);
	printf("%zu the same name, %zu no name, %zu refused by OpenSSL alone\n",
	       count.same, count.none, count.refused);
	for (size_t i = 0; i < STRICTER; i++)
		printf("%zu %s\n", stricter[i].seen, stricter[i].why);
	return 0;
}
