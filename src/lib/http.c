#include "lib/http.h"

#include <string.h>
#include <strings.h>

/* 15 hexadecimal or 18 decimal digits: no sum of them overflows 64 bits. */
#define CHUNK_DIGITS 15
#define LENGTH_DIGITS 18

struct text {
	const uint8_t *p;
	size_t n;
};

/* What a head says about where it goes and what follows it. */
struct head {
	struct text host, length;
	int hosts, lengths, chunked, upgrade, websockets, others;
	int get, old; /* the method; HTTP/1.0 */
};

/* RFC 9110 section 5.6.2 */
static int
is_token(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static int
is_word(struct text t, const char *word)
{
	return t.n == strlen(word) &&
	       strncasecmp((const char *)t.p, word, t.n) == 0;
}

/*
 * The same, for servers that take an underscore for a hyphen, as everything
 * does that hands headers on as variables.
 */
static int
header_resembles(struct text t, const char *word)
{
	size_t i = 0;

	for (; i < t.n && word[i]; i++)
		if ((t.p[i] | 0x20) != word[i] &&
		    !(t.p[i] == '_' && word[i] == '-'))
			return 0;
	return i == t.n && !word[i];
}

/* Whether a comma-separated list has the word. */
static int
list_has(struct text t, const char *word)
{
	size_t n = strlen(word), at = 0;

	while (at < t.n) {
		size_t end = at;

		while (end < t.n && t.p[end] != ',')
			end++;
		while (at < end && (t.p[at] == ' ' || t.p[at] == '\t'))
			at++;
		if (end - at >= n &&
		    strncasecmp((const char *)t.p + at, word, n) == 0 &&
		    (end - at == n || !is_token(t.p[at + n])))
			return 1;
		at = end + 1;
	}
	return 0;
}

/* METHOD SP TARGET SP VERSION.  NULL, or what is wrong. */
static const char *
read_request(struct text line, struct head *d)
{
	const uint8_t *p = line.p, *end = p + line.n;
	struct text method = {p, 0}, target;

	while (p < end && is_token(*p))
		p++;
	method.n = (size_t)(p - method.p);
	if (method.n == 0 || p == end || *p++ != ' ')
		return "not HTTP";
	if (is_word(method, "CONNECT"))
		return "a CONNECT request";
	target.p = p;
	while (p<end && * p> ' ' && *p != 0x7f)
		p++;
	target.n = (size_t)(p - target.p);
	if (end - p != 9 || memcmp(p, " HTTP/1.", 8) != 0 ||
	    (p[8] != '0' && p[8] != '1'))
		return "not HTTP/1.0 or 1.1";
	if (target.n == 0 || (target.p[0] != '/' && !is_word(target, "*")))
		return "the request's target is not a path";
	d->get = is_word(method, "GET");
	d->old = p[8] == '0';
	return NULL;
}

/* Those of the fields that say where the request goes or ends. */
static const char *
take_field(struct text name, struct text value, struct head *d)
{
	static const char *const exact[] = {"host", "content-length",
					    "transfer-encoding"};

	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
		if (header_resembles(name, exact[i]) &&
		    !is_word(name, exact[i]))
			return "a header that resembles another";
	if (is_word(name, "host")) {
		d->host = value;
		d->hosts++;
	} else if (is_word(name, "content-length")) {
		d->length = value;
		d->lengths++;
	} else if (is_word(name, "transfer-encoding")) {
		if (d->chunked || !is_word(value, "chunked"))
			return "a Transfer-Encoding other than chunked";
		d->chunked = 1;
	} else if (is_word(name, "upgrade")) {
		if (is_word(value, "websocket"))
			d->websockets++;
		else
			d->others++;
	} else if (is_word(name, "connection")) {
		d->upgrade |= list_has(value, "upgrade");
	}
	return NULL;
}

/* NAME ":" VALUE.  A blank before the colon, or a folded line, is no name. */
static const char *
read_field(struct text line, struct head *d)
{
	struct text name = {line.p, 0}, value;

	while (name.n < line.n && is_token(line.p[name.n]))
		name.n++;
	if (name.n == 0 || name.n == line.n || line.p[name.n] != ':')
		return "a header without a proper name";
	value.p = line.p + name.n + 1;
	value.n = line.n - name.n - 1;
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] < ' ' && value.p[i] != '\t') ||
		    value.p[i] == 0x7f)
			return "a control byte in a header";
	while (value.n > 0 && (*value.p == ' ' || *value.p == '\t'))
		value.p++, value.n--;
	while (value.n > 0 &&
	       (value.p[value.n - 1] == ' ' || value.p[value.n - 1] == '\t'))
		value.n--;
	return take_field(name, value, d);
}

