#include "pen-sni/hello.h"

#include <string.h>

enum {
	RECORD_HEADER = 5, /* RFC 8446 section 5.1 */
	RECORD_MAX = 16384,
	RECORD_HANDSHAKE = 22,
	MESSAGE_HEADER = 4, /* section 4: type, 24 bits of length */
	CLIENT_HELLO = 1,
	EXT_SERVER_NAME = 0, /* RFC 6066 section 3 */
	EXT_PRE_SHARED_KEY = 41,
	EXT_SUPPORTED_VERSIONS = 43,
	TLS10 = 0x0301,
	TLS13 = 0x0304,
	NAME_HOST = 0,
};

/* What is left of a buffer; too short once is too short for ever. */
struct cursor {
	const uint8_t *p;
	size_t n;
	int bad;
};

static const uint8_t *
take_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p = c->p;

	if (c->bad || n > c->n) {
		c->bad = 1;
		return NULL;
	}
	c->p += n;
	c->n -= n;
	return p;
}

/* A big-endian number of size bytes; 0 when they are not there. */
static size_t
take_number(struct cursor *c, size_t size)
{
	const uint8_t *p = take_bytes(c, size);
	size_t v = 0;

	for (size_t i = 0; p && i < size; i++)
		v = v << 8 | p[i];
	return v;
}

/* A vector with a length of size bytes before it. */
static struct cursor
take_vector(struct cursor *c, size_t size)
{
	struct cursor v = {0};

	v.n = take_number(c, size);
	v.p = take_bytes(c, v.n);
	v.bad = c->bad;
	return v;
}

static enum hello_state
stop_parsing(struct hello *h, enum hello_state state, const char *why)
{
	h->why = why;
	return state;
}

/* Exactly one name, of type host_name, and nothing behind it. */
static enum hello_state
parse_names(struct hello *h, struct cursor ext)
{
	struct cursor list = take_vector(&ext, 2), name;
	size_t type = take_number(&list, 1);

	name = take_vector(&list, 2);
	if (ext.bad || ext.n || name.bad)
		return stop_parsing(h, HELLO_BAD, "a malformed server name");
	if (type != NAME_HOST)
		return stop_parsing(h, HELLO_BAD,
				    "a server name that is not a host");
	if (list.n)
		return stop_parsing(h, HELLO_BAD, "more than one server name");
	if (name.n == 0 || name.n > sizeof(h->name))
		return stop_parsing(h, HELLO_BAD,
				    "a server name of impossible length");
	memcpy(h->name, name.p, name.n);
	h->name_len = name.n;
	return HELLO_OK;
}

/*
 * Whether TLS 1.3 is among the versions of the extension (RFC 8446 section
 * 4.2.1); -1: it is malformed.
 */
static int
offers_tls13(struct cursor ext)
{
	struct cursor list = take_vector(&ext, 1);
	int found = 0;

	if (ext.bad || ext.n || list.n < 2 || list.n % 2)
		return -1;
	while (list.n)
		found |= take_number(&list, 2) == TLS13;
	return found;
}

static enum hello_state
parse_extensions(struct hello *h, struct cursor exts, int *tls13)
{
	uint8_t seen[0x10000 / 8] = {0};
	struct cursor found = {0};
	size_t type = 0;

	while (exts.n) {
		size_t before = type;
		struct cursor ext;

		type = take_number(&exts, 2);
		ext = take_vector(&exts, 2);
		if (ext.bad)
			return stop_parsing(h, HELLO_BAD,
					    "a malformed ClientHello");
		if (seen[type / 8] & 1 << type % 8)
			return stop_parsing(h, HELLO_BAD,
					    type == EXT_SERVER_NAME
						? "two server name extensions"
						: "an extension twice");
		seen[type / 8] |= (uint8_t)(1 << type % 8);
		if (before == EXT_PRE_SHARED_KEY) /* section 4.2.11 */
			return stop_parsing(
			    h, HELLO_BAD,
			    "an extension behind the pre-shared keys");
		if (type == EXT_SERVER_NAME)
			found = ext;
		if (type == EXT_SUPPORTED_VERSIONS &&
		    (*tls13 = offers_tls13(ext)) < 0)
			return stop_parsing(h, HELLO_BAD,
					    "a malformed list of versions");
	}
	if (!found.p)
		return stop_parsing(h, HELLO_NONE, "no server name");
	return parse_names(h, found);
}

/*
 * RFC 8446 section 4.1.2; RFC 5246 section 7.4.1.2 has the same form, and may
 * have more compression methods than none (0), but that one it has to have.
 */
