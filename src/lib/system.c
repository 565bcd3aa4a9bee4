#include "lib/system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/sshconf.h"
#include "lib/trees.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

#define PHP_SIZE "16777216"

/*
 * Secrets below /etc.  Distributions keep them from users; root reads them,
 * and so does a user whose groups or whose administrator say so.
 */
static const char system_secrets[][40] = {
    "NetworkManager/system-connections",
    "apt/auth.conf",
    "apt/auth.conf.d",
    "cifs-credentials",
    "cups/ssl",
    "docker/key.json",
    "exim4/passwd.client",
    "gshadow",
    "gshadow-",
    "ipsec.secrets",
    "iwd",
    "krb5.keytab",
    "kubernetes/admin.conf",
    "kubernetes/pki",
    "letsencrypt/accounts",
    "letsencrypt/archive",
    "letsencrypt/keys",
    "letsencrypt/live",
    "msmtprc",
    "mysql/debian.cnf",
    "openvpn",
    "pki/tls/private",
    "polkit-1/rules.d",
    "postfix/sasl_passwd",
    "ppp/chap-secrets",
    "ppp/pap-secrets",
    "rancher",
    "samba/private",
    "security/opasswd",
    "shadow",
    "shadow-",
    "ssh/ssh_host_dsa_key",
    "ssh/ssh_host_ecdsa_key",
    "ssh/ssh_host_ed25519_key",
    "ssh/ssh_host_rsa_key",
    "ssl/private",
    "sudoers",
    "sudoers.d",
    "swanctl/private",
    "wireguard",
    "wpa_supplicant",
};

/*
 * Whether path is a directory, which *st describes.  What cannot be looked at
 * for another reason than that it is missing or closed is fatal: the view would
 * differ from run to run.
 */
static int
is_directory(const char *path, int flags, struct stat *st)
{
	if (fstatat(AT_FDCWD, path, st, flags) == 0)
		return S_ISDIR(st->st_mode);
	if (errno != ENOENT && errno != ENOTDIR && errno != EACCES &&
	    errno != ELOOP)
		die(ERR_TOOL, "cannot look at '%s': %m", path);
	return 0;
}

/* Whether path is in a tree that is bound. */
static int
is_in_tree(const char *path)
{
	for (const char *const *tree = trees_system; *tree; tree++) {
		size_t n = strlen(*tree);
		struct stat st;

		if (strncmp(path, *tree, n) == 0 &&
		    (path[n] == '/' || path[n] == '\0') &&
		    is_directory(*tree, AT_SYMLINK_NOFOLLOW, &st))
			return 1;
	}
	return 0;
}

/* Whether path is "/", or has the home directory in it: homes are no trees. */
static int
is_around_home(const char *path)
{
	char *home = getenv("HOME") ? realpath(getenv("HOME"), NULL) : NULL;
	size_t n = strlen(path);
	int around =
	    strcmp(path, "/") == 0 || (home && strncmp(home, path, n) == 0 &&
				       (home[n] == '/' || home[n] == '\0'));

	free(home);
	return around;
}

static void
push(struct strv *words, const char *option, const char *a, const char *b)
{
	strv_push(words, option);
	strv_push(words, a);
	if (b)
		strv_push(words, b);
}

/* Binds what the link path leads to, if it leads out of what is shown. */
static void
add_target(struct strv *words, const char *path)
{
	char *real = realpath(path, NULL);
	struct stat st;

	if (real && !is_in_tree(real) && !is_around_home(real) &&
	    is_directory(real, 0, &st))
		push(words, "--ro-bind", mem_copy(real), mem_copy(real));
	free(real);
}

/* Takes a tree as it is found: a link is made again, a directory bound. */
static void
add_tree(struct strv *words, const char *path)
{
	char target[PATH_MAX] = "";
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	int is_local = strcmp(path, "/usr/local") == 0; /* there with /usr */

	if (n >= 0) {
		if (!is_local)
			push(words, "--symlink", mem_copy(target), path);
		add_target(words, path);
	} else if (errno == EINVAL) { /* no link */
		if (!is_local)
			push(words, "--ro-bind", path, path);
	} else if (errno != ENOENT && errno != ENOTDIR) {
		die(ERR_TOOL, "cannot look at '%s': %m", path);
	}
}

/* What belongs to programs, and is open to everybody. */
static void
add_data(struct strv *words, const char *path)
{
	struct stat st;

	if (is_directory(path, 0, &st) &&
	    (st.st_mode & (S_IROTH | S_IXOTH)) == (S_IROTH | S_IXOTH))
		add_tree(words, path);
}

/* Everybody's sessions are in one directory, which nobody can list. */
static void
add_php(struct strv *words)
{
	static const char sessions[] = "/var/lib/php/sessions";

	if (access("/var/lib/php", R_OK | X_OK) < 0 ||
	    access(sessions, W_OK | X_OK) < 0)
		return;
	push(words, "--perms", "1733", NULL);
	push(words, "--size", PHP_SIZE, NULL);
	push(words, "--tmpfs", sessions, NULL);
}

/* Can the file be read or entered?  When that cannot be told, it can. */
static int
can_open(const char *path)
{
	if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return errno != EACCES ||
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0 ||
	       errno != EACCES;
}

static void
add_etc(struct strv *words)
{
	push(words, "--ro-bind", "/etc", "/etc");
	for (size_t i = 0; i < COUNT(system_secrets); i++) {
		char *path = mem_join("/etc/", system_secrets[i]);

		if (can_open(path))
			push(words, "--mask", path, NULL);
	}
	sshconf_add(words);
}

/*
 * The resource limits of the own cgroup, as a container sees them.  The
 * hierarchy of version 1 is not shown: it names every service of the host.
 */
static void
add_cgroup(struct strv *words)
{
	struct statfs fs;

	if (statfs("/sys/fs/cgroup", &fs) == 0) {
		if (fs.f_type == CGROUP2_SUPER_MAGIC)
			push(words, "--cgroup", "/sys/fs/cgroup", NULL);
	} else if (errno != ENOENT && errno != EACCES) {
		die(ERR_TOOL, "cannot look at '/sys/fs/cgroup': %m");
	}
}

void
system_add(struct strv *words)
{
	for (const char *const *tree = trees_system; *tree; tree++)
		add_tree(words, *tree);
	for (const char *const *data = trees_data; *data; data++)
		add_data(words, *data);
	add_php(words);
	if (access("/etc", F_OK) == 0 || errno != ENOENT)
		add_etc(words);
	add_cgroup(words);
}
