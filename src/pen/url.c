#include "pen/url.h"

#include <string.h>

#include "lib/mem.h"

char *
url_rule(const char *url)
{
	const char *host = strstr(url, "://"), *at, *port;
	int tls = strncmp(url, "https://", 8) == 0, local;
	size_t n;

	if (!host || !(tls || strncmp(url, "http://", 7) == 0))
		return NULL;
	host += 3;
	n = strcspn(host, "/?#");
	at = memrchr(host, '@', n);
	if (at) {
		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	local = strncmp(host, "127.", 4) == 0 || strncmp(host, "[::1]", 5) == 0;
	port = memrchr(host, ':', n);
	if (local && port && port[-1] != ':') {
		n -= (size_t)(port - host);
		host = port;
	} else if (local) {
		n = 0;
	}
	return mem_printf("%s%s%.*s", tls ? "" : "http://",
			  local ? "localhost" : "", (int)n, host);
}

char *
url_public(const char *url)
{
	const char *host = strstr(url, "://"), *at;

	host = host ? host + 3 : url;
	at = memrchr(host, '@', strcspn(host, "/?#"));
	return mem_printf("%.*s%s", (int)(host - url), url, at ? at + 1 : host);
}
