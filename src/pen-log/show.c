#include "pen-log/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/err.h"
#include "lib/mem.h"

char *
show_text(const json_t *event, const char *key)
{
	const json_t *v = json_object_get(event, key);
	size_t n = json_string_length(v);
	char *seen = mem_alloc(n * 4 + 5);

	return json_is_string(v)
		   ? err_visible(seen, n * 4 + 5, json_string_value(v), n)
		   : seen;
}

/* UTC as the log has it, in the local time zone. */
static void
print_time(const json_t *event)
{
	char *text = show_text(event, "time"), out[64];
	struct tm tm = {0};
	time_t when;

	if (!strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) {
		printf("%-19s", "-");
	} else {
		when = timegm(&tm);
		localtime_r(&when, &tm);
		strftime(out, sizeof(out), "%Y-%m-%d %H:%M:%S", &tm);
		printf("%s", out);
	}
	free(text);
}

/* " label text", if the event has it. */
static void
print_if(const json_t *event, const char *key, const char *label)
{
	char *text = show_text(event, key);

	if (*text)
		printf("%s%s", label, text);
	free(text);
}

void
show_event(const json_t *event)
{
	char *kind = show_text(event, "kind");
	char *verdict = show_text(event, "verdict");
	const json_t *port = json_object_get(event, "port");
	const json_t *up = json_object_get(event, "up");

	print_time(event);
	printf("  %-8s %-5s", *verdict ? verdict : "-", kind);
	print_if(event, "name", " ");
	if (json_is_integer(port))
		printf(":%lld", (long long)json_integer_value(port));
	print_if(event, "address", " at ");
	print_if(event, "why", ": ");
	if (json_is_integer(up))
		printf(" %lld bytes up, %lld down",
		       (long long)json_integer_value(up),
		       (long long)json_integer_value(
			   json_object_get(event, "down")));
	print_if(event, "rule", "  by ");
	print_if(event, "allow", "  to allow it: ");
	putchar('\n');
	free(kind);
	free(verdict);
}
