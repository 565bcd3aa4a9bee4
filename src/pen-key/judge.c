#include "pen-key/judge.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"

#define SAFE \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"

const char *const judge_methods[JUDGE_METHODS] = {
    [JUDGE_GET] = "GET", [JUDGE_HEAD] = "HEAD", [JUDGE_POST] = "POST"};

/* Where agents put credentials, of whatever kind. */
static const char *const credentials[] = {
    "authorization", "x-api-key",	    "x-goog-api-key", "api-key",
    "cookie",	     "proxy-authorization", "x-auth-token",   NULL};

/* Field names that pass; "-" at the end: whatever begins so. */
static const char *const passing[] = {
    "accept",
    "accept-language",
    "content-type",
    "content-encoding",
    "user-agent",
    "anthropic-version",
    "anthropic-beta",
    "anthropic-dangerous-direct-browser-access",
    "x-app",
    "x-stainless-",
    "x-client-request-id",
    "x-claude-code-",
    "x-claude-remote-",
    "openai-beta",
    "originator",
    "version",
    "session_id",
    "session-id",
    "conversation_id",
    "thread-id",
    "x-codex-",
    "x-openai-",
    "x-responsesapi-",
    "x-request-id",
    "x-goog-api-client",
    "git-protocol",
    NULL};

__attribute__((format(printf, 3, 4))) static int
refuse(struct judged *d, int status, const char *fmt, ...)
{
	va_list ap;

	d->status = status;
	va_start(ap, fmt);
	vsnprintf(d->why, sizeof(d->why), fmt, ap);
	va_end(ap);
	return -1;
}

int
judge_matches(const char *pattern, const char *path)
{
	size_t n, wide;

	while (*pattern && *pattern != '*')
		if (*pattern++ != *path++)
			return 0;
	if (!*pattern)
		return !*path;
	wide = pattern[1] == '*';
	n = strspn(path, wide ? SAFE "/" : SAFE);
	pattern += 1 + wide;
	for (size_t i = wide ? 0 : 1; i <= n; i++)
		if (judge_matches(pattern, path + i))
			return 1;
	return 0;
}

const char *
judge_check(const char *pattern)
{
	const char *path = strchr(pattern, ' ');
	size_t n = path ? (size_t)(path - pattern) : 0, stars = 0;

	for (int i = 0; path && i < JUDGE_METHODS; i++) {
		if (strlen(judge_methods[i]) != n ||
		    strncmp(judge_methods[i], pattern, n) != 0)
			continue;
		for (const char *c = path; *c; c++)
			stars += *c == '*';
		if (path[1] != '/' ||
		    path[1 + strspn(path + 1, SAFE "/*")] != '\0')
			return "its path has to begin with / and may have "
			       "letters, digits, ._:-/ and *";
		return stars > 4 ? "its path has too many *" : NULL;
	}
	return "it is not GET, HEAD or POST with a path";
}

int
judge_is_plain(const char *p)
{
	if (*p != '/' || p[strspn(p, SAFE "/_")] != '\0')
		return 0;
	for (; p; p = strchr(p, '/')) {
		size_t n = strcspn(++p, "/");

		if ((n == 0 && *p) || (n == 1 && p[0] == '.') ||
		    (n == 2 && p[0] == '.' && p[1] == '.'))
			return 0;
	}
	return 1;
}

static int
is_listed(const char *const *list, const char *name)
{
	for (; *list; list++)
		if (strcmp(*list, name) == 0)
			return 1;
	return 0;
}

/* name=value pairs with "&" between them; each name is one of the API's. */
static int
judge_query(const struct judge *j, struct judged *d)
{
	const char *at = d->query;

	for (; at; at = *at ? at + 1 : NULL) {
		size_t n = strcspn(at, "=&");
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)n, at);
		if (n >= sizeof(name) || name[strspn(name, SAFE "_")] ||
		    !is_listed(j->api->query, name))
			return refuse(
			    d, 400, "a query with '%.32s' does not pass",
			    name[strspn(name, SAFE "_")] ? "?" : name);
		at += n;
		if (*at == '=')
			at += 1 + strspn(at + 1, SAFE "_");
		if (*at && *at != '&')
			return refuse(d, 400, "the query does not pass");
	}
	return 0;
}

static int
judge_target(const struct judge *j, const struct http_request *r,
	     struct judged *d)
{
	size_t space = r->method.n + 1, n = strlen(j->prefix);
	const char *path = d->path;
	char *query;

