#include "pen/answer.h"

#include <stdlib.h>

#include "lib/err.h"
#include "pen/list.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/penfiles.h"

struct strv
answer_names(struct pen *pen, const char *what)
{
	struct list_sources from = {.shipped = penfiles_shipped(pen->bin),
				    .user = pen->config};
	struct strv names = {0};

	if (!pen->project.home)
		pen->project.home = getenv("HOME");
	if (!from.user && pen->project.home && *pen->project.home == '/')
		from.user = path_join(
		    penfiles_directory(pen, "XDG_CONFIG_HOME", ".config"),
		    "pen.conf");
	if (list_names(what, &from, &names) < 0)
		die(ERR_TOOL,
		    "--list: '%s' is none of agents, profiles, "
		    "groups and programs",
		    what);
	return names;
}

int
answer_edit(struct pen *pen)
{
	struct section place = {SECTION_PROFILE, "default", project_home()};
	const char *file = pen->config, *dir = pen->project_dir;

	pen->project.home = place.home;
	if (!file)
		file = path_join(
		    penfiles_directory(pen, "XDG_CONFIG_HOME", ".config"),
		    "pen.conf");
	if (pen->agent)
		place = (struct section){SECTION_AGENT, pen->agent, place.home};
	else if (pen->profile)
		place.title = pen->profile;
	else if (dir)
		place = (struct section){
		    SECTION_PROJECT, path_settle(dir, NULL, NULL), place.home};
	if (!place.title)
		die(ERR_TOOL, "cannot find the project '%s': %m", dir);
	return !edit_file(file, &place, pen->edits, pen->edits_n);
}

char *
answer_hint(struct pen *pen, const char *what, const char *word)
{
	struct strv names = answer_names(pen, what);
	const char *meant = list_similar(&names, word);

	return meant ? mem_printf("did you mean '%s'? ", meant) : mem_copy("");
}
