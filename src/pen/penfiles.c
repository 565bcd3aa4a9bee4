#include "pen/penfiles.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/control.h"
#include "lib/err.h"
#include "pen/path.h"
#include "pen/path_follow.h"

char *
penfiles_directory(const struct pen *pen, const char *name,
		   const char *standard)
{
	const char *dir = getenv(name);

	if (dir && *dir == '/')
		return path_join(dir, "pen");
	return mem_printf("%s/%s/pen", pen->project.home, standard);
}

static int
push_link(void *own, const char *link, const char *target)
{
	(void)target;
	strv_push(own, mem_copy(link));
	return 0;
}

/*
 * No run may write to path, to what it leads to, be that there or not, nor to a
 * link on the way: whoever can change one of them says what is there.
 */
static void
push_own(struct project *p, const char *path)
{
	char *real = path_settle(path, push_link, &p->own);

	if (!real)
		die(ERR_TOOL, "cannot find '%s': %m", path);
	strv_push(&p->own, real);
}

/* Where pen-sni will make its socket; perhaps the first one there. */
static void
find_control(struct project *p)
{
	char *dir = control_directory();

	if (!dir)
		die(ERR_TOOL, "there is no place for the session: set HOME");
	push_own(p, dir);
	p->control = p->own.v[p->own.n - 1];
}

char *
penfiles_shipped(const char *bin)
{
	char *up = path_parent(bin), *agents = path_join(up, "agents");
	char *shared = path_join(up, "share/pen");
	struct stat st;
	int built = stat(agents, &st) == 0 && S_ISDIR(st.st_mode);

	free(agents);
	free(built ? shared : up);
	return built ? up : shared;
}

/* A directory of shipped files: read-only if it is there, else never made. */
static void
push_shipped(struct project *p, const char *dir)
{
	char *real = path_settle(dir, push_link, &p->own);
	struct stat st;
	int there = real && stat(real, &st) == 0 && S_ISDIR(st.st_mode);

	strv_push(there ? &p->programs : &p->own, real ? real : dir);
}

/*
 * The shipped agents and what the user's shell reads are beside the directory
 * of the programs in a build, below share where they are installed: whichever
 * is found first, so a run must not make the first.
 */
static void
find_shipped(struct pen *pen)
{
	struct project *p = &pen->project;
	char *up = path_parent(pen->bin);

	push_shipped(p, path_join(up, "agents"));
	push_shipped(p, path_join(up, "groups"));
	push_shipped(p, path_join(up, "shell"));
	pen->shipped = penfiles_shipped(pen->bin);
	if (strcmp(pen->shipped, up) != 0)
		push_shipped(p, pen->shipped);
	free(up);
}

void
penfiles_find(struct pen *pen)
{
	struct project *p = &pen->project;
	char *config, *state;

	p->home = project_home();
	strv_push(&p->programs, pen->bin);
	find_shipped(pen);
	config = penfiles_directory(pen, "XDG_CONFIG_HOME", ".config");
	state = penfiles_directory(pen, "XDG_STATE_HOME", ".local/state");
	pen->user = pen->config ? pen->config : path_join(config, "pen.conf");
	pen->state = state;
	pen->logs = path_join(state, "log");
	p->histories = path_join(state, "history");
	p->budget = path_join(state, "budget");
	push_own(p, config);
	push_own(p, pen->user);
	push_own(p, state);
	push_own(p, pen->logs);
	find_control(p);
	strv_push(&p->never, p->home);
	for (size_t i = 0; i < p->own.n; i++)
		strv_push(&p->never, p->own.v[i]);
}
