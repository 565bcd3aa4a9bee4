/* options_view: the options that make the file view. */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/err.h"
#include "lib/opt.h"
#include "pen-ns/lookup.h"
#include "pen-ns/option.h"

static struct op *
add_op(struct ns *ns, enum op_kind kind, const char *src, const char *dest)
{
	struct op *op;

	ns->ops = mem_room(ns->ops, ns->nops, sizeof(*ns->ops));
	op = &ns->ops[ns->nops++];
	*op = (struct op){.kind = kind,
			  .src = src,
			  .dest = dest,
			  .fd = -1,
			  .above = LOOKUP_ABOVE};
	return op;
}

/*
 * --perms, --size and --overlay-src are for the operation that follows.  Whom
 * perms keep out of dest, they keep out of what is made above it.
 */
static void
take_perms(struct ns *ns, struct op *op, mode_t otherwise)
{
	op->perms = otherwise;
	if (ns->perms < 0)
		return;
	op->perms = (mode_t)ns->perms;
	if (!(op->perms & S_IRWXG))
		op->above &= ~(mode_t)S_IRWXG;
	if (!(op->perms & S_IRWXO))
		op->above &= ~(mode_t)S_IRWXO;
	ns->perms = -1;
}

void
option_check_taken(const struct ns *ns)
{
	if (ns->perms >= 0)
		die(ERR_TOOL, "--perms is not followed by --tmpfs, --dir, "
			      "--file, --bind-data or --ro-bind-data");
	if (ns->size > 0)
		die(ERR_TOOL, "--size is not followed by --tmpfs");
	if (ns->layers.n > 0)
		die(ERR_TOOL, "--overlay-src is not followed by --overlay, "
			      "--tmp-overlay or --ro-overlay");
}

/* An operation of two paths, or of one where src is NULL. */
static struct op *
add_paths(struct ns *ns, const char *option, enum op_kind kind, const char *src,
	  const char *dest)
{
	option_check_taken(ns);
	return add_op(ns, kind, src ? option_path(option, src) : NULL,
		      option_path(option, dest));
}

/* The options that are one operation, on a place inside, or from a source. */
#define PLACE(fn, name, kind)  \
	OPTION_TAKES(fn, name, \
		     add_paths(ns, option, kind, NULL, args[0])->flags = 0)
#define BIND(fn, name, kind, bits)                                          \
	OPTION_TAKES(fn, name,                                              \
		     add_paths(ns, option, kind, args[0], args[1])->flags = \
			 bits)

PLACE(opt_proc, "proc", OP_PROC)
PLACE(opt_dev, "dev", OP_DEV)
PLACE(opt_mqueue, "mqueue", OP_MQUEUE)
PLACE(opt_remount_ro, "remount-ro", OP_REMOUNT_RO)
PLACE(opt_mask, "mask", OP_MASK)
PLACE(opt_cgroup, "cgroup", OP_CGROUP)
PLACE(opt_copy, "copy", OP_COPY)
BIND(opt_ro_bind, "ro-bind", OP_BIND, OP_RO)
BIND(opt_ro_bind_try, "ro-bind-try", OP_BIND, OP_RO | OP_TRY)
BIND(opt_bind, "bind", OP_BIND, 0)
BIND(opt_bind_try, "bind-try", OP_BIND, OP_TRY)
BIND(opt_dev_bind, "dev-bind", OP_BIND, OP_DEVICES)
BIND(opt_dev_bind_try, "dev-bind-try", OP_BIND, OP_DEVICES | OP_TRY)
BIND(opt_symlink, "symlink", OP_SYMLINK, 0)

static void
add_bind_fd(struct ns *ns, const char *option, char **args, int flags)
{
	struct op *op = add_paths(ns, option, OP_BIND, NULL, args[1]);

	op->fd = option_fd(option, args[0]);
	op->flags = flags;
}

OPTION_TAKES(opt_bind_fd, "bind-fd", add_bind_fd(ns, option, args, 0))
OPTION_TAKES(opt_ro_bind_fd, "ro-bind-fd", add_bind_fd(ns, option, args, OP_RO))
OPTION_TAKES(opt_chmod, "chmod",
	     add_paths(ns, option, OP_CHMOD, NULL, args[1])->perms = (mode_t)
		 opt_octal(option, args[0], 07777))

void
opt_overlay_src(void *cfg, char **args)
{
	struct ns *ns = cfg;
	struct strv layers = ns->layers;

	ns->layers.n = 0; /* more than one in a row is as it should be */
	option_check_taken(ns);
	ns->layers = layers;
	strv_push(&ns->layers, option_path("overlay-src", args[0]));
}

