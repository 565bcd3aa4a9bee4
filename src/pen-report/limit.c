#include "pen-report/limit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/file.h"

#define NOTE_MAX 4096

/* How many processes the kernel ended in this cgroup for want of memory. */
static unsigned long
count_killed(void)
{
	char line[4096], *path = NULL, *at;
	unsigned long n = 0;
	FILE *f = fopen("/proc/self/cgroup", "re");

	while (f && !path && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::/", 4) == 0)
			path = mem_printf("/sys/fs/cgroup%s/memory.events",
					  line + 3);
	}
	if (f)
		fclose(f);
	f = path ? fopen(path, "re") : NULL;
	while (f && fgets(line, sizeof(line), f)) {
		at = strstr(line, "oom_kill ");
		if (at == line)
			n = strtoul(at + strlen("oom_kill "), NULL, 10);
	}
	if (f)
		fclose(f);
	free(path);
	return n;
}

static void
read_line(char *line, struct strv *lines)
{
	static const char memory[] = "memory ";
	unsigned long n;

	if (strncmp(line, memory, strlen(memory)) != 0) {
		strv_push(lines, mem_copy(line));
		return;
	}
	n = count_killed();
	if (n > 0)
		strv_push(lines,
			  mem_printf("the kernel ended %lu process%s: the run "
				     "had reached memory = %s",
				     n, n == 1 ? "" : "es",
				     line + strlen(memory)));
}

void
limit_read(const char *log, struct strv *lines)
{
	char *path = log ? mem_join(log, ".limit") : NULL, *rest = NULL;
	size_t n;
	char *text = path ? file_read(path, 0, NOTE_MAX, &n) : NULL;

	for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		read_line(line, lines);
	free(text);
	free(path);
}
