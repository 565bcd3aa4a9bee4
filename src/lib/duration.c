#include "lib/duration.h"

#include <string.h>

#include "lib/num.h"

int
duration_parse(const char *text, char longest, unsigned long max,
	       unsigned long *seconds)
{
	static const struct {
		char letter;
		unsigned long seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	char digits[16];
	size_t n = strlen(text);
	unsigned long v;

	if (n < 2 || n > sizeof(digits))
		return -1;
	memcpy(digits, text, n - 1);
	digits[n - 1] = '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (units[i].letter == text[n - 1]) {
			if (num_parse(digits, 10, max / units[i].seconds, &v) <
				0 ||
			    v == 0)
				return -1;
			*seconds = v * units[i].seconds;
			return 0;
		}
		if (units[i].letter == longest)
			break;
	}
	return -1;
}
