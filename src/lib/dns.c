#include "lib/dns.h"

#include <assert.h>
#include <string.h>

enum {
	HEADER = 12,
	CLASS_IN = 1,
	RECORD = 12, /* pointer, type, class, TTL, length */
	TTL = 60,
	QR = 0x80,
	OPCODE = 0x78,
	RD = 0x01,
	RA = 0x80,
	POINTER = 0xc0, /* RFC 1035 section 4.1.4: to offset 12, the question */
};

static_assert(HEADER + 255 + 4 + RECORD + 16 <= DNS_MAX, "an answer fits");

static unsigned
load16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static uint8_t *
store16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
	return p + 2;
}

/*
 * Copies the labels from p[HEADER] to q->name with dots between.  A dot, a
 * backslash or a NUL within a label would read as another name: those make it
 * not canonical, and the first two get a backslash (RFC 1035 section 5.1).
 * Returns the offset behind them, or 0: compression has no place in a question.
 */
static size_t
read_labels(const uint8_t *p, size_t n, struct dns_question *q)
{
	size_t at = HEADER, used = 0;
	int odd = 0;

	while (at < n && p[at] != 0) {
		size_t len = p[at++];

		if (len > RULE_LABEL_MAX || len > n - at ||
		    at - HEADER + len > RULE_NAME_MAX + 1)
			return 0;
		if (used > 0)
			q->name[used++] = '.';
		for (; len > 0; len--, at++) {
			odd |= p[at] == '.' || p[at] == '\\' || p[at] == '\0';
			if (p[at] == '.' || p[at] == '\\')
				q->name[used++] = '\\';
			q->name[used++] = (char)p[at];
		}
	}
	if (at >= n)
		return 0;
	q->name[used] = '\0';
	q->name_len = used;
	q->canonical = !odd && used > 0 && q->name[used - 1] != '.' &&
		       rule_name(q->name, used, q->name) == 0;
	return at + 1;
}

enum dns_rcode
dns_parse(const uint8_t *p, size_t n, struct dns_question *q)
{
	size_t at;

	memset(q, 0, sizeof(*q));
	if (n < HEADER || p[2] & QR)
		return DNS_DROP;
	if (p[2] & OPCODE)
		return DNS_NOTIMP;
	/* one question; no answer in a query; EDNS may add a record behind */
	if (load16(p + 4) != 1 || load16(p + 6) != 0)
		return DNS_FORMERR;
	at = read_labels(p, n, q);
	if (at == 0 || n - at < 4)
		return DNS_FORMERR;
	q->type = load16(p + at);
	q->end = at + 4;
	return load16(p + at + 2) == CLASS_IN ? DNS_NOERROR : DNS_REFUSED;
}

size_t
dns_answer(const uint8_t *p, const struct dns_question *q, enum dns_rcode code,
	   const void *data, size_t len, uint8_t out[DNS_MAX])
{
	uint8_t *o = out + HEADER;

	memset(out, 0, HEADER);
	memcpy(out, p, 2);
	out[2] = (uint8_t)(QR | (p[2] & (OPCODE | RD)));
	out[3] = (uint8_t)(RA | code);
	if (q->end) {
		out[5] = 1;
		memcpy(o, p + HEADER, q->end - HEADER);
		o += q->end - HEADER;
	}
	if (data && q->end) {
		out[7] = 1;
		o = store16(o, POINTER << 8 | HEADER);
		o = store16(o, q->type);
		o = store16(o, CLASS_IN);
		o = store16(o, 0);
		o = store16(o, TTL);
		o = store16(o, (unsigned)len);
		memcpy(o, data, len);
		o += len;
	}
	return (size_t)(o - out);
}

/* Whether name is suffix or below it. */
static int
is_below(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n >= s && strcmp(name + n - s, suffix) == 0 &&
	       (n == s || name[n - s - 1] == '.');
}

size_t
dns_reply(const uint8_t *p, size_t n, dns_lookup *lookup, void *arg,
	  uint8_t out[DNS_MAX])
{
	static const uint8_t loop6[16] = {[15] = 1};
	uint32_t address = 0x7f000001;
	struct dns_question q;
	enum dns_rcode code = dns_parse(p, n, &q);
	uint8_t data[4];

	if (code == DNS_DROP)
		return 0;
	if (code != DNS_NOERROR)
		return dns_answer(p, &q, code, NULL, 0, out);
	/* RFC 6761 section 6.3; and nothing has a name by number */
	if (q.canonical && is_below(q.name, "localhost")) {
		if (q.type == DNS_AAAA)
			return dns_answer(p, &q, code, loop6, 16, out);
	} else if (q.canonical && is_below(q.name, "arpa"))
		code = DNS_NXDOMAIN;
	else
		code = lookup(arg, &q, &address);
	if (code != DNS_NOERROR || q.type != DNS_A)
		return dns_answer(p, &q, code, NULL, 0, out);
	store16(store16(data, address >> 16), address & 0xffff);
	return dns_answer(p, &q, code, data, 4, out);
}
