/* ns: what the command line asked for, and the parts of pen-ns. */
#ifndef PEN_NS_H
#define PEN_NS_H

#include <assert.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/mem.h"

enum op_kind {
	OP_BIND,       /* src, or fd when src is NULL, on dest */
	OP_DATA,       /* a file with what fd holds, bound on dest */
	OP_FILE,       /* the same, copied to dest */
	OP_TMPFS,
	OP_PROC,
	OP_DEV,
	OP_DIR,
	OP_SYMLINK,    /* to src */
	OP_REMOUNT_RO,
	OP_MASK,
	OP_SYSTEM,
	OP_KINDS
};

enum {
	OP_RO = 1,	/* read-only */
	OP_DEVICES = 2, /* device nodes work */
	OP_TRY = 4,	/* no source, no operation */
};

struct op {
	enum op_kind kind;
	int flags;
	const char *src, *dest;
	int fd;
	mode_t perms;
	unsigned long size; /* 0: the default */
};

struct report {
	const char *path;
	int exists;
	struct stat st; /* at the start */
};

/* A directory, and what was in it at the start. */
struct report_new {
	const char *path;
	struct report_entry {
		char *name;
		ino_t ino;
	} *entries;
	size_t n;
};

struct ns {
	struct op *ops; /* in the order given */
	size_t nops;
	struct report *reports;
	size_t nreports;
	struct report_new *news;
	size_t nnews;
	int *keep; /* descriptors for prog */
	size_t nkeep;
	int *filters; /* descriptors with seccomp programs */
	size_t nfilters;
	struct strv env; /* "VAR=VALUE" to set, "VAR" to remove */
	int clearenv;
	const char *chdir, *hostname, *cwd;
	uid_t uid, inner_uid;
	gid_t gid, inner_gid;
	uint64_t caps; /* for prog, by number */
	int unshare_net, nested, new_session, die_with_parent, as_pid_1;
	int perms;	    /* of the next operation, or -1 */
	unsigned long size; /* of the next operation, or 0 */
	char **argv;	    /* prog's */
};

/* options.c: fills *ns from the command line and checks it; fatal if bad. */
void options_read(struct ns *ns, int argc, char **argv);

/* view.c: makes the file view of ns->ops the root of this process, which is
 * alone in new user and mount namespaces; fatal if it cannot. */
void view_build(const struct ns *ns);

/* report.c: records what --report and --report-new name before the run, and
 * says after it what became of it. */
void report_start(struct ns *ns);
void report_end(const struct ns *ns);

/* caps.c: the number of a capability's name ("CAP_KILL", any case), or -1. */
int caps_number(const char *name);

/* caps.c: leaves the process (and what it executes) the capabilities in keep
 * and nothing else, for good; reads all five sets back; fatal if it cannot. */
void caps_limit(uint64_t keep);

/* The signal state that pen-ns was started with, for prog. */
struct signals {
	sigset_t mask;
	int chld_ignored;
};

/* prog.c: becomes prog; the process is a child of pid 1, or pid 1. */
_Noreturn void prog_become(const struct ns *ns, const struct signals *sig,
			   int proc, mode_t mask);

/* reaper.c: pid 1 of the namespaces: waits for prog and for the monitor. */
_Noreturn void reaper_run(pid_t prog, int sock);

/*
 * monitor.c: waits for the jail of which pid 1 is child.  Returns the status
 * to exit with, 128+n where prog died of signal n; then *died is n, or 0.
 */
int monitor_run(const struct ns *ns, pid_t child, int sock, int *died);

/* monitor.c: dies of signal sig, as prog did, without a core of its own. */
void monitor_die(int sig);

/*
 * One byte between the monitor and pid 1: down the signal to pass on, up the
 * signal that stopped prog, or with this bit the one that killed it.
 */
#define REAPER_DIED 0x80

/*
 * Down, with a signal that stops: the terminal sent it, to all of the group.
 * pid 1 cannot tell by its own, which a SIGCONT right behind it takes away.
 */
#define REAPER_GROUP 0x80
static_assert(_NSIG - 1 < REAPER_DIED, "a signal and a bit are one byte");

#endif