/* The line at *p up to its CRLF, which is taken too; 0 when it has none. */
static int
take_line(const uint8_t **p, const uint8_t *end, struct text *line)
{
	const uint8_t *lf = memchr(*p, '\n', (size_t)(end - *p));

	if (!lf || lf == *p || lf[-1] != '\r')
		return 0;
	*line = (struct text){*p, (size_t)(lf - 1 - *p)};
	*p = lf + 1;
	return 1;
}

static const char *
read_head(const uint8_t *p, size_t n, struct head *d)
{
	const uint8_t *end = p + n;
	struct text line;
	const char *why;

	if (!take_line(&p, end, &line))
		return "not HTTP";
	why = read_request(line, d);
	while (!why) {
		if (!take_line(&p, end, &line))
			return "a line that does not end in CRLF";
		if (line.n == 0)
			return p == end ? NULL : "an empty line in a head";
		why = read_field(line, d);
	}
	return why;
}

/* Digits only: a sign, a blank or a list is not a length. */
static int
read_number(struct text t, unsigned base, size_t max, uint64_t *v)
{
	static const char digits[] = "0123456789abcdef";

	*v = 0;
	if (t.n == 0 || t.n > max)
		return -1;
	for (size_t i = 0; i < t.n; i++) {
		int c = t.p[i] >= 'A' && t.p[i] <= 'F' ? t.p[i] | 0x20 : t.p[i];
		const char *digit = c ? strchr(digits, c) : NULL;

		if (!digit || digit - digits >= (ptrdiff_t)base)
			return -1;
		*v = *v * base + (uint64_t)(digit - digits);
	}
	return 0;
}

/* What follows the head that d describes. */
static const char *
frame(struct http *h, const struct head *d)
{
	uint64_t length = 0;

	if (d->hosts != 1)
		return d->hosts ? "more than one Host" : "no Host";
	if (d->lengths > 1 || (d->lengths && d->chunked))
		return "more than one length";
	if (d->chunked && d->old)
		return "chunks in HTTP/1.0";
	if (d->lengths &&
	    read_number(d->length, 10, LENGTH_DIGITS, &length) < 0)
		return "a Content-Length that is not a number";
	/* of several the server chooses, and its 101 is not read further */
	h->websocket = d->get && d->upgrade && d->websockets && !d->others &&
		       !d->old && !d->chunked && length == 0;
	h->left = length;
	h->phase = d->chunked	? HTTP_IN_SIZE
		   : length > 0 ? HTTP_IN_BODY
				: HTTP_IN_HEAD;
	return NULL;
}

static enum http_state
fail_parsing(struct http *h, const char *why)
{
	h->why = why;
	return HTTP_BAD;
}

/* A head at p. */
static enum http_state
scan_head(struct http *h, const uint8_t *p, size_t n, size_t *used)
{
	size_t from = h->seen > 3 ? h->seen - 3 : 0;
	const uint8_t *end = memmem(p + from, n - from, "\r\n\r\n", 4);
	size_t size = end ? (size_t)(end - p) + 4 : n;
	struct head d = {.hosts = 0};
	const char *why;

	if (size > HTTP_HEAD_MAX || (!end && size == HTTP_HEAD_MAX))
		return fail_parsing(h, "the request's head is too long");
	h->seen = end ? 0 : n;
	if (!end) /* what begins so is never going to be HTTP */
		return is_token(p[0]) ? HTTP_MORE : fail_parsing(h, "not HTTP");
	why = read_head(p, size, &d);
	if (!why)
		why = frame(h, &d);
	if (why)
		return fail_parsing(h, why);
	h->host_at = (size_t)(d.host.p - p);
	h->host_len = d.host.n;
	*used = size;
	return HTTP_HEAD;
}