	if (r->target.n > JUDGE_TARGET_MAX)
		return refuse(d, 400, "the path is too long");
	memcpy(d->path, r->target.p, r->target.n);
	d->path[r->target.n] = '\0';
	query = strchr(d->path, '?');
	if (query)
		*query++ = '\0';
	if (!judge_is_plain(d->path)) {
		d->path[0] = '\0';
		return refuse(d, 400,
			      "the path has more than letters, digits "
			      "and ._:- between single slashes");
	}
	d->query = query && *query ? query : NULL;
	if (j->git) {
		d->part = git_judge(j->git, d->method == JUDGE_POST, d->path,
				    d->query, d->why, sizeof(d->why));
		d->status = 400;
		return d->part == GIT_NONE ? -1 : 0;
	}
	if (strncmp(path, j->prefix, n) == 0)
		path = path[n] ? path + n : "/";
	else
		path = "";
	for (const char *const *p = j->pass; *p; p++)
		if (strcspn(*p, " ") == r->method.n &&
		    strncmp(*p, r->method.p, r->method.n) == 0 &&
		    judge_matches(*p + space, path))
			return judge_query(j, d);
	return refuse(d, 400, "%.8s %s does not pass", judge_methods[d->method],
		      d->path);
}

static int
judge_method(const struct http_request *r, struct judged *d)
{
	for (int i = 0; i < JUDGE_METHODS; i++)
		if (strlen(judge_methods[i]) == r->method.n &&
		    strncmp(judge_methods[i], r->method.p, r->method.n) == 0) {
			d->method = (enum judge_method)i;
			return 0;
		}
	return refuse(d, 400, "only GET, HEAD and POST pass");
}

/* Whether the field's value is the placeholder, as a bearer token or as it is.
 */
static int
is_placeholder(const struct judge *j, struct http_text value)
{
	static const char bearer[] = "bearer ";
	size_t n = strlen(bearer);

	if (value.n > n && strncasecmp(value.p, bearer, n) == 0)
		value = (struct http_text){value.p + n, value.n - n};
	return value.n == strlen(j->placeholder) &&
	       memcmp(value.p, j->placeholder, value.n) == 0;
}

static int
header_passes(struct http_text name)
{
	for (const char *const *p = passing; *p; p++) {
		size_t n = strlen(*p);

		if (name.n == n && strncasecmp(name.p, *p, n) == 0)
			return 1;
		if ((*p)[n - 1] == '-' && name.n > n &&
		    strncasecmp(name.p, *p, n) == 0)
			return 1;
	}
	return 0;
}

static void
add_text(struct judged *d, const char *text, size_t n)
{
	memcpy(d->fields + d->fields_n, text, n);
	d->fields_n += n;
}

/* Passes those of the comma-separated betas that the API has and that only
 * change an answer. */
static void
add_betas(const struct judge *j, struct http_text value, struct judged *d)
{
	size_t at = 0, any = 0;

	while (at < value.n) {
		const char *p = value.p + at;
		size_t n = 0;

		while (at + n < value.n && !strchr(", \t", p[n]))
			n++;
		for (const char *const *b = j->api->betas; n && *b; b++) {
			if (strncmp(p, *b, strlen(*b)) != 0 || n < strlen(*b))
				continue;
			if (any++)
				add_text(d, ",", 1);
			else
				add_text(d, "anthropic-beta: ", 16);
			add_text(d, p, n);
			break;
		}
		at += n + 1;
	}
	if (any)
		add_text(d, "", 1);
}

static int
is_printable(struct http_text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (t.p[i] < ' ' || t.p[i] > '~')
			return 0;
	return 1;
}

/* In UTF-8, as it is looked through; in another charset it would be other
 * text. */
static int
is_json(struct http_text value)
{
	static const char json[] = "application/json", utf8[] = "charset=utf-8";
	size_t n = strlen(json);

	if (value.n < n || strncasecmp(value.p, json, n) != 0)
		return 0;
	if (value.n == n)
		return 1;
	value = (struct http_text){value.p + n, value.n - n};
	for (n = 0; n < value.n && strchr("; ", value.p[n]);)
		n++;
	value = (struct http_text){value.p + n, value.n - n};
	return n > 0 && http_is(value, utf8);
}

