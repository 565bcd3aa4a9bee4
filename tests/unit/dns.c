/* dns CASE, or dns FILE… to replay the fuzzer's corpus. */
#include "lib/dns.h"

#include <string.h>

#include "../lib/sni_check.h"

/* A query for name (dots between labels), with tail behind the question. */
static size_t
query(uint8_t *p, const char *name, unsigned type, const void *tail, size_t n)
{
	static const uint8_t head[12] = {0x12, 0x34, 1, 0, 0, 1};
	uint8_t *o = p + 12;

	memcpy(p, head, 12);
	while (*name) {
		size_t len = strcspn(name, ".");

		*o++ = (uint8_t)len;
		memcpy(o, name, len);
		o += len;
		name += len + (name[len] == '.');
	}
	*o++ = 0;
	*o++ = (uint8_t)(type >> 8);
	*o++ = (uint8_t)type;
	*o++ = 0;
	*o++ = 1;
	if (n > 0)
		memcpy(o, tail, n);
	return (size_t)(o - p) + n;
}

static enum dns_rcode
parse(const uint8_t *p, size_t n, struct dns_question *q)
{
	unsigned char *exact = check_exact(p, n);
	enum dns_rcode code = dns_parse(exact, n, q);
	uint8_t answer[16] = {198, 18, 0, 2}, out[DNS_MAX];

	if (code != DNS_DROP)
		CHECK(dns_answer(exact, q, code, answer, 16, out) <= DNS_MAX,
		      "the answer fits");
	free(exact);
	return code;
}

static void
question(void)
{
	/* RFC 6891: root name, OPT, 1232 bytes, no options */
	static const uint8_t opt[] = {0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0};
	static const uint8_t a[] = {198, 18, 0, 2};
	uint8_t p[600], out[DNS_MAX];
	struct dns_question q;
	size_t n = query(p, "API.example.ORG", DNS_A, opt, sizeof(opt)), len;

	p[11] = 1;
	CHECK(parse(p, n, &q) == DNS_NOERROR, "EDNS");
	CHECK(q.canonical && strcmp(q.name, "api.example.org") == 0, "%s",
	      q.name);
	CHECK(q.type == DNS_A && q.end == 12 + 17 + 4, "%zu", q.end);
	len = dns_answer(p, &q, DNS_NOERROR, a, 4, out);
	CHECK(len == q.end + 16, "%zu", len);
	CHECK(memcmp(out, "\x12\x34\x81\x80\0\1\0\1\0\0\0\0", 12) == 0, "head");
	CHECK(memcmp(out + 12, p + 12, q.end - 12) == 0,
	      "the question comes back as it was asked (0x20)");
	CHECK(memcmp(out + q.end, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc6\x12\0\2",
		     16) == 0,
	      "record");
	len = dns_answer(p, &q, DNS_NXDOMAIN, NULL, 0, out);
	CHECK(len == q.end && (out[3] & 15) == DNS_NXDOMAIN && out[7] == 0,
	      "no record");
}

static void
malformed(void)
{
	uint8_t p[600];
	struct dns_question q;
	size_t n = query(p, "api.example.org", DNS_A, NULL, 0);

	for (size_t cut = 0; cut < n; cut++)
		CHECK(parse(p, cut, &q) == (cut < 12 ? DNS_DROP : DNS_FORMERR),
		      "cut at %zu", cut);
	p[2] = 0x81;
	CHECK(parse(p, n, &q) == DNS_DROP, "a response is not answered");
	p[2] = 0x28;
	CHECK(parse(p, n, &q) == DNS_NOTIMP, "UPDATE");
	p[2] = 1;
	p[5] = 2;
	CHECK(parse(p, n, &q) == DNS_FORMERR, "two questions");
	p[5] = 0;
	CHECK(parse(p, n, &q) == DNS_FORMERR, "no question");
	p[5] = 1;
	p[n - 1] = 3;
	CHECK(parse(p, n, &q) == DNS_REFUSED, "class CHAOS");
	p[n - 1] = 1;
	p[12] = 0xc0;
	p[13] = 12;
	CHECK(parse(p, n, &q) == DNS_FORMERR, "a compressed question");
}

static void
names(void)
{
	static const char *const odd[] = {
	    "a b.example.org", "\xff.example.org", "-a.example.org", "1.2.3.4",
	    "0x7f.1",	       "a\n.example.org",  "\"<.org",	     "",
	};
	char longest[300] = "", over[300] = "";
	uint8_t p[600];
	struct dns_question q;
	size_t n;

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		n = query(p, odd[i], DNS_A, NULL, 0);
		CHECK(parse(p, n, &q) == DNS_NOERROR && !q.canonical, "%s",
		      odd[i]);
	}
	/* a dot and a NUL within a label are not what they look like */
	n = query(p, "allowedxorg", DNS_A, NULL, 0);
	p[12 + 1 + 7] = '.';
	CHECK(parse(p, n, &q) == DNS_NOERROR && !q.canonical, "dot");
	CHECK(strcmp(q.name, "allowed\\.org") == 0, "not the name: %s", q.name);
	p[12 + 1 + 7] = '\\';
	CHECK(parse(p, n, &q) == DNS_NOERROR && !q.canonical, "backslash");
	CHECK(strcmp(q.name, "allowed\\\\org") == 0, "%s", q.name);
	p[12 + 1 + 7] = '\0';
	CHECK(parse(p, n, &q) == DNS_NOERROR && !q.canonical, "NUL");
	CHECK(q.name_len == 11, "all of it for the log: %zu", q.name_len);
	for (int i = 0; i < 253; i++)
		longest[i] = i % 2 ? '.' : 'a';
	n = query(p, longest, DNS_A, NULL, 0);
	CHECK(parse(p, n, &q) == DNS_NOERROR && q.canonical &&
		  q.name_len == 253,
	      "253 octets");
	/* each of them as long as it can become in text */
	for (size_t i = 12; i < n - 5; i++)
		if (p[i] == 'a')
			p[i] = '.';
	CHECK(parse(p, n, &q) == DNS_NOERROR && !q.canonical &&
		  q.name_len == 253 + 127,
	      "127 labels that are dots: %zu", q.name_len);
	memset(p + 12, '.', 255);
	p[12] = p[76] = p[140] = 63;
	p[204] = 61;
	p[266] = '\0';
	CHECK(parse(p, 271, &q) == DNS_NOERROR && !q.canonical &&
		  q.name_len == 253 + 63 * 3 + 61,
	      "all dots: %zu", q.name_len);
	snprintf(over, sizeof(over), "%s.c", longest);
	n = query(p, over, DNS_A, NULL, 0);
	CHECK(parse(p, n, &q) == DNS_FORMERR, "255 octets of text");
	memset(over, 'a', 64);
	over[64] = '\0';
	n = query(p, over, DNS_A, NULL, 0);
	CHECK(parse(p, n, &q) == DNS_FORMERR, "a label of 64");
}

static void
replay(const char *path)
{
	uint8_t data[4096];
	FILE *f = fopen(path, "r");
	struct dns_question q;

	CHECK(f, "cannot read %s", path);
	parse(data, fread(data, 1, sizeof(data), f), &q);
	fclose(f);
}

int
main(int argc, char **argv)
{
	CHECK(argc > 1, "no case named");
	if (strcmp(argv[1], "question") == 0)
		question();
	else if (strcmp(argv[1], "malformed") == 0)
		malformed();
	else if (strcmp(argv[1], "names") == 0)
		names();
	else
		for (int i = 1; i < argc; i++)
			replay(argv[i]);
	return 0;
}
