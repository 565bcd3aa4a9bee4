#include "pen/device.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen/path.h"

/* Directories of nodes, such as /dev/dri, are two deep at most. */
#define DEPTH_MAX 2

/* The nodes of a GPU: render nodes draw and compute, and own no screen. */
static const char *const gpu_nodes[] = {"/dev/dri/renderD*", "/dev/kfd",
					"/dev/dxg"};

static const char *const nvidia_nodes[] = {
    "/dev/nvidia[0-9]*",     "/dev/nvidiactl",	    "/dev/nvidia-uvm",
    "/dev/nvidia-uvm-tools", "/dev/nvidia-modeset", "/dev/nvidia-caps/*"};

/* What its libraries read beside them. */
static const char *const nvidia_sys[] = {"/sys/module/nvidia",
					 "/sys/module/nvidia_uvm"};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

/* Shows a directory of /sys under the name by which a link leads there. */
static void
show_sys(struct view *v, const char *path)
{
	char *real = realpath(path, NULL), target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (real && path_within(real, "/sys") && strcmp(real, "/sys") != 0 &&
	    !view_has(v, real))
		view_bind(v, VIEW_RO, real, real, -1);
	if (real && n > 0) {
		target[n] = '\0';
		view_link(v, path, target);
	}
	free(real);
}

/*
 * The device of a node: libdrm and its like begin at /sys/dev/char, and go from
 * there to the hardware.
 */
static void
show_sys_device(struct view *v, dev_t id)
{
	char *link = mem_printf("/sys/dev/char/%u:%u", major(id), minor(id));
	char *hardware = path_join(link, "device");
	char *real = realpath(hardware, NULL), *class = NULL, *name;
	char *subsystem = path_join(link, "subsystem");

	/* the hardware's directory has the node's own in it */
	if (real && path_within(real, "/sys/devices"))
		show_sys(v, real);
	show_sys(v, link);
	free(real);
	real = realpath(link, NULL);
	class = realpath(subsystem, NULL);
	if (real && class) {
		name = path_join(class, strrchr(real, '/') + 1);
		show_sys(v, name);
		free(name);
	}
	free(real);
	free(class);
	free(subsystem);
	free(hardware);
	free(link);
}

/* Whether a node is one that nobody should have: a terminal types for others.
 */
static int
is_terminal(dev_t id)
{
	return major(id) == 4 || major(id) == 5 ||
	       (major(id) >= 136 && major(id) <= 143);
}

/* Shows one node; -1 when it is none. */
static int
show_node(struct view *v, const char *path, const char *from)
{
	char *real = realpath(path, NULL);
	struct stat st;
	int is_node = real && stat(real, &st) == 0 && S_ISCHR(st.st_mode);

	if (real && stat(real, &st) == 0 &&
	    (S_ISBLK(st.st_mode) || (is_node && is_terminal(st.st_rdev))))
		die(ERR_TOOL, "dev '%s' (%s): a %s is not shown to a pen", path,
		    from, S_ISBLK(st.st_mode) ? "disk" : "terminal");
	if (is_node) {
		strv_push(&v->more, "--dev-bind");
		strv_push(&v->more, mem_copy(real));
		strv_push(&v->more, mem_copy(path));
		show_sys_device(v, st.st_rdev);
	}
	free(real);
	return is_node ? 0 : -1;
}

/* Shows a node, or those in a directory; how many there are. */
static int
show_nodes(struct view *v, const char *path, const char *from, int depth)
{
	DIR *d;
	struct dirent *e;
	int n = 0;

	if (show_node(v, path, from) == 0)
		return 1;
	d = depth > 0 ? opendir(path) : NULL;
	while (d && (e = readdir(d))) {
		char *name = path_join(path, e->d_name);

		if (*e->d_name != '.')
			n += show_nodes(v, name, from, depth - 1);
		free(name);
	}
	if (d)
		closedir(d);
	return n;
}

static int
show_pattern(struct view *v, const char *pattern, const char *from)
{
	glob_t g = {0};
	int n = 0;

	if (glob(pattern, 0, NULL, &g) == 0)
		for (size_t i = 0; i < g.gl_pathc; i++)
			n += show_node(v, g.gl_pathv[i], from) == 0;
	globfree(&g);
	return n;
}

static int
show_nvidia(struct view *v, const char *from)
{
	int n = 0;

	for (size_t i = 0; i < COUNT(nvidia_nodes); i++)
		n += show_pattern(v, nvidia_nodes[i], from);
	for (size_t i = 0; n > 0 && i < COUNT(nvidia_sys); i++)
		show_sys(v, nvidia_sys[i]);
	return n;
}

static void
show_gpu(struct view *v, const char *from)
{
	int n = show_nvidia(v, from);

	for (size_t i = 0; i < COUNT(gpu_nodes); i++)
		n += show_pattern(v, gpu_nodes[i], from);
	if (n == 0)
		err_warn("gpu (%s): this host has none that is known", from);
	else
		err_warn("gpu (%s): what runs inside can attack the kernel by "
			 "the GPU's driver, and may see what others draw",
			 from);
}

/* How many nodes an item of dev has. */
static int
show_item(struct view *v, const char *text, const char *from)
{
	char *path;
	int n;

	if (strcmp(text, "nvidia") == 0)
		return show_nvidia(v, from);
	path = path_expand(text, "");
	if (!path_within(path, "/dev") || strcmp(path, "/dev") == 0)
		die(ERR_TOOL, "dev '%s' (%s): it is not below /dev", text,
		    from);
	n = show_nodes(v, path, from, DEPTH_MAX);
	free(path);
	return n;
}

void
device_show(const struct settings *s, struct view *v)
{
	const struct settings_list *l = &s->list[SET_DEV];

	for (size_t i = 0; i < l->n; i++) {
		const char *text = l->v[i].text, *from = l->v[i].from;
		int optional = *text == '-';
		int n = show_item(v, text + optional, from);

		if (n == 0 && !optional)
			die(ERR_TOOL, "dev '%s' (%s): there is no such device",
			    text, from);
		if (n > 0)
			err_warn("dev '%s' (%s): what runs inside can attack "
				 "the kernel by its driver",
				 text + optional, from);
	}
	if (settings_on(s, SET_GPU))
		show_gpu(v, s->list[SET_GPU].v[0].from);
}
