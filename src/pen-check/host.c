/* What of the host makes pen stronger or weaker, beside the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/mem.h"
#include "pen-check/checks.h"
#include "pen-check/try.h"

/* Of file systems whose headers have no name for it (statfs(2)). */
#define NTFS3_MAGIC 0x7366746e
#define VFAT_MAGIC 0x4d44
#define SMB2_MAGIC 0xfe534d42u
#define CIFS_MAGIC 0xff534d42u

static void
check_tun(struct report *r)
{
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	int gone = fd < 0 && errno == ENOENT;
	struct finding f = {
	    .group = "host",
	    .name = mem_copy("/dev/net/tun"),
	    .state = fd < 0 ? REPORT_WEAKER : REPORT_OK,
	    .found = mem_copy(fd < 0 ? strerror(errno) : "can be opened"),
	    .matters = "pasta needs it, for --open and nothing else.",
	    .advice = gone ? "In a container: docker run --device /dev/net/tun."
			   : NULL,
	    .command =
		gone ? "sudo modprobe tun" : "sudo chmod 0666 /dev/net/tun"};

	report_add(r, &f);
	if (fd >= 0)
		close(fd);
}

static void
check_pasta(struct report *r)
{
	char *path = chain_find("pasta"), said[TRY_TEXT] = "";
	const char *const argv[] = {path, "--version", NULL};
	struct finding f = {.group = "host",
			    .name = mem_copy("pasta"),
			    .state = path ? REPORT_OK : REPORT_WEAKER,
			    .matters = "--open needs it; nothing else does.",
			    .advice = "Install the package passt."};

	if (path)
		try_program(argv, said);
	said[strcspn(said, "\n")] = '\0';
	f.found = path ? mem_printf("%s: %s", path, *said ? said : "no version")
		       : mem_copy("not on PATH");
	report_add(r, &f);
	free(path);
}

/* Whether any process may use io_uring. */
static int
has_io_uring(void)
{
	return syscall(SYS_io_uring_setup, 0, NULL) < 0 && errno == EFAULT;
}

static const struct {
	const char *path, *good; /* its values that are not weaker */
	const char *matters, *command;
	/* what to do about a kernel that has the feature and no sysctl, or
	 * NULL: it has neither; and what tells whether it has the feature */
	const char *lacking;
	int (*has_feature)(void);
} sysctls[] = {
    {"/proc/sys/kernel/kptr_restrict", "12",
     "Addresses of the kernel help whoever attacks it.",
     "sudo sysctl kernel.kptr_restrict=1", NULL, NULL},
    {"/proc/sys/kernel/dmesg_restrict", "1",
     "The kernel's log names addresses and hardware; a pen does not show it, "
     "what runs outside may.",
     "sudo sysctl kernel.dmesg_restrict=1", NULL, NULL},
    {"/proc/sys/kernel/unprivileged_bpf_disabled", "12",
     "A pen refuses bpf(2); what runs outside may load programs.",
     "sudo sysctl kernel.unprivileged_bpf_disabled=1", NULL, NULL},
    {"/proc/sys/kernel/io_uring_disabled", "12",
     "A pen refuses io_uring; what runs outside may use it.",
     "sudo sysctl kernel.io_uring_disabled=2",
     "Use Linux 6.6 or newer, which can turn it off.", has_io_uring},
    {"/proc/sys/dev/tty/legacy_tiocsti", "0",
     "A pen refuses TIOCSTI; what runs outside may type for you.",
     "sudo sysctl dev.tty.legacy_tiocsti=0",
     "Use Linux 6.2 or newer, which can turn it off.", NULL},
    {"/proc/sys/kernel/yama/ptrace_scope", "123",
     "Your other programs may read the memory of pen's helpers.",
     "sudo sysctl kernel.yama.ptrace_scope=1",
     "Use a kernel with Yama in CONFIG_LSM.", NULL},
};

/* The kernel lacks it, or /proc does not show it. */
static void
judge_lack(struct finding *f, size_t i, int error)
{
	const char *lacking = sysctls[i].lacking;

	f->command = NULL;
	if (error != ENOENT || access("/proc/sys/kernel", X_OK) < 0) {
		f->state = REPORT_WEAKER;
		f->found = mem_printf("cannot be read: %s", strerror(error));
		f->advice = "In a container: show /proc/sys.";
		return;
	}
	f->found = mem_copy("not in this kernel");
	if (!lacking || (sysctls[i].has_feature && !sysctls[i].has_feature()))
		return;
	f->state = REPORT_WEAKER;
	f->advice = lacking;
}

