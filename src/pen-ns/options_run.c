/* options_run: the options for the process, its namespaces and what it left. */
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/opt.h"
#include "pen-ns/caps.h"
#include "pen-ns/option.h"

OPTION_SETS(opt_unshare_user, ns->unshare |= CLONE_NEWUSER)
OPTION_SETS(opt_unshare_user_try, ns->unshare |= CLONE_NEWUSER)
OPTION_SETS(opt_unshare_ipc, ns->unshare |= CLONE_NEWIPC)
OPTION_SETS(opt_unshare_pid, ns->unshare |= CLONE_NEWPID)
OPTION_SETS(opt_unshare_uts, ns->unshare |= CLONE_NEWUTS)
OPTION_SETS(opt_unshare_cgroup, ns->unshare |= CLONE_NEWCGROUP)
OPTION_SETS(opt_unshare_cgroup_try, ns->unshare |= CLONE_NEWCGROUP)
OPTION_SETS(opt_unshare_net, ns->unshare |= CLONE_NEWNET)
OPTION_SETS(opt_unshare_all, ns->unshare |= OPTION_UNSHARE_ALL)
OPTION_SETS(opt_share_net, ns->unshare &= ~(unsigned long)CLONE_NEWNET)
OPTION_SETS(opt_assert_userns_disabled, ns->assert_disabled = 1)
OPTION_SETS(opt_disable_userns, ns->nested = 0)
OPTION_SETS(opt_nested, ns->nested = 1)
OPTION_SETS(opt_new_session, ns->new_session = 1)
OPTION_SETS(opt_die_with_parent, ns->die_with_parent = 1)
OPTION_SETS(opt_as_pid_1, ns->as_pid_1 = 1)
OPTION_SETS(opt_clearenv, ns->clearenv = 1; ns->env.n = 0)

void
opt_level_prefix(void *cfg, char **args)
{
	(void)cfg;
	(void)args;
	err_levels = 1;
}

#define FD option_fd(option, args[0])
OPTION_TAKES(opt_userns, "userns", ns->userns = FD)
OPTION_TAKES(opt_userns2, "userns2", ns->userns2 = FD)
OPTION_TAKES(opt_pidns, "pidns", ns->pidns = FD)
OPTION_TAKES(opt_keep_fd, "keep-fd", fds_push(&ns->keep, FD))
OPTION_TAKES(opt_sync_fd, "sync-fd", fds_push(&ns->held, FD))
OPTION_TAKES(opt_block_fd, "block-fd", ns->block = FD)
OPTION_TAKES(opt_userns_block_fd, "userns-block-fd", ns->userns_block = FD)
OPTION_TAKES(opt_info_fd, "info-fd", ns->info = FD)
OPTION_TAKES(opt_json_status_fd, "json-status-fd", ns->json = FD)
OPTION_TAKES(opt_seccomp, "seccomp", fds_push(&ns->filters, FD);
	     ns->seccomp = 1)
OPTION_TAKES(opt_add_seccomp_fd, "add-seccomp-fd", fds_push(&ns->filters, FD);
	     ns->add_seccomp = 1)

OPTION_TAKES(opt_chdir, "chdir", ns->chdir = option_path(option, args[0]))
OPTION_TAKES(opt_socket_dir, "socket-dir",
	     strv_push(&ns->sockets, mem_copy(option_path(option, args[0]))))
OPTION_TAKES(opt_lock_file, "lock-file",
	     strv_push(&ns->locks, option_path(option, args[0])))

void
opt_processes(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->processes = opt_number("processes", args[0], INT_MAX);
	if (ns->processes == 0)
		die(ERR_TOOL, "--processes: prog is one");
}

OPTION_TAKES(opt_at_end, "at-end", ns->at_end = args[0];
	     ns->manifest = option_fd(option, args[1]))
OPTION_TAKES(opt_watch, "watch", ns->watch = args[0];
	     ns->plan = option_fd(option, args[1]))

void
opt_hostname(void *cfg, char **args)
{
	if (strlen(args[0]) > HOST_NAME_MAX)
		die(ERR_TOOL, "--hostname: longer than %d bytes",
		    HOST_NAME_MAX);
	((struct ns *)cfg)->hostname = args[0];
}

static void
check_variable(const char *option, const char *name)
{
	if (*name == '\0' || strchr(name, '='))
		die(ERR_TOOL, "--%s: '%s' is not the name of a variable",
		    option, name);
}

OPTION_TAKES(opt_setenv, "setenv", check_variable(option, args[0]);
	     strv_push(&ns->env, mem_printf("%s=%s", args[0], args[1])))
OPTION_TAKES(opt_unsetenv, "unsetenv", check_variable(option, args[0]);
	     strv_push(&ns->env, args[0]))

/* (uid_t)-1 is "no change", never an id. */
static unsigned
parse_id(const char *kind, const char *text)
{
	unsigned long id;

	if (num_parse(text, 10, ID_SAME - 1, &id) < 0)
		die(ERR_TOOL, "--%s: '%s' is not an id", kind, text);
	return (unsigned)id;
}

OPTION_TAKES(opt_uid, "uid", ns->inner_uid = parse_id(option, args[0]))
OPTION_TAKES(opt_gid, "gid", ns->inner_gid = parse_id(option, args[0]))

static uint64_t
cap_mask(const char *option, const char *name)
{
	int n = caps_number(name);

	if (strcasecmp(name, "ALL") == 0)
		return UINT64_MAX;
	if (n < 0)
		die(ERR_TOOL, "--%s: unknown capability '%s'", option, name);
	return UINT64_C(1) << n;
}

OPTION_TAKES(opt_cap_add, "cap-add", ns->caps |= cap_mask(option, args[0]))
OPTION_TAKES(opt_cap_drop, "cap-drop", ns->caps &= ~cap_mask(option, args[0]))

static const char *
check_label(const char *option, const char *text)
{
	if (access("/sys/fs/selinux/status", F_OK) < 0)
		die_hint("labels are SELinux's: leave the option out",
			 "--%s: this system has no SELinux", option);
	return text;
}

OPTION_TAKES(opt_exec_label, "exec-label",
	     ns->exec_label = check_label(option, args[0]))
OPTION_TAKES(opt_file_label, "file-label",
	     ns->file_label = check_label(option, args[0]))

void
opt_argv0(void *cfg, char **args)
{
	struct ns *ns = cfg;

	if (ns->argv0)
		die(ERR_TOOL, "--argv0 is given twice");
	ns->argv0 = args[0];
}
