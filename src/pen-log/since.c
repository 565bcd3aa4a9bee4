#include "pen-log/since.h"

#include <string.h>

#include "lib/num.h"

static int
ago(const char *text, time_t now, time_t *when)
{
	static const struct {
		char letter;
		time_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	char digits[16];
	size_t n = strlen(text);
	unsigned long v;

	if (n < 2 || n > sizeof(digits))
		return -1;
	memcpy(digits, text, n - 1);
	digits[n - 1] = '\0';
	if (num_parse(digits, 10, 1000000000, &v) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (units[i].letter == text[n - 1]) {
			*when = now - (time_t)v * units[i].seconds;
			return 0;
		}
	return -1;
}

static int
date(const char *text, time_t *when)
{
	static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M",
					    "%Y-%m-%dT%H:%M:%S"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm tm = {.tm_isdst = -1};
		const char *end = strptime(text, forms[i], &tm);

		if (end && *end == '\0') {
			*when = mktime(&tm);
			return 0;
		}
	}
	return -1;
}

int
since_parse(const char *text, time_t now, char out[SINCE_TEXT])
{
	time_t when;
	struct tm utc;

	if (ago(text, now, &when) < 0 && date(text, &when) < 0)
		return -1;
	if (when < 0 || !gmtime_r(&when, &utc))
		return -1;
	return strftime(out, SINCE_TEXT, "%Y-%m-%dT%H:%M:%S.000Z", &utc) ? 0
									 : -1;
}
