// needs: pen/hosts
/* localhost: what is left of /etc/hosts */
#include "pen/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/sni_check.h"

static void
left(const char *text, const char *want)
{
	char *have = hosts_inside(text);

	CHECK(strcmp(have, want) == 0, "'%s' became '%s'", text ? text : "",
	      have);
	free(have);
}

#define NONE "127.0.0.1 localhost pen\n::1 localhost pen\n"

int
main(void)
{
	left(NULL, NONE);
	left("", NONE);
	left("10.0.0.1 localhost\n", NONE);
	left("127.0.0.1 ip6-loopback", "127.0.0.1 ip6-loopback\n" NONE);
	left("127.0.0.1 localhost\n127.0.1.1 box.corp box\n",
	     "127.0.0.1 localhost pen\n");
	left("# x\n\t127.0.0.1\tLocalhost box.corp #localhost\n"
	     "::1 localhost6 localhost ip6-localhost\r\n"
	     "10.1.2.3 db.corp localhost\n",
	     "127.0.0.1 Localhost pen\n"
	     "::1 localhost6 localhost ip6-localhost pen\n");
	left("0:0:0:0:0:0:0:1 localhost\n127.0.0.9 app.localhost x.corp",
	     "0:0:0:0:0:0:0:1 localhost pen\n127.0.0.9 app.localhost\n");
	left("127.0.0.1\nlocalhost\n  \nfe80::1%lo0 localhost\n", NONE);
	left("127.0.0.1 localhost.evil notlocalhost\n", NONE);
	return 0;
}
