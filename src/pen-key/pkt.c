#include "pen-key/pkt.h"

#include <stdio.h>
#include <string.h>

#define HEX "0123456789abcdef"

/* Of a line's length, in hexadecimal. */
#define HEAD 4

static enum pkt_state
fail(struct pkt_push *p, const char *why)
{
	p->why = why;
	return PKT_BAD;
}

/* What the four digits say, or -1. */
static int
read_length(const char *text)
{
	int n = 0;

	for (int i = 0; i < HEAD; i++) {
		const char *digit = text[i] ? strchr(HEX, text[i]) : NULL;

		if (!digit)
			return -1;
		n = n << 4 | (int)(digit - HEX);
	}
	return n;
}

/* How many of the n bytes at s are hexadecimal digits. */
static size_t
hex_length(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] && strchr(HEX, s[i]))
		i++;
	return i;
}

static int
is_oid(const struct pkt_push *p, const char *s, size_t n)
{
	size_t len = hex_length(s, n);

	return (len == 40 || len == 64) && (!p->oid_n || p->oid_n == len);
}

/* As git-check-ref-format(1), in ASCII. */
static int
is_ref(const char *s, size_t n)
{
	char ref[PKT_REF_MAX + 1];

	if (n == 0 || n > PKT_REF_MAX)
		return 0;
	memcpy(ref, s, n);
	ref[n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (ref[i] <= ' ' || ref[i] > '~' || strchr("~^:?*[\\", ref[i]))
			return 0;
	return strncmp(ref, "refs/", 5) == 0 && ref[n - 1] != '/' &&
	       ref[n - 1] != '.' && !strstr(ref, "..") && !strstr(ref, "//") &&
	       !strstr(ref, "/.") && !strstr(ref, "@{") &&
	       !strstr(ref, ".lock/") &&
	       (n < 5 || strcmp(ref + n - 5, ".lock") != 0);
}

/* One of them, of n bytes; "=" at the end: whatever begins so. */
static int
is_capability(const char *s, size_t n)
{
	static const char *const known[] = {
	    "report-status",  "report-status-v2", "side-band-64k", "quiet",
	    "atomic",	      "ofs-delta",	  "delete-refs",   "no-thin",
	    "object-format=", "agent=",		  "session-id=",   NULL};

	for (const char *const *k = known; *k; k++) {
		size_t len = strlen(*k);

		if (n >= len && memcmp(s, *k, len) == 0 &&
		    (n == len || (*k)[len - 1] == '='))
			return 1;
	}
	return 0;
}

/* The capabilities, with blanks between them, behind the first ref. */
static enum pkt_state
take_capabilities(struct pkt_push *p, const char *s, size_t n)
{
	while (n > 0) {
		const char *blank = memchr(s, ' ', n);
		size_t len = blank ? (size_t)(blank - s) : n;

		for (size_t i = 0; i < len; i++)
			if (s[i] < ' ' || s[i] > '~')
				return fail(p, "a capability is not text");
		if (len == 12 && memcmp(s, "push-options", 12) == 0)
			return fail(p, "push options do not pass, since they "
				       "can have the server merge");
		if (len > 0 && !is_capability(s, len))
			return fail(p, "one of its capabilities is unknown");
		p->reports |= len >= 13 && memcmp(s, "report-status", 13) == 0;
		p->banded |= len == 13 && memcmp(s, "side-band-64k", 13) == 0;
		len += blank != NULL;
		s += len;
		n -= len;
	}
	return PKT_MORE;
}

/* OLD NEW REF, and behind the first a NUL and capabilities. */
static enum pkt_state
take_update(struct pkt_push *p, const char *s, size_t n)
{
	size_t len = hex_length(s, n), ref_n;
	const char *ref, *end;

	if (!is_oid(p, s, n) || n < 2 * (len + 1) || s[len] != ' ' ||
	    hex_length(s + len + 1, len + 1) != len || s[2 * len + 1] != ' ')
		return fail(p, "one of its commands cannot be read");
	if (p->updates == PKT_UPDATES_MAX)
		return fail(p, "it has too many commands");
	ref = s + 2 * (len + 1);
	ref_n = n - 2 * (len + 1);
	end = memchr(ref, '\0', ref_n);
	if (end && p->updates > 0)
		return fail(p, "one of its commands cannot be read");
	if (end)
		ref_n = (size_t)(end - ref);
	if (!is_ref(ref, ref_n))
		return fail(p, "one of its refs has a name that does not pass: "
			       "ASCII, of at most 200 bytes, below refs/");
	p->oid_n = len;
	p->update[p->updates++] = (struct pkt_update){
	    .oid = (uint32_t)(s - p->text),
	    .ref = (uint32_t)(ref - p->text),
	    .ref_n = (uint32_t)ref_n,
	    .deletes = strspn(s + len + 1, "0") == len,
	};
	return end ? take_capabilities(p, end + 1, n - (size_t)(end + 1 - s))
		   : PKT_MORE;
}

/* A line of n bytes without its length. */
static enum pkt_state
take_line(struct pkt_push *p, const char *s, size_t n)
{
	static const char shallow[] = "shallow ", cert[] = "push-cert";

	if (n > 0 && s[n - 1] == '\n')
		n--;
	if (n >= strlen(cert) && memcmp(s, cert, strlen(cert)) == 0)
		return fail(p, "a signed push does not pass: git push "
			       "--no-signed");
	if (n < strlen(shallow) || memcmp(s, shallow, strlen(shallow)) != 0)
		return take_update(p, s, n);
	s += strlen(shallow);
	n -= strlen(shallow);
	if (p->updates > 0 || !is_oid(p, s, n) || hex_length(s, n) != n)
		return fail(p, "one of its commands cannot be read");
	return PKT_MORE;
}

enum pkt_state
pkt_scan(struct pkt_push *p, const void *data, size_t n, size_t *used)
{
	const char *at = data;

	for (*used = 0;;) {
		size_t have = p->n - p->line, want = HEAD, part;
		int length = have < HEAD ? -1 : read_length(p->text + p->line);

		if (length == 0)
			return PKT_DONE;
		if (have >= HEAD && length <= HEAD)
			return fail(p, "it does not begin with commands");
		if (length > 0)
			want = (size_t)length;
		if (have == want) {
			enum pkt_state s =
			    take_line(p, p->text + p->line + HEAD, want - HEAD);

			if (s == PKT_BAD)
				return s;
			p->line = p->n;
			continue;
		}
		part = want - have < n - *used ? want - have : n - *used;
		if (part == 0)
			return PKT_MORE;
		if (part > sizeof(p->text) - p->n)
			return fail(p, "it has too many commands");
		memcpy(p->text + p->n, at + *used, part);
		p->n += part;
		*used += part;
	}
}

/* Room for one more line, of the answer and of the band around it. */
#define LINE_ROOM (HEAD * 3 + PKT_REF_MAX + 256)

size_t
pkt_refuse(const struct pkt_push *p, const char *const *why, char *out,
	   size_t size)
{
	size_t band = p->banded ? HEAD + 1 : 0, n = band;

	n += (size_t)snprintf(out + n, size - n, "000eunpack ok\n");
	for (size_t i = 0; i < p->updates && size - n > LINE_ROOM; i++) {
		const struct pkt_update *u = &p->update[i];
		char line[PKT_REF_MAX + 256];
		int len = snprintf(line, sizeof(line), "ng %.*s %.200s\n",
				   (int)u->ref_n, p->text + u->ref, why[i]);

		n += (size_t)snprintf(out + n, size - n, "%04x%s", len + HEAD,
				      line);
	}
	n += (size_t)snprintf(out + n, size - n, "0000");
	if (band) {
		char head[HEAD + 1];

		snprintf(head, sizeof(head), "%04zx", n);
		memcpy(out, head, HEAD);
		out[HEAD] = 1;
		n += (size_t)snprintf(out + n, size - n, "0000");
	}
	return n;
}
