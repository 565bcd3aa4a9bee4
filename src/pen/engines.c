#include "pen/engines.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/err.h"
#include "pen/path.h"
#include "pen/path_follow.h"

/*
 * Where the engines make their sockets.  "~" and "$" are the home and the
 * runtime directory.  A socket anywhere that ends in the last name of one of
 * these counts as well, and so does a directory in which the end of one of
 * these paths leads to a socket.
 */
static const char *const engines[] = {"/run/docker.sock",
				      "/run/docker/docker.sock",
				      "/run/podman/podman.sock",
				      "/run/containerd/containerd.sock",
				      "/run/k3s/containerd/containerd.sock",
				      "/run/docker/containerd/containerd.sock",
				      "/run/crio/crio.sock",
				      "/run/cri-dockerd.sock",
				      "/run/buildkit/buildkitd.sock",
				      "/run/libvirt/libvirt-sock",
				      "/run/incus/unix.socket",
				      "/var/lib/incus/unix.socket",
				      "/var/lib/lxd/unix.socket",
				      "/var/snap/lxd/common/lxd/unix.socket",
				      "/run/systemd/private",
				      "$/docker.sock",
				      "$/podman/podman.sock",
				      "$/containerd/containerd.sock",
				      "$/systemd/private",
				      "~/.docker/run/docker.sock",
				      "~/.docker/desktop/docker.sock",
				      "~/.colima/default/docker.sock",
				      "~/.rd/docker.sock",
				      "~/.orbstack/run/docker.sock"};

#define ENGINES (sizeof(engines) / sizeof(*engines))

static int
is_socket(const char *path, struct stat *st)
{
	return stat(path, st) == 0 && S_ISSOCK(st->st_mode);
}

static const char *
last_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* The absolute path of an engine's socket, or NULL where there is none. */
static char *
socket_path(const struct project *p, const char *engine)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (*engine == '$')
		return runtime ? mem_join(runtime, engine + 1) : NULL;
	return path_expand(engine, p->home);
}

/* Whether the socket path is an engine's, by its name or by the file. */
static int
is_engine(const struct project *p, const char *path, const struct stat *st)
{
	for (size_t i = 0; i < ENGINES; i++) {
		char *known = socket_path(p, engines[i]);
		struct stat other;
		int same = strcmp(last_name(path), last_name(engines[i])) == 0;

		if (!same && known && is_socket(known, &other))
			same = other.st_dev == st->st_dev &&
			       other.st_ino == st->st_ino;
		free(known);
		if (same)
			return 1;
	}
	return 0;
}

/* The engine's socket in the directory dir, or NULL. */
static char *
find_engine(const char *dir)
{
	struct stat st;

	for (size_t i = 0; i < ENGINES; i++) {
		const char *end = engines[i];

		while ((end = strchr(end, '/'))) {
			char *path = path_join(dir, ++end);

			if (is_socket(path, &st))
				return path;
			free(path);
		}
	}
	return NULL;
}

/* What DOCKER_HOST and its like name, if it is path or in it. */
static char *
find_named(const char *path)
{
	static const char *const variables[] = {"DOCKER_HOST", "CONTAINER_HOST",
						"CONTAINERD_ADDRESS",
						"BUILDKIT_HOST"};
	static const char scheme[] = "unix://";
	struct stat st;

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *value = getenv(variables[i]);
		char *real;

		if (value && strncmp(value, scheme, strlen(scheme)) == 0)
			value += strlen(scheme);
		if (!value || *value != '/' || !is_socket(value, &st))
			continue;
		real = path_follow(value, NULL, NULL);
		if (real && path_within(real, path))
			return real;
		free(real);
	}
	return NULL;
}

/* The engine's socket that is path, or is in path; or NULL. */
static char *
find_granted(const struct project *p, const char *path)
{
	char *real = path_follow(path, NULL, NULL), *found = NULL;
	struct stat st;

	if (real && is_socket(real, &st) && is_engine(p, real, &st))
		return real;
	if (real)
		found = find_named(real);
	if (real && !found && stat(real, &st) == 0 && S_ISDIR(st.st_mode))
		found = find_engine(real);
	free(real);
	return found;
}

void
engines_warn(const struct settings *s, const struct project *p)
{
	static const enum settings_key keys[] = {SET_RO, SET_RW};

	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
		for (size_t i = 0; i < s->list[keys[k]].n; i++) {
			const struct settings_item *item =
			    &s->list[keys[k]].v[i];
			const char *text = item->text + (*item->text == '-');
			char *path = path_expand(text, p->home);
			char *found = find_granted(p, path);

			if (found)
				err_warn("%s '%s' (%s) gives '%s' to whatever "
					 "runs inside: that is root on the "
					 "host, or the account of whoever runs "
					 "the engine",
					 settings_name(keys[k]), text,
					 item->from, found);
			free(found);
			free(path);
		}
}