/* The line with a chunk's size, which may have nothing else in it. */
static enum http_state
scan_size(struct http *h, const uint8_t *p, size_t n, size_t *used)
{
	const uint8_t *lf = memchr(p, '\n', n);
	struct text digits = {p, 0};

	if (!lf && n <= CHUNK_DIGITS + 1)
		return HTTP_MORE;
	if (!lf || lf == p || lf[-1] != '\r')
		return fail_parsing(h, "a chunk without a proper size");
	digits.n = (size_t)(lf - 1 - p);
	if (read_number(digits, 16, CHUNK_DIGITS, &h->left) < 0)
		return fail_parsing(h, "a chunk without a proper size");
	h->last = h->left == 0;
	h->phase = h->last ? HTTP_IN_END : HTTP_IN_CHUNK;
	*used = digits.n + 2;
	return HTTP_MORE;
}

/* The CRLF behind a chunk; behind the last, where trailers could be. */
static enum http_state
scan_end(struct http *h, const uint8_t *p, size_t n, size_t *used)
{
	if (p[0] != '\r' || (n > 1 && p[1] != '\n'))
		return fail_parsing(
		    h, h->last ? "trailers" : "a chunk longer than its size");
	if (n == 1)
		return HTTP_MORE;
	h->phase = h->last ? HTTP_IN_HEAD : HTTP_IN_SIZE;
	*used = 2;
	return HTTP_MORE;
}

static enum http_state
scan_body(struct http *h, size_t n, size_t *used)
{
	*used = h->left < n ? (size_t)h->left : n;
	h->left -= *used;
	if (h->left == 0)
		h->phase =
		    h->phase == HTTP_IN_BODY ? HTTP_IN_HEAD : HTTP_IN_END;
	return HTTP_MORE;
}

enum http_state
http_step(struct http *h, const uint8_t *p, size_t n, size_t *ok, int *content)
{
	enum http_phase phase = h->phase;

	*ok = 0;
	*content = phase == HTTP_IN_BODY || phase == HTTP_IN_CHUNK;
	if (n == 0)
		return HTTP_MORE;
	if (*content)
		return scan_body(h, n, ok);
	if (phase == HTTP_IN_HEAD)
		return scan_head(h, p, n, ok);
	return phase == HTTP_IN_SIZE ? scan_size(h, p, n, ok)
				     : scan_end(h, p, n, ok);
}

enum http_state
http_scan(struct http *h, const uint8_t *p, size_t n, size_t *ok)
{
	enum http_state s = HTTP_MORE;
	size_t at = 0, used = 1;
	int content;

	while (s == HTTP_MORE && used > 0 && at < n) {
		s = http_step(h, p + at, n - at, &used, &content);
		if (s == HTTP_HEAD)
			h->host_at += at;
		at += used;
	}
	*ok = at;
	return s;
}

void
http_request(const uint8_t *head, size_t n, struct http_request *r)
{
	const char *p = (const char *)head, *lf = memchr(p, '\n', n);
	const char *space = memchr(p, ' ', n), *last = memrchr(p, ' ', lf - p);

	r->method = (struct http_text){p, (size_t)(space - p)};
	r->target = (struct http_text){space + 1, (size_t)(last - space - 1)};
	r->old = lf[-2] == '0';
	r->end = (const uint8_t *)lf + 1;
}

int
http_field(const uint8_t **at, const uint8_t *end, struct http_text *name,
	   struct http_text *value)
{
	const char *p = (const char *)*at, *lf, *colon;

	if (end - *at <= 2)
		return -1;
	lf = memchr(p, '\n', (size_t)(end - *at));
	colon = memchr(p, ':', (size_t)(lf - p));
	*name = (struct http_text){p, (size_t)(colon - p)};
	*value = (struct http_text){colon + 1, (size_t)(lf - 2 - colon)};
	while (value->n > 0 && strchr(" \t", value->p[0])) {
		value->p++;
		value->n--;
	}
	while (value->n > 0 && strchr(" \t", value->p[value->n - 1]))
		value->n--;
	*at = (const uint8_t *)lf + 1;
	return 0;
}

int
http_is(struct http_text text, const char *word)
{
	return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

size_t
http_host(const uint8_t *host, size_t n, unsigned standard, unsigned *port)
{
	const uint8_t *colon = memrchr(host, ':', n);
	uint64_t v = standard;
	size_t len = colon ? (size_t)(colon - host) : n;

	if (colon && (read_number((struct text){colon + 1, n - len - 1}, 10, 5,
				  &v) < 0 ||
		      v == 0 || v > 65535))
		return 0;
	*port = (unsigned)v;
	return len;
}
