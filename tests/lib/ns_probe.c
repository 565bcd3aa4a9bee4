/*
 * ns_probe: what a program finds around itself, one word a question.  Static,
 * so that it runs in a file view that has nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int
say(const char *what, int failed)
{
	printf("%s: %s\n", what, failed ? strerror(errno) : "allowed");
	return fflush(stdout) == 0 ? 0 : 1;
}

/*
 * Says "ready", then "got N" for each signal in its order; TERM ends it, and
 * the signal that is named.
 */
static int
probe_signals(char **argv)
{
	sigset_t all;
	struct signalfd_siginfo info;
	unsigned last = SIGTERM;
	int fd;

	for (; *argv; argv++)
		if (strcmp(*argv, "group") == 0)
			setpgid(0, 0);
		else
			last = (unsigned)strtoul(*argv, NULL, 10);
	sigfillset(&all);
	sigdelset(&all, SIGTSTP);
	sigprocmask(SIG_SETMASK, &all, NULL);
	fd = signalfd(-1, &all, 0);
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (read(fd, &info, sizeof(info)) == sizeof(info)) {
		printf("got %u\n", info.ssi_signo);
		if (info.ssi_signo == SIGTERM || info.ssi_signo == last)
			return 3;
	}
	return 1;
}

/* The disposition and the mask that this program was started with. */
static int
probe_inherited(char **argv)
{
	sigset_t mask;

	(void)argv;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction sa;

		if (sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN)
			printf("ignored %d\n", sig);
		if (sigismember(&mask, sig) == 1)
			printf("blocked %d\n", sig);
	}
	printf("umask %04o\n", (unsigned)umask(0));
	return 0;
}

static int
probe_descriptors(char **argv)
{
	(void)argv;
	for (int fd = 0; fd < 4096; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d\n", fd);
	return 0;
}

static int
probe_capabilities(char **argv)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct d[2] = {{0}};
	int bounding = 0, ambient = 0, cap;

	(void)argv;
	syscall(SYS_capget, &head, d);
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		bounding += prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		ambient +=
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0);
	}
	printf("effective %x%08x permitted %x%08x inheritable %x%08x\n",
	       d[1].effective, d[0].effective, d[1].permitted, d[0].permitted,
	       d[1].inheritable, d[0].inheritable);
	printf("bounding %d ambient %d\n", bounding, ambient);
	printf("no_new_privs %d securebits %#x\n",
	       prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0),
	       (unsigned)prctl(PR_GET_SECUREBITS));
	return cap > 0 ? 0 : 1;
}

/* At once, for a window that closes. */
static int
probe_pid1_capabilities(char **argv)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 1};
	struct __user_cap_data_struct data[2];

	(void)argv;
	if (syscall(SYS_capget, &head, data) < 0)
		return say("capget", 1);
	printf("pid 1: effective %x%x permitted %x%x\n", data[1].effective,
	       data[0].effective, data[1].permitted, data[0].permitted);
	return 0;
}

/* unshare(2) with the flags whose names are given. */
static int
probe_unshare(char **argv)
{
	static const struct {
		const char *name;
		int flag;
	} kinds[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS},
		     {"pid", CLONE_NEWPID},   {"net", CLONE_NEWNET},
		     {"ipc", CLONE_NEWIPC},   {"uts", CLONE_NEWUTS}};
	int flags = 0;

	for (; *argv; argv++)
		for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (strcmp(*argv, kinds[i].name) == 0)
				flags |= kinds[i].flag;
	return say("unshare", unshare(flags) < 0);
}

/* Sends a signal: kill PID SIGNAL; pid 0 is the process group. */
static int
probe_kill(char **argv)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	int sig = (int)strtol(argv[1], NULL, 10);

	sigaction(sig, &ignore, NULL);
	return say("kill", kill((pid_t)strtol(argv[0], NULL, 10), sig) < 0);
}

/* Does the session keyring have a "user" key of this name? */
static int
probe_key(char **argv)
{
	long id = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
			  "user", argv[0], 0);

	return say("key", id < 0);
}

/* Puts such a key in a fresh session keyring and becomes the command. */
static int
probe_with_key(char **argv)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", argv[0], "secret", 6,
		    KEY_SPEC_SESSION_KEYRING) < 0)
		return say("add_key", 1);
	execvp(argv[1], argv + 1);
	return say(argv[1], 1);
}

/* Connects to the abstract socket of this name. */
static int
probe_abstract(char **argv)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(sun.sun_path + 1, argv[0], strlen(argv[0]));
	return say("connect",
		   connect(fd, (struct sockaddr *)&sun,
			   (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				       1 + strlen(argv[0]))) < 0);
}

static int
probe_ptrace(char **argv)
{
	char path[64], c;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/mem", argv[0]);
	fd = open(path, O_RDONLY);
	return say("mem", fd < 0 || pread(fd, &c, 1, 0) < 0);
}

static int
probe_cat(char **argv)
{
	char buf[4096];
	ssize_t n;
	int fd = open(argv[0], O_RDONLY);

	if (fd < 0)
		return say(argv[0], 1), 1;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		if (write(1, buf, (size_t)n) != n)
			return 1;
	return n < 0;
}

/* Leaves a process behind that holds stdout open, and ends. */
static int
probe_daemon(char **argv)
{
	(void)argv;
	if (fork() == 0) {
		setsid();
		if (fork() == 0)
			pause();
		_exit(0);
	}
	puts("daemon");
	return 0;
}

/* Replaces the directories A and B by each other until killed. */
static int
probe_swap(char **argv)
{
	while (syscall(SYS_renameat2, AT_FDCWD, argv[0], AT_FDCWD, argv[1],
		       2u /* RENAME_EXCHANGE */) == 0)
		;
	return say("renameat2", 1);
}

static int
probe_pause(char **argv)
{
	(void)argv;
	puts("ready");
	fflush(stdout);
	return pause();
}

/* Lets everybody else go on, three times over, while another one writes to
 * FILE, until the file DONE is there. */
static int
probe_go_on(char **argv)
{
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_APPEND, 0600);

	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			for (;;)
				kill(-1, SIGCONT);
	if (fork() == 0)
		while (write(fd, ".", 1) == 1)
			usleep(100);
	while (access(argv[1], F_OK) < 0)
		usleep(1000);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*probe)(char **);
		int args;
	} probes[] = {{"signals", probe_signals, 0},
		      {"inherited", probe_inherited, 0},
		      {"descriptors", probe_descriptors, 0},
		      {"capabilities", probe_capabilities, 0},
		      {"pid1-capabilities", probe_pid1_capabilities, 0},
		      {"unshare", probe_unshare, 1},
		      {"kill", probe_kill, 2},
		      {"key", probe_key, 1},
		      {"with-key", probe_with_key, 2},
		      {"abstract", probe_abstract, 1},
		      {"mem", probe_ptrace, 1},
		      {"cat", probe_cat, 1},
		      {"daemon", probe_daemon, 0},
		      {"swap", probe_swap, 2},
		      {"go-on", probe_go_on, 2},
		      {"pause", probe_pause, 0}};

	for (size_t i = 0; argc > 1 && i < sizeof(probes) / sizeof(*probes);
	     i++)
		if (strcmp(argv[1], probes[i].name) == 0 &&
		    argc - 2 >= probes[i].args)
			return probes[i].probe(argv + 2);
	fprintf(stderr, "ns_probe: no such question\n");
	return 2;
}
