#include "pen-ctl/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pen-ctl/reply.h"
#include "pen-ctl/session.h"

static long long
number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/*
 * A time of the log's, which is UTC, as the clock on the wall has it: with the
 * date unless it is today's.
 */
static char *
local_time(const json_t *object, const char *key)
{
	char *text = reply_text(object, key), *out = calloc(1, 64);
	time_t now = time(NULL), when;
	struct tm tm = {0}, today;

	if (!out || !strptime(text, "%Y-%m-%dT%H:%M:%S", &tm)) {
		free(out);
		return text;
	}
	when = timegm(&tm);
	localtime_r(&now, &today);
	localtime_r(&when, &tm);
	if (tm.tm_yday == today.tm_yday && tm.tm_year == today.tm_year)
		strftime(out, 64, "%H:%M:%S", &tm);
	else
		strftime(out, 64, "%Y-%m-%d %H:%M", &tm);
	free(text);
	return out;
}

void
show_json(void *arg, const json_t *object)
{
	(void)arg;
	json_dumpf(object, stdout, JSON_COMPACT | JSON_ENSURE_ASCII);
	putchar('\n');
}

void
show_session_head(void)
{
	printf("%-9s %-12s %-16s %7s  %s\n", "SESSION", "AGENT", "SINCE",
	       "REFUSED", "PROJECT");
}

void
show_session(const json_t *status)
{
	char *session = reply_text(status, "session");
	char *agent = reply_text(status, "agent");
	char *project = reply_text(status, "project");
	char *since = local_time(status, "since");

	printf("%-9s %-12s %-16s %7lld  %s\n", session, *agent ? agent : "-",
	       since, number_of(status, "refusals"), *project ? project : "-");
	free(session);
	free(agent);
	free(project);
	free(since);
}

void
show_refusal(void *arg, const json_t *r)
{
	struct show_list *list = arg;
	char *name = reply_text(r, "name"), *why = reply_text(r, "why");
	char *allow = reply_text(r, "allow"), *last = local_time(r, "last");
	char port[16] = "";

	if (list->n++ == 0 && !list->spoken)
		printf("%5s  %-8s  %-30s %-14s %s\n", "TIMES", "LAST", "NAME",
		       "WHY", "RULE TO ALLOW IT");
	if (number_of(r, "port"))
		snprintf(port, sizeof(port), ":%u",
			 (unsigned)number_of(r, "port") & 0xffff);
	if (list->spoken)
		printf("%s%s, %lld time%s, the last %s: %s%s%s\n", name, port,
		       number_of(r, "count"),
		       number_of(r, "count") == 1 ? "" : "s", last, why,
		       *allow ? "; allow " : "", allow);
	else
		printf("%5lld  %-8s  %s%s%*s %-14s %s\n", number_of(r, "count"),
		       last, *name ? name : "-", port,
		       (int)(strlen(name) + strlen(port) < 30
				 ? 30 - strlen(name) - strlen(port)
				 : 0),
		       "", why, allow);
	free(name);
	free(why);
	free(allow);
	free(last);
}

void
show_rule(void *arg, const json_t *r)
{
	char *verdict = reply_text(r, "verdict");
	char *rule = reply_text(r, "rule");
	long long left = number_of(r, "seconds");
	struct show_list *list = arg;

	list->n++;
	if (list->spoken && left)
		printf("%s %s, %lld s left\n", verdict, rule, left);
	else if (list->spoken)
		printf("%s %s\n", verdict, rule);
	else if (left)
		printf("%-6s %s\t%lld:%02lld left\n", verdict, rule, left / 60,
		       left % 60);
	else
		printf("%-6s %s\n", verdict, rule);
	free(verdict);
	free(rule);
}

void
show_status(const json_t *status)
{
	static const char *const texts[] = {"session", "agent", "project",
					    "log", "ports"};
	static const char *const numbers[] = {"connections", "refusals",
					      "rules", "listeners"};
	char *since = local_time(status, "since");

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char *text = reply_text(status, texts[i]);

		if (*text)
			printf("%-12s %s\n", texts[i], text);
		free(text);
	}
	printf("%-12s %s\n", "since", since);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		printf("%-12s %lld\n", numbers[i],
		       number_of(status, numbers[i]));
	free(since);
}
