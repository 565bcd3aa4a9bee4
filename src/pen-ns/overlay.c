/*
 * --overlay and its like.  A layer is opened once and given to the kernel as
 * /proc/self/fd/N: a name without the colons and commas that mean something
 * there, that no racing link redirects, and that says nothing of the host in
 * /proc/self/mountinfo inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "pen-ns/mount.h"
#include "pen-ns/view.h"

/* What fsconfig(2) takes as a value. */
#define VALUE_MAX 255

/* What mount(2) takes of options: a page (copy_mount_options). */
#define OPTIONS_MAX 4095

#define UPPER_NAME ".pen-ns.upper"
#define OVERLAY_NAME ".pen-ns.overlay"

static char *
layer(const char *path, const char *dest)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		die(ERR_TOOL, "cannot overlay '%s' on '%s': %m", path, dest);
	return mem_printf("/proc/self/fd/%d", fd);
}

/* A place to write to that is gone from the tree as soon as it is in use. */
static int
temporary_upper(struct view *v, struct strv *opts)
{
	int tmpfs = view_tmpfs(v, 0755, 0, MOUNT_SAFE);

	if (mkdirat(tmpfs, "upper", 0755) < 0 ||
	    mkdirat(tmpfs, "work", 0755) < 0 ||
	    mkdirat(v->scratch, UPPER_NAME, 0700) < 0 ||
	    mount_move(tmpfs, v->base, UPPER_NAME) < 0)
		die(ERR_TOOL, "cannot make an upper layer: %m");
	strv_push(opts, "upperdir");
	strv_push(opts, mem_printf("/proc/self/fd/%d/upper", tmpfs));
	strv_push(opts, "workdir");
	strv_push(opts, mem_printf("/proc/self/fd/%d/work", tmpfs));
	return tmpfs;
}

static void
remove_upper(const struct view *v, int tmpfs)
{
	if (mount_detach(tmpfs) < 0 ||
	    unlinkat(v->scratch, UPPER_NAME, AT_REMOVEDIR) < 0)
		die(ERR_TOOL, "cannot hide an upper layer: %m");
	close(tmpfs);
}

/*
 * The kernel names layers from the top down, bubblewrap from the bottom up.
 * Returns what they are in one, where that is too much for fsconfig(2).
 */
static char *
lower_layers(struct strv *opts, const struct op *op)
{
	char *joined = mem_copy("");

	for (size_t i = op->layers.n; i > 0; i--) {
		char *name = layer(op->layers.v[i - 1], op->dest);

		joined = mem_printf("%s%s%s", joined, *joined ? ":" : "", name);
		strv_push(opts, "lowerdir+"); /* Linux 6.7 */
		strv_push(opts, name);
	}
	if (strlen(joined) > VALUE_MAX)
		return joined;
	opts->n -= 2 * op->layers.n;
	strv_push(opts, "lowerdir");
	strv_push(opts, joined);
	return NULL;
}

/*
 * Before Linux 6.7 the kernel takes many layers from mount(2) only, and that
 * mounts at once: on a place of its own, from which it can be moved.
 */
static int
mount_layers(const struct view *v, const struct strv *opts, const char *lower,
	     uint64_t attrs)
{
	char *text = mem_join("lowerdir=", lower);

	for (size_t i = 0; i < opts->n; i += 2) {
		const char *value = opts->v[i + 1];

		if (strcmp(opts->v[i], "lowerdir+") != 0 &&
		    strcmp(opts->v[i], "source") != 0)
			text = mem_printf("%s,%s%s%s", text, opts->v[i],
					  value ? "=" : "", value ? value : "");
	}
	if (strlen(text) > OPTIONS_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (mkdirat(v->scratch, OVERLAY_NAME, 0700) < 0)
		return -1;
	return mount_at("overlay", v->base, OVERLAY_NAME, attrs, text);
}

static _Noreturn void
overlay_die(const struct op *op)
{
	int error = errno;
	const char *hint = NULL;

	if (error == EINVAL || error == ELOOP)
		hint = "a layer may not be inside another one, nor contain "
		       "mounts of the host; the work directory must be on the "
		       "file system of the upper one, which must take part in "
		       "user namespaces; at most two overlays are stacked";
	if (error == E2BIG)
		hint = "so many layers need Linux 6.7 or newer";
	if (error == EPERM || error == ENODEV)
		hint = "overlays in user namespaces need Linux 5.11 or newer, "
		       "with overlayfs";
	errno = error;
	die_hint(hint, "cannot mount an overlay on '%s': %m", op->dest);
}

void
view_overlay(struct view *v, const struct op *op)
{
	struct strv opts = {0};
	uint64_t attrs = MOUNT_SAFE;
	int tmpfs = -1, tree, moved;
	char *many;

	strv_push(&opts, "source");
	strv_push(&opts, "overlay");
	many = lower_layers(&opts, op);
	if (op->work) {
		strv_push(&opts, "upperdir");
		strv_push(&opts, layer(op->src, op->dest));
		strv_push(&opts, "workdir");
		strv_push(&opts, layer(op->work, op->dest));
	} else if (op->flags & OP_RO) {
		attrs |= MOUNT_ATTR_RDONLY;
	} else {
		tmpfs = temporary_upper(v, &opts);
	}
	/* attributes of trusted.* are root's; flags come last: no value */
	if (v->userns)
		strv_push(&opts, "userxattr");
	tree = mount_new("overlay", attrs, (const char *const *)opts.v);
	moved = tree < 0 && errno == EINVAL && many;
	if (moved)
		tree = mount_layers(v, &opts, many, attrs);
	if (tree < 0)
		overlay_die(op);
	if (tmpfs >= 0)
		remove_upper(v, tmpfs);
	view_place(v, tree, NULL, op->dest);
	if (moved && unlinkat(v->scratch, OVERLAY_NAME, AT_REMOVEDIR) < 0)
		die(ERR_TOOL, "cannot remove '/" OVERLAY_NAME "': %m");
	if (tree != v->root)
		close(tree);
}
