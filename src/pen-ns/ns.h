/* ns: the plan: what the command line asked for. */
#ifndef PEN_NS_H
#define PEN_NS_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/mem.h"

enum op_kind {
	OP_BIND, /* src, or fd when src is NULL, on dest */
	OP_DATA, /* a file with what fd holds, bound on dest */
	OP_FILE, /* the same, copied to dest */
	OP_TMPFS,
	OP_PROC,
	OP_DEV,
	OP_MQUEUE,
	OP_OVERLAY, /* layers, and src as the upper one, on dest */
	OP_DIR,
	OP_SYMLINK, /* to src */
	OP_CHMOD,
	OP_REMOUNT_RO,
	OP_MASK,
	OP_CGROUP,
	OP_COPY,       /* dest of a copy of itself */
	OP_DRAFT_TREE, /* src, and dest over it, which may be "" */
	OP_DRAFT,      /* src in the tree, on dest */
	OP_DRAFT_LINK, /* the same, a link to it */
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
	unsigned tree;	     /* of a draft: the number of its OP_DRAFT_TREE */
	unsigned link;	     /* the number of an OP_DRAFT_LINK */
};

struct fds {
	int *v;
	size_t n;
};

/* Appends fd. */
void fds_push(struct fds *l, int fd);

#define ID_SAME UINT32_MAX /* (uid_t)-1 is "no change", never an id */

struct ns {
	const struct opt_tool *tool; /* whose options --args reads */
	pid_t parent;		     /* of this process when it began */
	/* What bubblewrap does otherwise; pen-bwrap sets these. */
	int inherits;  /* descriptors, keyring, core limit are the caller's */
	int stays;     /* what prog leaves behind goes on */
	int plain;     /* the monitor only waits: no terminal, no own death */
	int unbounded; /* a tmpfs has the kernel's bounds */
	int inspected; /* who asks for pid 1's number may look at it */
	int scripts;   /* what has no #! is given to sh */
	int no_links;  /* a destination that is a link is refused */
	int lenient;   /* a mount below a bind may keep its attributes */
	int shared;    /* prog may be in the jail's user namespace */
	unsigned long unshare;	    /* CLONE_NEW*: the namespaces to make */
	int userns, userns2, pidns; /* namespaces to join, or -1 */
	struct op *ops;		    /* in the order given */
	size_t nops;
	struct fds keep;     /* for prog */
	struct fds filters;  /* with seccomp programs */
	struct fds held;     /* open while something runs inside */
	struct strv sockets; /* directories for some inside; none: all */
	struct strv locks;   /* files inside to hold a lock on for as long */
	struct strv env;     /* "VAR=VALUE" to set, "VAR" to remove */
	int clearenv;
	const char *chdir, *hostname, *cwd, *exec_label, *file_label;
	uid_t uid, inner_uid; /* inner: ID_SAME without --uid */
	gid_t gid, inner_gid;
	uint64_t caps;		 /* for prog, by number */
	unsigned long processes; /* at most, or 0: as many as the caller */
	struct winsize terminal; /* its size before prog */
	int leads; /* prog its own process group, in the foreground */
	int nested, new_session, die_with_parent, as_pid_1, assert_disabled;
	int info, json;		  /* descriptors to say on what runs, or -1 */
	int block, userns_block;  /* descriptors to wait for, or -1 */
	int perms;		  /* of the next operation, or -1 */
	unsigned long size;	  /* of the next operation, or 0 */
	struct strv layers;	  /* of the next overlay */
	unsigned trees, links;	  /* --draft-tree and --draft-link, so far */
	unsigned long draft_size; /* of their layer, or 0 */
	const char *at_end;	  /* the program to run then, or NULL */
	const char *monitor;	  /* the path of pen-monitor */
	int manifest;		  /* what it is given, or -1 */
	const char *watch;	  /* the program to run meanwhile, or NULL */
	int plan;		  /* what it is given, or -1 */
	int watching[2];	  /* sockets: between it and pid 1; or -1 */
	int layer[2]; /* sockets: the layer's root comes from the jail; or -1 */
	int seccomp, add_seccomp; /* given */
	char *argv0, **argv;	  /* prog's */
};

/* Is there a process in the jail that waits for prog? */
int ns_has_reaper(const struct ns *ns);

/* Does prog get a user namespace of its own? */
int ns_has_own_userns(const struct ns *ns);

/* The signal state that pen-ns was started with, for prog. */
struct signals {
	sigset_t mask;
	int chld_ignored;
};

#endif