static enum hello_state
parse_message(struct hello *h, struct cursor m)
{
	size_t version = take_number(&m, 2);
	struct cursor session, ciphers, compression, exts = {0};
	enum hello_state s = HELLO_NONE;
	int tls13 = 0;

	take_bytes(&m, 32); /* random */
	session = take_vector(&m, 1);
	ciphers = take_vector(&m, 2);
	compression = take_vector(&m, 1);
	if (m.n)
		exts = take_vector(&m, 2);
	if (m.bad || m.n)
		return stop_parsing(h, HELLO_BAD, "a malformed ClientHello");
	if (version < TLS10 || version >> 8 != TLS10 >> 8)
		return stop_parsing(h, HELLO_BAD, "not a version of TLS");
	if (session.n > 32)
		return stop_parsing(h, HELLO_BAD, "an oversized session id");
	if (ciphers.n < 2 || ciphers.n % 2)
		return stop_parsing(h, HELLO_BAD,
				    "a malformed list of cipher suites");
	if (compression.n == 0 || !memchr(compression.p, 0, compression.n))
		return stop_parsing(h, HELLO_BAD, "no null compression");
	s = parse_extensions(h, exts, &tls13);
	if (s != HELLO_BAD && tls13 && compression.n != 1)
		return stop_parsing(h, HELLO_BAD, "compression in TLS 1.3");
	return s;
}

/* Puts the message together from its records and parses it. */
static enum hello_state
parse_records(struct hello *h, const uint8_t *raw)
{
	uint8_t message[HELLO_MAX];
	struct cursor m = {message, h->have, 0};
	size_t used = 0;

	for (size_t at = 0; used < h->have;) {
		size_t len = (size_t)raw[at + 3] << 8 | raw[at + 4];

		memcpy(message + used, raw + at + RECORD_HEADER, len);
		used += len;
		at += RECORD_HEADER + len;
	}
	take_bytes(&m, MESSAGE_HEADER);
	return parse_message(h, m);
}

/* Learns the message's length from its first bytes, wherever they lie. */
static enum hello_state
learn_length(struct hello *h, const uint8_t *raw)
{
	uint8_t head[MESSAGE_HEADER];
	size_t used = 0;

	for (size_t at = 0; at < h->at && used < sizeof(head);) {
		size_t len = (size_t)raw[at + 3] << 8 | raw[at + 4];

		for (size_t i = 0; i < len && used < sizeof(head); i++)
			head[used++] = raw[at + RECORD_HEADER + i];
		at += RECORD_HEADER + len;
	}
	if (used > 0 && head[0] != CLIENT_HELLO)
		return stop_parsing(h, HELLO_BAD, "not a ClientHello");
	if (used < sizeof(head))
		return HELLO_MORE;
	h->need = MESSAGE_HEADER +
		  ((size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3]);
	if (h->need > HELLO_MAX)
		return stop_parsing(h, HELLO_BAD, "an oversized ClientHello");
	return HELLO_OK;
}

/* Judges the record header at raw, of which n bytes are there. */
static enum hello_state
check_header(struct hello *h, const uint8_t *raw, size_t n)
{
	if (n > 0 && raw[0] != RECORD_HANDSHAKE)
		return stop_parsing(h, HELLO_BAD, "not TLS");
	if (n > 1 && raw[1] != 3) /* SSLv2 has no such byte, SSLv3 to 1.3 do */
		return stop_parsing(h, HELLO_BAD, "not TLS");
	if (n > 1)
		h->tls = 1;
	if (n < RECORD_HEADER)
		return HELLO_MORE;
	/* RFC 8446 section 5.1: no empty fragments of handshake messages */
	if ((raw[3] | raw[4]) == 0)
		return stop_parsing(h, HELLO_BAD, "an empty TLS record");
	if (((size_t)raw[3] << 8 | raw[4]) > RECORD_MAX)
		return stop_parsing(h, HELLO_BAD, "an oversized TLS record");
	return HELLO_OK;
}

enum hello_state
hello_parse(struct hello *h, const uint8_t *raw, size_t n)
{
	enum hello_state s = HELLO_MORE;

	while (h->need == 0 || h->have < h->need) {
		const uint8_t *r = raw + h->at;
		size_t left = n - h->at, len;

		s = check_header(h, r, left);
		if (s != HELLO_OK)
			break;
		len = (size_t)r[3] << 8 | r[4];
		/* refuse what is no ClientHello before all of it came */
		if (h->at == 0 && left > RECORD_HEADER &&
		    r[RECORD_HEADER] != CLIENT_HELLO)
			return stop_parsing(h, HELLO_BAD, "not a ClientHello");
		if (left < RECORD_HEADER + len) {
			s = HELLO_MORE;
			break;
		}
		h->at += RECORD_HEADER + len;
		h->have += len;
		if (h->need == 0 && learn_length(h, raw) == HELLO_BAD)
			return HELLO_BAD;
	}
	if (h->need == 0 || h->have < h->need) {
		if (s == HELLO_MORE && n >= HELLO_RAW_MAX)
			return stop_parsing(h, HELLO_BAD,
					    "an oversized ClientHello");
		return s;
	}
	if (h->have > h->need)
		return stop_parsing(h, HELLO_BAD,
				    "bytes behind the ClientHello");
	return parse_records(h, raw);
}
