/* status: what --info-fd and --json-status-fd say, as bubblewrap says it. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "pen-monitor/plan.h"
#include "pen-monitor/status.h"

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
describe_jail(const struct plan *plan, const char *start, const char *between,
	      const char *end)
{
	static const struct {
		const char *name;
		unsigned long flag;
	} kinds[] = {{"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC},
		     {"mnt", CLONE_NEWNS},	  {"net", CLONE_NEWNET},
		     {"pid", CLONE_NEWPID},	  {"uts", CLONE_NEWUTS}};
	char *text = mem_printf("%s\"child-pid\": %d", start, (int)plan->child);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (plan->namespaces & kinds[i].flag)
			text = mem_printf(
			    "%s%s\"%s-namespace\": %lu", text, between,
			    kinds[i].name,
			    namespace_id(plan->child, kinds[i].name));
	return mem_printf("%s%s", text, end);
}

static void
write_status(const char *option, int fd, const char *text)
{
	if (fd_write_all(fd, text, strlen(text)) < 0)
		die(ERR_TOOL, "--%s: cannot write to descriptor %d: %m", option,
		    fd);
}

void
status_start(const struct plan *plan)
{
	if (plan->info >= 0) {
		write_status(
		    "info-fd", plan->info,
		    describe_jail(plan, "{\n    ", ",\n    ", "\n}\n"));
		if (plan->info > STDERR_FILENO)
			close(plan->info);
	}
	if (plan->json >= 0)
		write_status("json-status-fd", plan->json,
			     describe_jail(plan, "{ ", ", ", " }\n"));
}

void
status_end(int json, int status)
{
	write_status("json-status-fd", json,
		     mem_printf("{ \"exit-code\": %d }\n", status));
}
