#include "pen-check/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"

static const char *const states[] = {[REPORT_OK] = "ok",
				     [REPORT_WEAKER] = "weaker",
				     [REPORT_MISSING] = "missing"};

void
report_add(struct report *r, const struct finding *f)
{
	char visible[512];

	r->v = mem_room(r->v, r->n, sizeof(*r->v));
	r->v[r->n] = *f;
	r->v[r->n].name = mem_copy(f->name);
	err_visible(visible, sizeof(visible), f->found, strlen(f->found));
	r->v[r->n++].found = mem_copy(visible);
}

int
report_status(const struct report *r)
{
	int status = 0;

	for (size_t i = 0; i < r->n; i++)
		if ((int)r->v[i].state > status)
			status = (int)r->v[i].state;
	return status;
}

void
report_print(const struct report *r)
{
	const char *group = "";
	size_t count[3] = {0};

	for (size_t i = 0; i < r->n; i++) {
		const struct finding *f = &r->v[i];

		count[f->state]++;
		if (strcmp(group, f->group) != 0)
			printf("%s%s\n", *group ? "\n" : "", f->group);
		group = f->group;
		printf("  %-8s%-27s%s\n", states[f->state], f->name, f->found);
		if (f->state == REPORT_OK)
			continue;
		if (f->matters)
			printf("          %s\n", f->matters);
		if (f->advice)
			printf("          To do: %s\n", f->advice);
		if (f->command)
			printf("          To do: %s\n", f->command);
	}
	printf("\n%zu ok, %zu weaker, %zu missing\n", count[REPORT_OK],
	       count[REPORT_WEAKER], count[REPORT_MISSING]);
}

static json_t *
finding_json(const struct finding *f)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?}", "group",
			 f->group, "name", f->name, "state", states[f->state],
			 "found", f->found, "matters", f->matters, "advice",
			 f->advice, "command", f->command);
}

void
report_print_json(const struct report *r)
{
	json_t *all = json_array(), *top;
	struct utsname un;

	uname(&un);
	for (size_t i = 0; i < r->n; i++)
		json_array_append_new(all, finding_json(&r->v[i]));
	top =
	    json_pack("{s:s, s:s, s:s, s:o}", "version", PEN_VERSION, "kernel",
		      un.release, "machine", un.machine, "findings", all);
	if (!top || json_dumpf(top, stdout, JSON_INDENT(1)) < 0)
		die(ERR_TOOL, "cannot write the findings");
	putchar('\n');
	json_decref(top);
}

/* Runs the command by sh, and waits for it.  0 when it succeeded. */
static int
run(const char *command)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die(ERR_TOOL, "cannot fork: %m");
	if (pid == 0) {
		/* not here: "./" and what PATH has of it are a project's */
		if (chdir("/") < 0)
			die(ERR_NOEXEC, "cannot enter '/': %m");
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
		die(ERR_NOEXEC, "cannot execute '/bin/sh': %m");
	}
	if (waitpid(pid, &status, 0) < 0)
		die(ERR_TOOL, "cannot wait for '%s': %m", command);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : 1;
}

static int
user_agrees(void)
{
	char answer[16];

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return 0;
	printf("Run them? [y/N] ");
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) &&
	       (*answer == 'y' || *answer == 'Y');
}

int
report_fix(const struct report *r)
{
	size_t commands = 0;
	int failed = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct finding *f = &r->v[i];

		if (f->state == REPORT_OK || !f->command)
			continue;
		printf("# %s: %s\n%s\n", f->name, f->found, f->command);
		commands++;
	}
	if (commands == 0)
		puts("# no command would change what was found");
	fflush(stdout);
	if (commands == 0 || !user_agrees())
		return 0;
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].state != REPORT_OK && r->v[i].command)
			failed |= run(r->v[i].command);
	return failed;
}
