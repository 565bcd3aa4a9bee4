#include "pen/hosts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/mem.h"

static int
is_loopback(const char *addr)
{
	unsigned char a[16];

	if (inet_pton(AF_INET, addr, a) == 1)
		return a[0] == 127;
	return inet_pton(AF_INET6, addr, a) == 1 &&
	       memcmp(a, &in6addr_loopback, sizeof(a)) == 0;
}

static int
is_localhost(const char *name)
{
	static const char *const names[] = {
	    "localhost",     "localhost.localdomain",
	    "localhost4",    "localhost4.localdomain4",
	    "localhost6",    "localhost6.localdomain6",
	    "ip6-localhost", "ip6-loopback"};
	const char *end = strrchr(name, '.');

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcasecmp(name, names[i]) == 0)
			return 1;
	return end && strcasecmp(end, ".localhost") == 0; /* RFC 6761 */
}

/* Writes what of a line speaks of localhost; whether it has that very name. */
static int
write_line(FILE *f, char *line)
{
	static const char blank[] = " \t\r";
	char *at = line, *addr = strsep(&at, blank), *name;
	int any = 0, found = 0;

	if (!is_loopback(addr))
		return 0;
	while ((name = strsep(&at, blank))) {
		if (!is_localhost(name))
			continue;
		fprintf(f, "%s %s", any++ ? "" : addr, name);
		found |= strcasecmp(name, "localhost") == 0;
	}
	if (any)
		fputs(found ? " pen\n" : "\n", f);
	return found;
}

char *
hosts_inside(const char *text)
{
	char *out = NULL, *copy = mem_copy(text ? text : ""), *at = copy, *line;
	int found = 0;
	size_t n;
	FILE *f = open_memstream(&out, &n);

	if (!f)
		die(ERR_TOOL, "cannot make a text: %m");
	while ((line = strsep(&at, "\n"))) {
		line[strcspn(line, "#")] = '\0';
		found |= write_line(f, line + strspn(line, " \t"));
	}
	if (!found)
		fputs("127.0.0.1 localhost pen\n::1 localhost pen\n", f);
	if (fclose(f) != 0)
		die(ERR_TOOL, "cannot make a text: %m");
	free(copy);
	return out;
}
