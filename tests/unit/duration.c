// needs: lib/duration lib/num
#include "lib/duration.h"

#include "../lib/sni_check.h"

static void
lasts(const char *text, char longest, unsigned long max, long want)
{
	unsigned long seconds = 0;
	int r = duration_parse(text, longest, max, &seconds);

	CHECK(want < 0 ? r == -1 && seconds == 0
		       : r == 0 && seconds == (unsigned long)want,
	      "%s: %d, %lu", text, r, seconds);
}

int
main(void)
{
	lasts("1s", 'd', 1000000, 1);
	lasts("10m", 'd', 1000000, 600);
	lasts("2h", 'h', 86400, 7200);
	lasts("24h", 'h', 86400, 86400);
	lasts("25h", 'h', 86400, -1);
	lasts("1d", 'd', 86400, 86400);
	lasts("1d", 'h', 86400, -1);
	lasts("0s", 'd', 1000, -1);
	lasts("s", 'd', 1000, -1);
	lasts("", 'd', 1000, -1);
	lasts("10", 'd', 1000, -1);
	lasts("-1s", 'd', 1000, -1);
	lasts("1.5h", 'd', 86400, -1);
	lasts("1 s", 'd', 1000, -1);
	lasts("1sm", 'd', 1000, -1);
	lasts("99999999999999999999s", 'd', ~0UL, -1);
	lasts("18446744073709551615s", 'd', ~0UL, -1);
	lasts("999999999999999d", 'd', ~0UL, -1);
	return 0;
}
