/* Making the attacks of one kind where this program was launched. */
#include "pen-attack/part.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "pen-attack/process.h"

/* How long a part stays that waits for its launcher to be killed. */
#define STAY_SECONDS 20

const char *
part_name(enum run run)
{
	static const char *const names[RUN_KINDS] = {
	    [RUN_SHARED] = "shared",	[RUN_FDS] = "descriptors",
	    [RUN_TTY] = "terminal",	[RUN_NET] = "network",
	    [RUN_STDIO] = "standard",	[RUN_RACE] = "race",
	    [RUN_KILLED] = "killed",	[RUN_EVERYBODY] = "everybody",
	    [RUN_HANDOVER] = "handover"};

	return names[run];
}

/* A line for each, written at once: a later one may end us. */
static void
make_attacks(const struct world *w, enum run run)
{
	char path[WORLD_PATH];
	int fd = open(world_path(w, PART_RESULTS, path),
		      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0 || dup3(fd, PART_OWN, O_CLOEXEC) < 0)
		die(ERR_TOOL, "cannot write '%s': %m", path);
	close(fd);
	fd = PART_OWN;
	for (size_t i = 0; i < attacks_n; i++) {
		char line[64];
		int n;

		if (!w->selected[i] || attacks[i].run != run)
			continue;
		n = snprintf(line, sizeof(line), "%zu %d\n", i,
			     attack_try(&attacks[i], w));
		if (fd_write_all(fd, line, (size_t)n) < 0)
			die(ERR_TOOL, "cannot write '%s': %m", path);
	}
	close(fd);
}

_Noreturn void
part_play(const char *part, const char *file)
{
	struct world w;

	world_load(&w, file);
	if (strcmp(part, "victim") == 0)
		process_victim(&w);
	if (strcmp(part, "server") == 0)
		process_serve(&w);
	for (int run = 0; run < RUN_KINDS; run++)
		if (strcmp(part, part_name((enum run)run)) == 0) {
			make_attacks(&w, (enum run)run);
			if (run == RUN_KILLED) {
				alarm(STAY_SECONDS);
				pause();
			}
			_exit(0);
		}
	die(ERR_TOOL, "no part '%s'", part);
}

void
part_read(const struct world *w, int results[WORLD_ATTACKS])
{
	char path[WORLD_PATH], *text, *line, *rest = NULL;
	size_t n;

	text = file_read(world_path(w, PART_RESULTS, path), O_NOFOLLOW, 1 << 20,
			 &n);
	for (line = text ? strtok_r(text, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *end;
		unsigned long i = strtoul(line, &end, 10);

		if (i < attacks_n && *end == ' ')
			results[i] = (int)strtol(end, NULL, 10);
	}
	free(text);
}
