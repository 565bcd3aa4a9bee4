#include "pen-log/since.h"

#include <string.h>

#include "lib/duration.h"

static int
parse_ago(const char *text, time_t now, time_t *when)
{
	unsigned long seconds;

	if (duration_parse(text, 'd', 86400UL * 1000000000, &seconds) < 0)
		return -1;
	*when = now - (time_t)seconds;
	return 0;
}

static int
parse_date(const char *text, time_t *when)
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

	if (parse_ago(text, now, &when) < 0 && parse_date(text, &when) < 0)
		return -1;
	if (when < 0 || !gmtime_r(&when, &utc))
		return -1;
	return strftime(out, SINCE_TEXT, "%Y-%m-%dT%H:%M:%S.000Z", &utc) ? 0
									 : -1;
}
