// needs: pen-sni/hosts
/* hosts: lines as people write them, and as nobody should. */
#include "pen-sni/hosts.h"

#include <string.h>

#include "../lib/sni_check.h"

static const char text[] = "# a comment\n"
			   "127.0.0.1\tlocalhost\n"
			   "192.0.2.1 One.Example. alias # and two.example\n"
			   "  192.0.2.2\ttwo.example\r\n"
			   "2001:db8::1 one.example\n"
			   "192.0.2.3\n"
			   "fe80::1%eth0 scoped.example\n"
			   "not-an-address one.example\n"
			   "192.0.2.4 #one.example\n"
			   "\n"
			   "192.0.2.5 three.example";

static void
has(const char *name, const char *list)
{
	union addr out[4];
	char got[256] = "", buf[ADDR_TEXT];
	unsigned char *exact = check_exact(text, sizeof(text) - 1);
	size_t n = hosts_find((char *)exact, sizeof(text) - 1, name, out, 4);

	free(exact);
	for (size_t i = 0; i < n; i++) {
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s",
			 i ? " " : "", addr_text(&out[i], buf));
	}
	CHECK(strcmp(got, list) == 0, "%s: '%s', not '%s'", name, got, list);
}

static void
order(const char *conf, enum hosts_order want)
{
	unsigned char *exact = check_exact(conf, strlen(conf));

	CHECK(hosts_order((char *)exact, strlen(conf)) == want, "%s", conf);
	free(exact);
}

int
main(void)
{
	union addr out[1];

	has("one.example", "192.0.2.1 2001:db8::1");
	has("alias", "192.0.2.1");
	has("two.example", "192.0.2.2");
	has("three.example", "192.0.2.5");
	has("scoped.example", "");
	has("example", "");
	has("four.example", "");
	CHECK(hosts_find(text, sizeof(text) - 1, "one.example", out, 1) == 1,
	      "no more than there is room for");
	CHECK(hosts_find(NULL, 0, "one.example", out, 1) == 0, "no file");
	order("", HOSTS_FIRST);
	order("passwd: files\nhosts: files dns\n", HOSTS_FIRST);
	order("hosts:files dns", HOSTS_FIRST);
	order("Hosts: mymachines mdns4_minimal [NOTFOUND=return] files dns",
	      HOSTS_FIRST);
	order("hosts: mymachines resolve [!UNAVAIL=return] dns", HOSTS_FIRST);
	order("hosts: resolve [!UNAVAIL=return] files dns", HOSTS_FIRST);
	order("#hosts: dns\nhosts: files", HOSTS_FIRST);
	order("hosts: dns files # files dns", HOSTS_LAST);
	order("hosts: dns", HOSTS_NEVER);
	order("hosts: dns # files", HOSTS_NEVER);
	return 0;
}
