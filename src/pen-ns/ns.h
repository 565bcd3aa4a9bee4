/* ns: what the command line asked for, and the parts of pen-ns. */
#ifndef PEN_NS_H
#define PEN_NS_H

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
	OP_MQUEUE,
	OP_OVERLAY,    /* layers, and src as the upper one, on dest */
	OP_DIR,
	OP_SYMLINK,    /* to src */
	OP_CHMOD,
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
	mode_t perms, above; /* of dest, and of directories made for it */
	unsigned long size;  /* 0: the default */
	struct strv layers;  /* of an overlay, from the bottom up */
	const char *work;    /* its work directory, or NULL */
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

struct fds {
	int *v;
	size_t n;
};

/* options.c: appends fd. */
void fds_push(struct fds *l, int fd);

#define ID_SAME UINT32_MAX /* (uid_t)-1 is "no change", never an id */

/* A JSON file, and what its members called key had at the start. */
struct report_json {
	const char *path, *key;
	char *values;
};

/* A tree, and the git directory whose index is to be read at the end. */
struct report_links {
	const char *gitdir, *tree;
};

struct ns {
	int strict;	      /* 0: called as bwrap, with its defaults */
	unsigned long spaces; /* CLONE_NEW*: the namespaces to make */
	int userns, userns2, pidns; /* namespaces to join, or -1 */
	struct op *ops;		    /* in the order given */
	size_t nops;
	struct report *reports;
	size_t nreports;
	struct report_new *news;
	size_t nnews;
	struct report_json *jsons;
	size_t njsons;
	struct report_links *links;
	size_t nlinks;
	struct strv known; /* repositories that such an index may link to */
	struct fds keep;    /* for prog */
	struct fds filters; /* with seccomp programs */
	struct fds held;    /* open while something runs inside */
	struct strv locks;  /* files inside to hold a lock on for as long */
	struct strv env;    /* "VAR=VALUE" to set, "VAR" to remove */
	int clearenv;
	const char *chdir, *hostname, *cwd, *exec_label, *file_label;
	uid_t uid, inner_uid; /* inner: ID_SAME without --uid */
	gid_t gid, inner_gid;
	uint64_t caps; /* for prog, by number */
	uint64_t bounding; /* what caps_bound has left, or CAPS_ALL */
	unsigned long processes; /* at most, or 0: as many as the caller */
	int leads; /* prog its own process group, in the foreground */
	int nested, new_session, die_with_parent, as_pid_1, assert_disabled;
	int info, json;		 /* descriptors to say on what runs, or -1 */
	int block, userns_block; /* descriptors to wait for, or -1 */
	int perms;		 /* of the next operation, or -1 */
	unsigned long size;	 /* of the next operation, or 0 */
	struct strv layers;	 /* of the next overlay */
	int seccomp, add_seccomp; /* given */
	char *argv0, **argv;	 /* prog's */
};

/* options.c: fills *ns from the command line and checks it; fatal if bad. */
void options_read(struct ns *ns, int argc, char **argv);

/* The signal state that pen-ns was started with, for prog. */
struct signals {
	sigset_t mask;
	int chld_ignored;
};

/*
 * spaces.c: fork(2) into the namespaces that ns asks for: 0 in the jail's first
 * process, its pid in the monitor.  spaces_settle is the jail's part: waits
 * until its start has been announced, and maps the ids.  spaces_block waits for
 * --block-fd and its like.
 */
pid_t spaces_clone(struct ns *ns, int sock[2]);
void spaces_settle(const struct ns *ns, const struct signals *sig, int sock,
		   int proc);
void spaces_block(int fd, const struct signals *sig, int sock);

/* spaces.c: the last user namespace, where prog has one to itself. */
int spaces_apart(const struct ns *ns);
void spaces_last(const struct ns *ns, int proc);

/* view.c: makes the file view of ns->ops the root of this process, which is
 * alone in a new mount namespace; fatal if it cannot. */
void view_build(const struct ns *ns);

/* report.c: records what --report, --report-new and --report-json name before
 * the run, and says after it what became of it. */
void report_start(struct ns *ns);
void report_end(const struct ns *ns);

