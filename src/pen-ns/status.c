/* status: what --info-fd and --json-status-fd say, as bubblewrap says it. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-ns/ns.h"

static unsigned long
namespace_id(pid_t pid, const char *name)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, name);
	if (stat(path, &st) < 0)
		die(ERR_TOOL, "cannot look at the namespace '%s': %m", path);
	return (unsigned long)st.st_ino;
}

/* One JSON object: its members, each after the text between. */
static char *
describe(const struct ns *ns, pid_t child, const char *start,
	 const char *between, const char *end)
{
	static const struct {
		const char *name;
		unsigned long flag;
	} kinds[] = {{"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC},
		     {"mnt", CLONE_NEWNS},	  {"net", CLONE_NEWNET},
		     {"pid", CLONE_NEWPID},	  {"uts", CLONE_NEWUTS}};
	char *text = mem_printf("%s\"child-pid\": %d", start, (int)child);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (ns->spaces & kinds[i].flag)
			text = mem_printf(
				"%s%s\"%s-namespace\": %lu", text, between,
				kinds[i].name,
				namespace_id(child, kinds[i].name));
	return mem_printf("%s%s", text, end);
}

static void
tell(const char *option, int fd, const char *text)
{
	if (fd_write_all(fd, text, strlen(text)) < 0)
		die(ERR_TOOL, "--%s: cannot write to descriptor %d: %m", option,
		    fd);
}

void
status_start(const struct ns *ns, pid_t child, int sock)
{
	if (ns->info < 0 && ns->json < 0)
		return;
	if (ns->info >= 0) {
		tell("info-fd", ns->info,
		     describe(ns, child, "{\n    ", ",\n    ", "\n}\n"));
		if (ns->info > STDERR_FILENO)
			close(ns->info);
	}
	if (ns->json >= 0)
		tell("json-status-fd", ns->json,
		     describe(ns, child, "{ ", ", ", " }\n"));
	if (say(sock, SAY_GO, 0) < 0)
		die(ERR_TOOL, "cannot let the jail start: %m");
}

void
status_end(int json, int status)
{
	tell("json-status-fd", json,
	     mem_printf("{ \"exit-code\": %d }\n", status));
}
