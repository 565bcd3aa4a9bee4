// needs: pen-sni/carried lib/ports
/* carried CASE */
#include "pen-sni/carried.h"

#include <string.h>

#include "../lib/sni_check.h"

static struct carried c;
static int someone;

static void
good(int reach, const char *text)
{
	const char *why = carried_add(&c, reach, text, &someone);

	CHECK(!why, "'%s': %s", text, why);
}

static void
bad(int reach, const char *text)
{
	size_t n = c.n;

	CHECK(carried_add(&c, reach, text, &someone), "'%s' was taken", text);
	CHECK(c.n == n, "'%s' changed it", text);
}

static void
conflicts(void)
{
	good(0, "3000");
	bad(0, "3000");
	bad(0, "3000:4000");
	good(0, "4000:3000"); /* by two ports of the host */
	good(0, "3001-3010");
	bad(0, "3010-3011");
	bad(1, "3000"); /* inside it is the program's */
	bad(1, "3010-3020");
	good(1, "5432");
	bad(1, "5432");
	bad(0, "5432");
	bad(0, "8000:5432");
	good(0, "5432:8000"); /* inside they differ */
	bad(1, "1:2");
	bad(0, "0");
	bad(0, "x");
	bad(0, "1-65");
}

static void
found(void)
{
	const struct carried_port *p;

	good(0, "8080:80");
	CHECK(carried_add(&c, 1, "8080", NULL) == NULL, "not taken");
	CHECK(!carried_find(&c, 0, "80") && !carried_find(&c, 0, "8080") &&
		  !carried_find(&c, 1, "80") && !carried_find(&c, 0, "x"),
	      "one was found");
	p = carried_find(&c, 0, "8080:80");
	CHECK(p && p->by == &someone && carried_of(&c, &someone) == p,
	      "it was not found");
	carried_drop(&c, p);
	CHECK(c.n == 1 && !carried_of(&c, &someone) &&
		  carried_find(&c, 1, "8080") && !c.v[0].by,
	      "the other one is not left");
}

static void
full(void)
{
	char text[16];

	for (int i = 1; i <= CARRIED_MAX; i++) {
		snprintf(text, sizeof(text), "%d", i);
		good(0, text);
	}
	bad(0, "60000");
}

int
main(int argc, char **argv)
{
	CHECK(argc == 2, "usage: carried CASE");
	if (strcmp(argv[1], "conflicts") == 0)
		conflicts();
	else if (strcmp(argv[1], "found") == 0)
		found();
	else
		full();
	return 0;
}
