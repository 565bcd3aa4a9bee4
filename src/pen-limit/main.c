/*
 * pen-limit: bounds the memory, the processor time and the time of a program,
 * which it then becomes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/duration.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/num.h"
#include "lib/opt.h"
#include "lib/standard.h"
#include "pen-limit/group.h"
#include "pen-limit/watch.h"

#define TIME_MAX (366ul * 24 * 3600)
#define CPU_MAX 100000 /* hundredths */

struct wishes {
	struct limits limits;
	struct watch watch;
	const char *cpu, *cgroup;
};

#define OPT(name, fn, args, help, ...) static opt_fn fn;
#include "opts.def"
#undef OPT

static void
take_memory(void *cfg, char **args)
{
	struct wishes *w = cfg;
	size_t n = strspn(args[0], "0123456789");
	char *digits = mem_part(args[0], n);
	unsigned long v;
	unsigned shift = args[0][n] == 'K'   ? 10
			 : args[0][n] == 'M' ? 20
			 : args[0][n] == 'G' ? 30
					     : 0;

	if (num_parse(digits, 10, 1ul << 30, &v) < 0 || v == 0 ||
	    strlen(args[0] + n) > (shift > 0))
		die(ERR_TOOL, "--memory: '%s' is not a size as 64M or 2G",
		    args[0]);
	w->limits.memory = (unsigned long long)v << shift;
	w->watch.memory = args[0];
	free(digits);
}

static void
take_cpu(void *cfg, char **args)
{
	struct wishes *w = cfg;
	size_t whole = strcspn(args[0], ".");
	char *digits = mem_part(args[0], whole), part[3] = "00";
	const char *rest = args[0] + whole + (args[0][whole] == '.');
	unsigned long v, hundredths = 0;

	memcpy(part, rest, strnlen(rest, 2));
	if (num_parse(digits, 10, CPU_MAX / 100, &v) < 0 || strlen(rest) > 2 ||
	    num_parse(part, 10, 99, &hundredths) < 0 || v + hundredths == 0)
		die(ERR_TOOL, "--cpu: '%s' is not a number as 2 or 1.5",
		    args[0]);
	w->limits.cpu = (unsigned)(v * 100 + hundredths);
	w->cpu = args[0];
	free(digits);
}

static void
take_time(void *cfg, char **args)
{
	struct wishes *w = cfg;

	if (duration_parse(args[0], 'd', TIME_MAX, &w->watch.seconds) < 0)
		die(ERR_TOOL, "--time: '%s' is not a time as 90s, 30m or 2h",
		    args[0]);
	w->watch.time = args[0];
}

static void
take_note(void *cfg, char **args)
{
	((struct wishes *)cfg)->watch.note = args[0];
}

static void
take_cgroup(void *cfg, char **args)
{
	((struct wishes *)cfg)->cgroup = args[0];
}

static const struct opt options[] = {
#define OPT(name, fn, args, help, ...) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    .usage = "[options] [--] prog [args...]",
    .purpose = "Bounds the memory, processor time and time of prog, then "
	       "becomes it.",
    .opts = options,
    .operand_required = 1,
};

/* The user's systemd answers by this socket. */
static int
has_systemd(void)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char *path = mem_join(runtime ? runtime : "", "/systemd/private");
	int yes = runtime && access(path, F_OK) == 0;

	free(path);
	return yes;
}

/*
 * systemd-run makes a scope with the limits and becomes us, whose cgroup is
 * then the scope's: systemd removes it.  Returns where that cannot be.
 */
static void
become_scope(const struct wishes *w, char *const *prog)
{
	char *path =
	    w->cgroup || !has_systemd() ? NULL : chain_find("systemd-run");
	struct strv v = {0};

	if (!path)
		return;
	strv_push(&v, path);
	strv_push(&v, "--user");
	strv_push(&v, "--scope");
	strv_push(&v, "--quiet");
	strv_push(&v, "--collect");
	if (w->limits.memory) {
		strv_push(&v, mem_printf("--property=MemoryMax=%llu",
					 w->limits.memory));
		strv_push(&v, "--property=MemorySwapMax=0");
	}
	if (w->limits.cpu)
		strv_push(
		    &v, mem_printf("--property=CPUQuota=%u%%", w->limits.cpu));
	strv_push(&v, "--");
	for (; *prog; prog++)
		strv_push(&v, *prog);
	execv(path, v.v);
	free(v.v);
}

/* The watcher removes it at the end. */
static void
tell_group(int fd, const char *group)
{
	char *text = mem_join("g", group);

	if (fd_write_all(fd, text, strlen(text) + 1) < 0)
		die(ERR_TOOL, "cannot tell the cgroup: %m");
	free(text);
}

/* For pen-report, which sees in its own cgroup whether that was too little. */
static void
note_memory(const struct watch *w)
{
	char *line = mem_printf("memory %s\n", w->memory);
	int fd =
	    open(w->note, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		 0600);

	if (fd < 0 || fd_write_all(fd, line, strlen(line)) < 0)
		die(ERR_TOOL, "cannot write '%s': %m", w->note);
	close(fd);
	free(line);
}

static void
set_limits(struct wishes *w, int known, char *const *prog)
{
	char *group;

	if (!w->cgroup)
		become_scope(w, prog);
	group = group_enter(w->cgroup, &w->limits);
	if (group) {
		tell_group(known, group);
		return;
	}
	if (w->cgroup)
		die(ERR_TOOL, "cannot make a cgroup in '%s': %m", w->cgroup);
	err_warn("warning: %s%s%s%s%s: no effect: no cgroup (version 2) here "
		 "is delegated, and no systemd gives one",
		 w->limits.memory ? "memory = " : "",
		 w->limits.memory ? w->watch.memory : "",
		 w->limits.memory && w->cpu ? ", " : "", w->cpu ? "cpu = " : "",
		 w->cpu ? w->cpu : "");
}

int
main(int argc, char **argv)
{
	struct wishes w = {0};
	int at, known;

	err_prog = "pen-limit";
	if (standard_open() < 0)
		die(ERR_TOOL, "cannot open /dev/null: %m");
	at = opt_parse(&tool, &w, argc, argv);
	if (w.watch.seconds || w.limits.memory || w.limits.cpu) {
		if (w.watch.note && w.watch.memory)
			note_memory(&w.watch);
		known = watch_start(&w.watch);
		if (w.limits.memory || w.limits.cpu)
			set_limits(&w, known, argv + at);
		close(known);
	}
	chain_exec(argv + at);
}
