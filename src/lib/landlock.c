#include "lib/landlock.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A flag of create_ruleset, and the types of rules. */
enum { GET_VERSION = 1, RULE_PATH = 1, RULE_PORT = 2 };

/* The three fields that create_ruleset has had since version 6. */
struct ruleset {
	uint64_t files, net, scope;
};

/* What each version knows beyond the one before. */
static const struct ruleset versions[] = {
    {(1 << 13) - 1, 0, 0}, /* Linux 5.13 */
    {1 << 13, 0, 0},	   /* 5.19: REFER */
    {1 << 14, 0, 0},	   /* 6.2: TRUNCATE */
    {0, 3, 0},		   /* 6.7 */
    {1 << 15, 0, 0},	   /* 6.10: IOCTL_DEV */
    {0, 0, 3},		   /* 6.12 */
    {0, 0, 0},		   /* 6.15: logging */
    {0, 0, 0},		   /* 7.0: all threads at once */
    {1 << 16, 0, 0},	   /* 7.1: RESOLVE_UNIX */
    {0, 12, 0},		   /* 7.2: UDP */
};
#define VERSIONS ((long)(sizeof(versions) / sizeof(*versions)))

static int
allow_path(int fd, const struct landlock_path *path, uint64_t known)
{
	struct {
		uint64_t rights;
		int32_t dir;
	} __attribute__((packed)) rule = {path->rights & known, path->dir};

	if (path->dir < 0 || rule.rights == 0)
		return 0;
	return (int)syscall(SYS_landlock_add_rule, fd, RULE_PATH, &rule, 0);
}

static int
allow_port(int fd, uint16_t port)
{
	struct {
		uint64_t rights, port;
	} rule = {LANDLOCK_DIAL, port};

	return (int)syscall(SYS_landlock_add_rule, fd, RULE_PORT, &rule, 0);
}

static int
add_rules(int fd, const struct landlock *l, const struct ruleset *known)
{
	int r = 0;

	for (size_t i = 0; i < l->paths_n && r == 0; i++)
		r = allow_path(fd, &l->paths[i], known->files);
	for (size_t i = 0; i < l->ports_n && known->net && r == 0; i++)
		r = allow_port(fd, l->ports[i]);
	return r;
}

int
landlock_restrict(const struct landlock *l)
{
	long version =
	    syscall(SYS_landlock_create_ruleset, NULL, 0, GET_VERSION);
	struct ruleset r = {0};
	int fd, result, saved;

	if (version < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
		return -1;
	for (long i = 0; i < version && i < VERSIONS; i++) {
		r.files |= l->files & versions[i].files;
		r.net |= l->net & versions[i].net;
		r.scope |= l->scope & versions[i].scope;
	}
	if (l->if_known & ~r.files)
		r.files = 0;
	if (!r.files && !r.net && !r.scope)
		return 0;
	/* an older kernel takes a larger structure whose rest is zero */
	fd = (int)syscall(SYS_landlock_create_ruleset, &r, sizeof(r), 0);
	if (fd < 0)
		return -1;
	result = add_rules(fd, l, &r);
	if (result == 0)
		result = (int)syscall(SYS_landlock_restrict_self, fd, 0);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}
