#include "lib/projects.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/mem.h"
#include "lib/program.h"
#include "lib/state.h"

/* The file "path" has four lines. */
#define PATH_FILE_MAX ((size_t)4 * PATH_MAX)

char *
projects_directory(void)
{
	return state_path("projects");
}

char *
projects_root(int directory, const char *id)
{
	char *path = mem_printf("%s/path", id);
	size_t n;
	char *text = beneath_read(directory, path, PATH_FILE_MAX, &n, NULL);

	free(path);
	if (text)
		text[strcspn(text, "\n")] = '\0';
	if (text && *text != '/') {
		free(text);
		text = NULL;
	}
	return text;
}

/* Whether dir has a name in it. */
static int
has_names(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e = NULL;

	while (d && (e = readdir(d)) && *e->d_name == '.')
		;
	if (d)
		closedir(d);
	return e != NULL;
}

void
projects_settle(const char *dir, const char *report)
{
	char *runs = mem_printf("%s/runs", dir);
	struct strv words = {0};
	pid_t pid;

	if (has_names(runs)) {
		strv_push(&words, mem_copy(report));
		strv_push(&words, "--killed");
		strv_push(&words, mem_copy(dir));
		pid = fork();
		if (pid == 0)
			program_become(&words, (int[]){-1, -1, -1}, NULL);
		if (pid < 0)
			err_warn("cannot run '%s': %m", report);
		while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	free(runs);
}