static void
check_sysctls(struct report *r)
{
	for (size_t i = 0; i < sizeof(sysctls) / sizeof(*sysctls); i++) {
		char *value = try_read(sysctls[i].path);
		int error = errno;
		struct finding f = {
		    .group = "host",
		    .name = mem_copy(strrchr(sysctls[i].path, '/') + 1),
		    .matters = sysctls[i].matters,
		    .command = sysctls[i].command};

		if (!value) {
			judge_lack(&f, i, error);
		} else {
			f.found = mem_copy(value);
			if (!*value || !strchr(sysctls[i].good, *value))
				f.state = REPORT_WEAKER;
		}
		report_add(r, &f);
		free(value);
	}
}

/* Why the account of a run cannot be whole on such a file system, or NULL. */
static const char *
doubt_times(unsigned long type)
{
	switch (type) {
	case NFS_SUPER_MAGIC:
	case SMB_SUPER_MAGIC:
	case SMB2_MAGIC:
	case CIFS_MAGIC:
		return "on a server, which decides what a change time is";
	case FUSE_SUPER_MAGIC:
	case V9FS_MAGIC:
		return "by FUSE or 9p, where a change time may be anything";
	case VFAT_MAGIC:
	case NTFS3_MAGIC:
		return "a file system whose change time can be set";
	}
	return NULL;
}

static void
check_file_system(struct report *r, const char *what, const char *path)
{
	struct statfs fs;
	const char *doubt = NULL;
	struct finding f = {
	    .group = "host",
	    .name = mem_copy(what),
	    .matters = "What a run changed is told by the kernel's times.",
	    .advice = "Keep projects and state on a local file system."};

	if (statfs(path, &fs) < 0) {
		f.found = mem_printf("cannot look at '%s': %m", path);
		f.state = errno == ENOENT ? REPORT_OK : REPORT_WEAKER;
	} else {
		doubt = doubt_times((unsigned long)fs.f_type);
		f.found = mem_printf("%s%s%s", path, doubt ? ", " : "",
				     doubt ? doubt : "");
		f.state = doubt ? REPORT_WEAKER : REPORT_OK;
	}
	report_add(r, &f);
}

/* The directory of this process in the cgroup v2 tree, or NULL. */
static char *
find_cgroup(void)
{
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[4096], *path = NULL;

	while (f && !path && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "0::", 3) == 0)
			path = mem_join("/sys/fs/cgroup", line + 3);
	}
	if (f)
		fclose(f);
	return path;
}

static void
check_cgroup(struct report *r)
{
	char *dir = find_cgroup();
	char *procs = dir ? mem_join(dir, "/cgroup.procs") : NULL;
	char *systemd_run = chain_find("systemd-run");
	int own = procs && access(procs, W_OK) == 0;
	int user = systemd_run && access("/run/systemd/system", F_OK) == 0;
	struct finding f = {
	    .group = "host",
	    .name = mem_copy("cgroup v2"),
	    .state = own || user ? REPORT_OK : REPORT_WEAKER,
	    .found = mem_copy(own    ? "delegated"
			      : user ? "by systemd-run --user --scope"
			      : dir  ? "not delegated"
				     : "not mounted, or version 1 beside"),
	    .matters = "Memory and processor time of a run cannot be limited; "
		       "its processes and files can.",
	    .advice = "Use systemd 244 or newer with cgroup v2."};

	report_add(r, &f);
	free(dir);
	free(procs);
	free(systemd_run);
}

static void
check_clock(struct report *r)
{
	struct timex t = {0};
	int unset = adjtimex(&t) < 0 || t.status & STA_UNSYNC;
	const char *found = unset ? "not synchronised here" : "synchronised";
	struct finding f = {.group = "host",
			    .name = mem_copy("clock"),
			    .found = mem_copy(found)};

	report_add(r, &f);
}

void
check_host(struct report *r)
{
	const char *home = getenv("HOME"), *state = getenv("XDG_STATE_HOME");
	char *standard = mem_join(home ? home : "/", "/.local/state");

	check_tun(r);
	check_pasta(r);
	check_sysctls(r);
	check_file_system(r, "home directory", home ? home : "/");
	check_file_system(r, "state directory", state ? state : standard);
	check_cgroup(r);
	check_clock(r);
	free(standard);
}