static struct op *
add_overlay(struct ns *ns, const char *option, size_t least, const char *src,
	    const char *dest)
{
	struct op *op;

	if (ns->layers.n < least)
		die(ERR_TOOL, "--%s needs %zu --overlay-src or more before it",
		    option, least);
	op = add_op(ns, OP_OVERLAY, src ? option_path(option, src) : NULL,
		    option_path(option, dest));
	op->layers = ns->layers;
	ns->layers = (struct strv){0};
	option_check_taken(ns);
	return op;
}

OPTION_TAKES(opt_overlay, "overlay",
	     add_overlay(ns, option, 1, args[0], args[2])->work =
		 option_path(option, args[1]))
OPTION_TAKES(opt_tmp_overlay, "tmp-overlay",
	     add_overlay(ns, option, 1, NULL, args[0]))
OPTION_TAKES(opt_ro_overlay, "ro-overlay",
	     add_overlay(ns, option, 2, NULL, args[0])->flags = OP_RO)

void
opt_tmpfs(void *cfg, char **args)
{
	struct ns *ns = cfg;
	struct op *op =
	    add_op(ns, OP_TMPFS, NULL, option_path("tmpfs", args[0]));

	take_perms(ns, op, 0755);
	op->size = ns->size;
	ns->size = 0;
	option_check_taken(ns);
}

void
opt_dir(void *cfg, char **args)
{
	struct ns *ns = cfg;

	take_perms(ns, add_op(ns, OP_DIR, NULL, option_path("dir", args[0])),
		   0755);
	option_check_taken(ns);
}

static void
add_data(struct ns *ns, const char *option, enum op_kind kind, char **args,
	 int flags, mode_t perms)
{
	struct op *op = add_op(ns, kind, NULL, option_path(option, args[1]));

	op->fd = option_fd(option, args[0]);
	op->flags = flags;
	take_perms(ns, op, perms);
	option_check_taken(ns);
}

OPTION_TAKES(opt_file, "file", add_data(ns, option, OP_FILE, args, 0, 0666))
OPTION_TAKES(opt_bind_data, "bind-data",
	     add_data(ns, option, OP_DATA, args, 0, 0600))
OPTION_TAKES(opt_ro_bind_data, "ro-bind-data",
	     add_data(ns, option, OP_DATA, args, OP_RO, 0600))

void
opt_size(void *cfg, char **args)
{
	struct ns *ns = cfg;

	if (ns->size > 0)
		die(ERR_TOOL, "--size is given twice for one operation");
	ns->size = opt_number("size", args[0], LONG_MAX);
	if (ns->size == 0)
		die(ERR_TOOL, "--size: a tmpfs of no bytes is none");
}

void
opt_perms(void *cfg, char **args)
{
	struct ns *ns = cfg;

	if (ns->perms >= 0)
		die(ERR_TOOL, "--perms is given twice for one operation");
	ns->perms = (int)opt_octal("perms", args[0], 07777);
}

void
opt_draft_size(void *cfg, char **args)
{
	struct ns *ns = cfg;

	ns->draft_size = opt_number("draft-size", args[0], LONG_MAX);
	if (ns->draft_size == 0)
		die(ERR_TOOL, "--draft-size must be greater than 0");
}

/* No KEPT is an empty word. */
void
opt_draft_tree(void *cfg, char **args)
{
	struct ns *ns = cfg;

	option_check_taken(ns);
	add_op(ns, OP_DRAFT_TREE, option_path("draft-tree", args[0]), NULL);
	ns->ops[ns->nops - 1].dest = args[1];
	ns->trees++;
}

/* Whether path ends with "/" and rel, both without a "." or ".." or "//". */
static int
ends_with(const char *path, const char *rel)
{
	size_t n = strlen(path), m = strlen(rel);

	return n > m && path[n - m - 1] == '/' &&
	       strcmp(path + n - m, rel) == 0;
}

static void
add_draft(struct ns *ns, const char *option, enum op_kind kind, char **args)
{
	unsigned long tree = opt_number(option, args[0], INT_MAX);

	if (tree >= ns->trees)
		die(ERR_TOOL, "--%s: there is no --draft-tree %lu before it",
		    option, tree);
	/* the directories on the way are mounted on themselves */
	if (strchr(args[1], '/') && !ends_with(args[2], args[1]))
		die(ERR_TOOL, "--%s: '%s' does not end with '/%s'", option,
		    args[2], args[1]);
	add_paths(ns, option, kind, args[1], args[2]);
	ns->ops[ns->nops - 1].tree = (unsigned)tree;
}

OPTION_TAKES(opt_draft, "draft", add_draft(ns, option, OP_DRAFT, args))
OPTION_TAKES(opt_draft_link, "draft-link",
	     add_draft(ns, option, OP_DRAFT_LINK, args);
	     ns->ops[ns->nops - 1].link = ns->links++)