/* The value is one of the words that are understood of the field. */
static int
judge_content(struct http_text name, struct http_text value, struct judged *d)
{
	if (http_is(name, "content-type") && !is_json(value))
		return refuse(d, 400,
			      "a body passes as application/json only, in "
			      "UTF-8");
	if (!http_is(name, "content-encoding"))
		return 0;
	d->zstd = http_is(value, "zstd");
	if (d->encoded++ || !(d->zstd || http_is(value, "identity")))
		return refuse(d, 400,
			      "a body passes as it is, or as zstd, and in no "
			      "other encoding");
	return 0;
}

static int
judge_field(const struct judge *j, struct http_text name,
	    struct http_text value, struct judged *d)
{
	for (const char *const *c = credentials; *c; c++)
		if (http_is(name, *c) && !is_placeholder(j, value))
			return refuse(d, 400,
				      "the credential in '%s' is not the "
				      "placeholder that "
				      "stands for the user's: no other passes",
				      *c);
	/* a page would spend, by a form's POST or a name that it rebinds */
	if (http_is(name, "origin"))
		return refuse(d, 400, "requests of web pages do not pass");
	if (http_is(name, "connection") && http_is(value, "close"))
		d->keep = 0;
	if (http_is(name, "connection") && http_is(value, "keep-alive"))
		d->keep = 1;
	if (http_is(name, "expect"))
		d->expects = http_is(value, "100-continue");
	if (!header_passes(name))
		return 0;
	if (!is_printable(value))
		return refuse(d, 400, "a header has bytes that are not ASCII");
	if (j->api != &api_any && judge_content(name, value, d) < 0)
		return -1;
	if (j->git && http_is(name, "content-encoding") &&
	    (d->part != GIT_FETCH || !http_is(value, "gzip")))
		return refuse(d, 400,
			      "a fetch passes as gzip or as it is, and a push "
			      "as it is");
	if (http_is(name, "anthropic-beta") && j->api != &api_any) {
		add_betas(j, value, d);
		return 0;
	}
	add_text(d, name.p, name.n);
	add_text(d, value.n ? ": " : ";", value.n ? 2 : 1);
	add_text(d, value.p, value.n);
	add_text(d, "", 1);
	return 0;
}

/*
 * Whether nobody else can have a name server say that it is this host: by DNS
 * rebinding a page's GET has no Origin, and what is there is the page's to
 * read.
 */
static int
is_host_local(const uint8_t *host, size_t n)
{
	static const char *const ends[] = {"localhost", ".localhost",
					   ".internal"};
	unsigned port;
	size_t len = http_host(host, n, 80, &port);
	struct http_text name = {(const char *)host, len};

	if (len && (*name.p == '[' || http_is(name, ends[0])))
		return 1;
	for (size_t i = 1; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (len > end &&
		    http_is((struct http_text){name.p + len - end, end},
			    ends[i]))
			return 1;
	}
	len = 0;
	while (len < name.n && (name.p[len] == '.' ||
				(name.p[len] >= '0' && name.p[len] <= '9')))
		len++;
	return len > 0 && len == name.n;
}

int
judge_head(const struct judge *j, const uint8_t *head, size_t n,
	   const struct http *h, struct judged *d)
{
	struct http_request r;
	struct http_text name, value;
	const uint8_t *at;

	http_request(head, n, &r);
	at = r.end;
	d->status = 0;
	d->why[0] = d->path[0] = '\0';
	d->query = NULL;
	d->fields_n = 0;
	d->zstd = d->encoded = d->expects = 0;
	d->part = GIT_NONE;
	d->old = r.old;
	d->keep = !r.old;
	if (judge_method(&r, d) < 0)
		return -1;
	/* whatever its path is: Codex tries HTTP then */
	if (h->websocket)
		return refuse(d, 426, "WebSockets do not pass: use HTTP");
	if (judge_target(j, &r, d) < 0)
		return -1;
	if (j->listens && !is_host_local(head + h->host_at, h->host_len))
		return refuse(d, 400,
			      "the Host is neither localhost nor an address: "
			      "it may be the name of a web page");
	/* a field is written in at most two bytes more than it was read in, and
	 * its line's end took two, so that all fit */
	static_assert(sizeof(d->fields) >= HTTP_HEAD_MAX, "the head's size");
	while (http_field(&at, head + n, &name, &value) == 0)
		if (judge_field(j, name, value, d) < 0)
			return -1;
	if (h->phase != HTTP_IN_HEAD && d->method != JUDGE_POST)
		return refuse(d, 400, "only POST has a body");
	if (h->phase == HTTP_IN_HEAD && d->method == JUDGE_POST &&
	    (j->api != &api_any || j->git))
		return refuse(d, 400, "a POST has to have a body");
	return 0;
}
