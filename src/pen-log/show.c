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

char *
show_time(const json_t *event)
{
	char *text = show_text(event, "time"), out[64] = "-";
	struct tm tm = {0};
	time_t when;

	if (strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) {
		when = timegm(&tm);
		localtime_r(&when, &tm);
		strftime(out, sizeof(out), "%Y-%m-%d %H:%M:%S", &tm);
	}
	free(text);
	return mem_copy(out);
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
	char *time = show_time(event);
	char *name = show_text(event, "name");
	const json_t *port = json_object_get(event, "port");
	const json_t *up = json_object_get(event, "up");
	const json_t *count = json_object_get(event, "count");

	printf("%-19s  %-8s %-5s", time, *verdict ? verdict : "-", kind);
	/* what is refused by its address alone has no name */
	print_if(event, *name ? "name" : "address", " ");
	if (json_is_integer(port))
		printf(":%lld", (long long)json_integer_value(port));
	if (*name)
		print_if(event, "address", " at ");
	print_if(event, "why", ": ");
	if (json_is_integer(count))
		printf(" (%lld, %lld of them refused)",
		       (long long)json_integer_value(count),
		       (long long)json_integer_value(
			   json_object_get(event, "refused")));
	if (json_is_integer(up))
		printf(" %lld bytes up, %lld down",
		       (long long)json_integer_value(up),
		       (long long)json_integer_value(
			   json_object_get(event, "down")));
	print_if(event, "rule", strcmp(kind, "control") == 0 ? " " : "  by ");
	print_if(event, "allow", "  to allow it: ");
	putchar('\n');
	free(kind);
	free(verdict);
	free(time);
	free(name);
}
