#include "pen-attack/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "lib/err.h"

enum result { HELD, NOT_HELD, NO_CONTROL, RESULTS };

static const char *const words[] = {"held", "not held", "no control"};

/* What shows that a launch works is no attack. */
static int
counts(const struct outcome *o, size_t i)
{
	return o->selected[i] && strcmp(attacks[i].name, "right") != 0;
}

static enum result
tell(const struct outcome *o, size_t i)
{
	if (o->control[i] != 0 || o->inside[i] == ATTACK_NOT_MADE)
		return NO_CONTROL;
	return o->inside[i] == 0 ? NOT_HELD : HELD;
}

void
report_list(void)
{
	for (size_t i = 0; i < attacks_n; i++)
		if (strcmp(attacks[i].name, "right") != 0)
			printf("%s/%s\t%s\n", attacks[i].group, attacks[i].name,
			       attacks[i].what);
}

static void
print_group(const struct outcome *o, size_t first, size_t all[RESULTS])
{
	size_t n[RESULTS] = {0};

	for (size_t i = 0; i < attacks_n; i++)
		if (counts(o, i) &&
		    strcmp(attacks[i].group, attacks[first].group) == 0)
			n[tell(o, i)]++;
	if (n[HELD] + n[NOT_HELD] + n[NO_CONTROL] == 0)
		return;
	printf("%-14s%8zu%10zu%12zu\n", attacks[first].group, n[HELD],
	       n[NOT_HELD], n[NO_CONTROL]);
	for (int r = 0; r < RESULTS; r++)
		all[r] += n[r];
}

static int
is_first(size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(attacks[i].group, attacks[j].group) == 0)
			return 0;
	return 1;
}

void
report_print(const struct outcome *o)
{
	size_t all[RESULTS] = {0};

	printf("%-14s%8s%10s%12s\n", "", words[0], words[1], words[2]);
	for (size_t i = 0; i < attacks_n; i++)
		if (is_first(i))
			print_group(o, i, all);
	for (size_t i = 0; i < attacks_n; i++)
		if (counts(o, i) && tell(o, i) == NOT_HELD)
			printf("not held: %s/%s: %s\n", attacks[i].group,
			       attacks[i].name, attacks[i].what);
	printf("%zu of %zu attacks that succeed outside were held", all[HELD],
	       all[HELD] + all[NOT_HELD]);
	if (all[NO_CONTROL])
		printf("; %zu have no control on this host", all[NO_CONTROL]);
	puts(".");
}

/* As a JSON string: nothing but ASCII comes here, or is made visible. */
static void
print_string(const char *text)
{
	char visible[256];

	err_visible(visible, sizeof(visible), text, strlen(text));
	putchar('"');
	for (const char *s = visible; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		putchar(*s);
	}
	putchar('"');
}

static void
print_member(const char *name, const char *value, const char *end)
{
	printf("\"%s\": ", name);
	print_string(value);
	fputs(end, stdout);
}

void
report_print_json(const struct launcher *l, const struct outcome *o)
{
	struct utsname un;
	const char *before = "";
	char *version = launch_version(l);

	uname(&un);
	fputs("{", stdout);
	print_member("version", PEN_VERSION, ", ");
	print_member("kernel", un.release, ", ");
	print_member("machine", un.machine, ",\n ");
	print_member("launcher", l->with ? l->with : "pen", ", ");
	print_member("launcher_version", version, ",\n \"entries\": [");
	for (size_t i = 0; i < attacks_n; i++) {
		if (!counts(o, i))
			continue;
		printf("%s\n  {", before);
		print_member("name", attacks[i].name, ", ");
		print_member("group", attacks[i].group, ", ");
		print_member("control", attack_word(o->control[i]), ", ");
		print_member("inside",
			     o->inside[i] == ATTACK_NOT_MADE
				 ? "not made"
				 : attack_word(o->inside[i]),
			     ", ");
		print_member("result", words[tell(o, i)], "}");
		before = ",";
	}
	puts("\n ]}");
	free(version);
}

int
report_status(const struct outcome *o)
{
	for (size_t i = 0; i < attacks_n; i++)
		if (counts(o, i) && tell(o, i) == NOT_HELD)
			return 1;
	return 0;
}
