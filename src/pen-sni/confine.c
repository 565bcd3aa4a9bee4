#include "pen-sni/confine.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/confine.h"

/* -1 for what is not there */
static int
open_dir(int at, const char *path)
{
	return openat(at, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The directory of what the link leads to */
static int
open_target(const char *link)
{
	char real[PATH_MAX];

	return realpath(link, real) ? open_dir(AT_FDCWD, dirname(real)) : -1;
}

static void
confine(const struct landlock_path *paths, size_t n)
{
	static char *nothing[] = {NULL};
	const struct landlock reach = {.files = LANDLOCK_FILES,
				       .net = LANDLOCK_BIND,
				       .scope =
					   LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				       .paths = paths,
				       .paths_n = n};

	environ = nothing; /* c-ares reads LOCALDOMAIN and the like from it */
	confine_process("the proxy", &reach);
}

#define LOGGING (LANDLOCK_WRITE | LANDLOCK_CREATE | LANDLOCK_TRUNCATE)

/*
 * c-ares wants to read some files of /etc whenever it is set up, and those that
 * are links out of it (NixOS), or fails.  What changes is read by the witness,
 * which has all to read.  The right to remove directories is that of the one
 * above; the other sessions' there are not empty.
 */
void
confine_self(int log_dir, int session_dir)
{
	const int opened[] = {
	    open_dir(AT_FDCWD, "/etc"), open_target("/etc/nsswitch.conf"),
	    open_target("/etc/hosts"), open_target("/etc/host.conf"),
	    session_dir < 0 ? -1 : open_dir(session_dir, "..")};
	const struct landlock_path paths[] = {{opened[0], LANDLOCK_READ},
					      {opened[1], LANDLOCK_READ},
					      {opened[2], LANDLOCK_READ},
					      {opened[3], LANDLOCK_READ},
					      {opened[4], LANDLOCK_REMOVE_DIR},
					      {session_dir, LANDLOCK_REMOVE},
					      {log_dir, LOGGING}};

	confine(paths, sizeof(paths) / sizeof(*paths));
	for (size_t i = 0; i < sizeof(opened) / sizeof(*opened); i++)
		if (opened[i] >= 0)
			close(opened[i]);
}

void
confine_witness(int log_dir)
{
	const struct landlock_path paths[] = {
	    {open_dir(AT_FDCWD, "/"), LANDLOCK_READ}, {log_dir, LOGGING}};

	confine(paths, 2);
	close(paths[0].dir);
}
