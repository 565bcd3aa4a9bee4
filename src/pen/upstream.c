#include "pen/upstream.h"

#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"

static int
hex(char c)
{
	const char *digits = "0123456789abcdef", *at;

	at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 0x20 : c) : NULL;
	return at ? (int)(at - digits) : -1;
}

/* RFC 3986 section 2.1; what is not an encoded byte stays. */
static char *
decode(const char *text, size_t n)
{
	char *out = mem_alloc(n + 1);
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		int high = i + 2 < n && text[i] == '%' ? hex(text[i + 1]) : -1;
		int low = high >= 0 ? hex(text[i + 2]) : -1;

		if (low >= 0 && (high || low)) {
			out[used++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[used++] = text[i];
		}
	}
	return out;
}

/* The variables that curl looks at for https, in its order. */
static const char *
from_environment(void)
{
	static const char *const names[] = {"https_proxy", "HTTPS_PROXY",
					    "all_proxy", "ALL_PROXY"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return NULL;
}

char *
upstream_find(const char *setting, char **auth)
{
	const char *url = setting, *at, *scheme;

	*auth = NULL;
	if (strcmp(setting, "none") == 0)
		return NULL;
	if (strcmp(setting, "env") == 0)
		url = from_environment();
	if (!url)
		return NULL;
	scheme = strstr(url, "://");
	if (scheme && strncmp(url, "http://", 7) != 0)
		die_hint("an HTTP proxy can be used: http://HOST:PORT",
			 "upstream_proxy: it is a proxy of another kind: "
			 "'%.*s'",
			 (int)(scheme - url), url);
	if (scheme)
		url = scheme + 3;
	at = memrchr(url, '@', strcspn(url, "/"));
	if (at)
		*auth = decode(url, (size_t)(at - url));
	if (at)
		url = at + 1;
	return mem_part(url, strcspn(url, "/"));
}
