#include "pen-sni/upstream.h"

#include <stdint.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/num.h"

const char *
upstream_parse(const char *text, struct upstream *u)
{
	struct upstream out = {.port = 0};
	const char *colon, *end;
	unsigned long port;
	char digits[8];
	size_t n;

	if (strncmp(text, "http://", 7) == 0)
		text += 7;
	end = text + strcspn(text, "/");
	if (end[0] && end[1])
		return "it has a path";
	colon = memrchr(text, ':', (size_t)(end - text));
	n = colon ? (size_t)(end - colon - 1) : sizeof(digits);
	if (n >= sizeof(digits))
		return "it is not HOST:PORT";
	memcpy(digits, colon + 1, n);
	digits[n] = '\0';
	if (num_parse(digits, 10, 65535, &port) < 0 || port == 0)
		return "the port is not a number from 1 to 65535";
	n = (size_t)(colon - text);
	if (n > 2 && text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	} else if (memchr(text, ':', n)) {
		return "an IPv6 address needs brackets";
	}
	if (rule_name(text, n, out.name) < 0 &&
	    addr_parse(text, n, &out.addr) < 0)
		return "HOST is neither a host name nor an address";
	out.port = (unsigned)port;
	*u = out;
	return NULL;
}

void
upstream_set_auth(struct upstream *u, const char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklm"
				     "nopqrstuvwxyz0123456789+/";
	size_t n = strlen(text), at;
	char *out = mem_alloc(sizeof("Basic ") + (n + 2) / 3 * 4);

	memcpy(out, "Basic ", 6);
	at = 6;
	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)(uint8_t)text[i] << 16;

		if (i + 1 < n)
			three |= (uint32_t)(uint8_t)text[i + 1] << 8;
		if (i + 2 < n)
			three |= (uint8_t)text[i + 2];
		out[at++] = digits[three >> 18];
		out[at++] = digits[three >> 12 & 63];
		out[at++] = i + 1 < n ? digits[three >> 6 & 63] : '=';
		out[at++] = i + 2 < n ? digits[three & 63] : '=';
	}
	u->auth = out;
}

char *
upstream_request(const struct upstream *u, const char *name, unsigned port)
{
	return mem_printf("CONNECT %s:%u HTTP/1.1\r\nHost: %s:%u\r\n%s%s%s\r\n",
			  name, port, name, port,
			  u->auth ? "Proxy-Authorization: " : "",
			  u->auth ? u->auth : "", u->auth ? "\r\n" : "");
}

int
upstream_answer(const char *p, size_t n, size_t *used)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4);
	int status = 0;

	if (!end && n < UPSTREAM_MAX)
		return 0;
	*used = end ? (size_t)(end - p) + 4 : n;
	if (!end || *used < 13 || memcmp(p, "HTTP/1.", 7) != 0 || p[8] != ' ')
		return -1;
	for (int i = 9; i < 12; i++) {
		if (p[i] < '0' || p[i] > '9')
			return -1;
		status = status * 10 + (p[i] - '0');
	}
	return p[12] == ' ' || p[12] == '\r' ? status : -1;
}