/* status.c: what --info-fd and --json-status-fd are told: that the jail whose
 * first process is child, and waits for it, was made; and how prog ended. */
void status_start(const struct ns *ns, pid_t child, int sock);
void status_end(int json, int status);

/* links.c: says which repositories the indexes of --report-links link to that
 * are not known. */
void links_end(const struct ns *ns);

/* caps.c: the number of a capability's name ("CAP_KILL", any case), or -1. */
int caps_number(const char *name);

/* caps.c: those that count for this process, by number. */
uint64_t caps_effective(void);

/*
 * caps.c: leaves the bounding set the capabilities in keep and nothing else,
 * and reads it back; fatal if it cannot.  bounding: what this has returned
 * before, in this user namespace and to this process or its parent, or
 * CAPS_ALL; what was done for both is not done again.  Returns what is left.
 */
#define CAPS_ALL UINT64_MAX
uint64_t caps_bound(uint64_t keep, uint64_t bounding);

/*
 * caps.c: leaves the process (and what it executes) the capabilities in keep
 * and nothing else, for good; reads all five sets back; fatal if it cannot.
 * bounding: as above.  With lock user id 0 means nothing, and a change of ids
 * takes nothing away.
 */
void caps_limit(uint64_t keep, uint64_t bounding, int lock);

/* prog.c: may becoming prog wait, for a filter that is yet to be written? */
int prog_waits(const struct ns *ns);

/* prog.c: becomes prog; the process is a child of the reaper, or the jail's
 * first. */
_Noreturn void prog_become(const struct ns *ns, const struct signals *sig,
			   int proc, mode_t mask, int sock);

/* reaper.c: is there a process in the jail that waits for prog? */
int reaper_wanted(const struct ns *ns);

/* reaper.c: takes the locks of --lock-file, to be held from now on. */
void reaper_lock(struct ns *ns);

/* reaper.c: what came to this process came before there was a prog. */
void reaper_forget_signals(void);

/* reaper.c: for the child of vfork(2): what would stop it stops prog. */
void reaper_note_stops(void);

/* reaper.c: what the jail's first process does while prog runs. */
_Noreturn void reaper_run(const struct ns *ns, pid_t prog, int sock);

/* What the monitor and the jail say to each other, one message a packet. */
enum message_kind {
	SAY_GO,	     /* down: the jail is announced */
	SAY_PASS,    /* down: pass signal value on to prog */
	/*
	 * The same; the terminal sent it to all of the group.  pid 1 cannot
	 * tell by its own, which a SIGCONT right behind it takes away.
	 */
	SAY_PASS_GROUP,
	SAY_ASK,     /* down: say it again if prog is stopped */
	SAY_PID,     /* up: value is the jail's first process */
	SAY_STARTED, /* up: prog is executed now */
	SAY_FAILED,  /* up: it could not be */
	SAY_STOPPED, /* up: by signal value */
	SAY_DIED,    /* up: of signal value */
	SAY_EXITED   /* up: the end, status value; pid 1: nobody is left */
};
struct message {
	int kind, value;
};

/*
 * monitor.c: sends one, if somebody is there to hear it, 0 or -1; and receives
 * one: 1, or 0 when the other side is gone, or -1 where flags is MSG_DONTWAIT
 * and nothing has been said.
 */
int say(int sock, enum message_kind kind, int value);
int hear(int sock, struct message *m, int flags);

/*
 * monitor.c: is prog to lead a process group of its own?  Yes where it has the
 * terminal and nobody else has: the group that it would be in has no number in
 * the jail, and a shell could not give the terminal back to it.
 */
int monitor_alone(const struct ns *ns);

/* monitor.c, in the jail: ends it when the monitor is gone. */
void monitor_check(int sock);

/*
 * monitor.c: waits for the jail of which child is the first process.  Returns
 * the status to exit with, 128+n where prog died of signal n; then *died is n,
 * or 0.
 */
int monitor_run(const struct ns *ns, pid_t child, int sock, int *died);

/* monitor.c: dies of signal sig, as prog did, without a core of its own. */
void monitor_die(int sig);

#endif
