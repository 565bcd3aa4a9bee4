/*
 * --overlay and its like.  A layer is opened once and given to the kernel as
 * /proc/self/fd/N: a name without the colons and commas that mean something
 * there, that no racing link redirects, and that says nothing of the host in
 * /proc/self/mountinfo inside.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "pen-ns/lookup.h"
#include "pen-ns/mount.h"
#include "pen-ns/overlay.h"
#include "pen-ns/view.h"

/* What fsconfig(2) takes as a value. */
#define VALUE_MAX 255

/* What mount(2) takes of options: a page (copy_mount_options). */
#define OPTIONS_MAX 4095

static char *
open_layer(const char *path, const char *dest)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), first = fd;
	char name[PATH_MAX];

	if (fd >= 0 && strncmp(path, "/proc/self/fd/", 14) == 0) {
		fd = lookup_again(first, name);
		close(first);
	}
	if (fd < 0)
		die(ERR_TOOL, "cannot overlay '%s' on '%s': %m", path, dest);
	return mem_printf("/proc/self/fd/%d", fd);
}

static void
make_directory(const struct view *v, const char *name)
{
	if (mkdirat(v->base, name, 0755) < 0)
		die(ERR_TOOL, "cannot make an upper layer: %m");
}

/* Directories to write to, in base, which is not inside. */
static void
temporary_upper(struct view *v, struct strv *opts)
{
	char *upper = view_name(v), *work = view_name(v);

	make_directory(v, upper);
	make_directory(v, work);
	strv_push(opts, "upperdir");
	strv_push(opts, mem_printf("/proc/self/fd/%d/%s", v->base, upper));
	strv_push(opts, "workdir");
	strv_push(opts, mem_printf("/proc/self/fd/%d/%s", v->base, work));
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
		char *name = open_layer(op->layers.v[i - 1], op->dest);

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
mount_layers(struct view *v, const struct strv *opts, const char *lower,
	     uint64_t attrs)
{
	char *text = mem_join("lowerdir=", lower), *place;

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
	place = view_name(v);
	if (mkdirat(v->base, place, 0700) < 0)
		return -1;
	return mount_at("overlay", v->base, place, attrs, text);
}

static _Noreturn void
overlay_die(const char *dest)
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
	die_hint(hint, "cannot mount an overlay on '%s': %m", dest);
}

void
overlay_place(struct view *v, const struct op *op)
{
	struct strv opts = {0};
	uint64_t attrs = MOUNT_SAFE;
	int tree;
	char *many;

	strv_push(&opts, "source");
	strv_push(&opts, "overlay");
	many = lower_layers(&opts, op);
	if (op->work) {
		strv_push(&opts, "upperdir");
		strv_push(&opts, open_layer(op->src, op->dest));
		strv_push(&opts, "workdir");
		strv_push(&opts, open_layer(op->work, op->dest));
	} else if (op->flags & OP_RO) {
		attrs |= MOUNT_ATTR_RDONLY;
	} else {
		temporary_upper(v, &opts);
	}
	/* attributes of trusted.* are root's; flags come last: no value */
	if (v->userns)
		strv_push(&opts, "userxattr");
	tree = mount_new("overlay", attrs, (const char *const *)opts.v);
	if (tree < 0 && errno == EINVAL && many)
		tree = mount_layers(v, &opts, many, attrs);
	if (tree < 0)
		overlay_die(op->dest);
	view_mount(v, tree, NULL, op->dest);
}
