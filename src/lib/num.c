#include "lib/num.h"

int
num_parse(const char *text, unsigned base, unsigned long max,
	  unsigned long *value)
{
	unsigned long v = 0;

	if (*text == '\0')
		return -1;
	for (; *text; text++) {
		unsigned long d = (unsigned long)(unsigned char)*text - '0';

		if (d >= base || v > (max - d) / base)
			return -1;
		v = v * base + d;
	}
	if (v > max)
		return -1;
	*value = v;
	return 0;
}
