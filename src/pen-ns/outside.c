#include "pen-ns/outside.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/message.h"

/*
 * Is prog to lead a process group of its own?  Yes where it has the terminal
 * and nobody else has: the group that it would be in has no number in the jail,
 * and a shell could not give the terminal back to it.
 */
static int
is_alone(const struct ns *ns)
{
	pid_t group = tcgetpgrp(STDIN_FILENO);

	/* the first of a pipeline has not all three */
	return group > 0 && group == tcgetpgrp(STDOUT_FILENO) &&
	       group == tcgetpgrp(STDERR_FILENO) && group == getpgrp() &&
	       group == getpid() && !ns->plain && !ns->new_session &&
	       ns_has_reaper(ns);
}

void
outside_prepare(struct ns *ns)
{
	const int type = SOCK_SEQPACKET | SOCK_CLOEXEC;

	ns->monitor = chain_sibling("pen-monitor");
	ns->leads = is_alone(ns);
	ioctl(STDERR_FILENO, TIOCGWINSZ, &ns->terminal); /* where it leads */
	if ((ns->at_end &&
	     socketpair(AF_UNIX, type | SOCK_NONBLOCK, 0, ns->layer) < 0) ||
	    (ns->watch && socketpair(AF_UNIX, type, 0, ns->watching) < 0))
		die(ERR_TOOL, "cannot make a socket pair: %m");
}

static void
add_words(struct strv *words, const char *option, char *value)
{
	strv_push(words, option);
	if (value)
		strv_push(words, value);
}

/* A descriptor that pen-monitor inherits. */
static char *
pass_descriptor(int fd)
{
	fd_cloexec(fd, 0);
	return mem_printf("%d", fd);
}

static char *
format_mask(const sigset_t *set)
{
	unsigned long long bits = 0;

	for (int sig = 1; sig <= 64; sig++)
		if (sigismember(set, sig) == 1)
			bits |= 1ULL << (sig - 1);
	return mem_printf("%llx", bits);
}

void
outside_become(const struct ns *ns, const struct signals *sig, pid_t child,
	       int sock)
{
	struct strv w = {0};

	add_words(&w, ns->monitor, NULL);
	add_words(&w, "--name", mem_copy(err_prog));
	strv_push(&w, mem_printf("%d", err_status));
	add_words(&w, "--child", mem_printf("%d", (int)child));
	add_words(&w, "--sock", pass_descriptor(sock));
	add_words(&w, "--mask", format_mask(&sig->mask));
	add_words(&w, "--namespaces", mem_printf("%lu", ns->unshare));
	if (!ns_has_reaper(ns))
		add_words(&w, "--direct", NULL);
	if (ns->stays)
		add_words(&w, "--stays", NULL);
	if (ns->plain)
		add_words(&w, "--plain", NULL);
	if (err_levels)
		add_words(&w, "--level-prefix", NULL);
	if (ns->info >= 0)
		add_words(&w, "--info-fd", pass_descriptor(ns->info));
	if (ns->json >= 0)
		add_words(&w, "--json-status-fd", pass_descriptor(ns->json));
	if (ns->leads) {
		add_words(&w, "--leads", mem_printf("%u", ns->terminal.ws_row));
		strv_push(&w, mem_printf("%u", ns->terminal.ws_col));
	}
	if (ns->at_end) {
		add_words(&w, "--at-end", mem_copy(ns->at_end));
		strv_push(&w, pass_descriptor(ns->manifest));
		strv_push(&w, pass_descriptor(ns->layer[0]));
	}
	if (ns->watch) {
		add_words(&w, "--watch", mem_copy(ns->watch));
		strv_push(&w, pass_descriptor(ns->plan));
		strv_push(&w, pass_descriptor(ns->watching[0]));
	}
	execv(ns->monitor, w.v);
	die(ERR_TOOL, "cannot execute '%s': %m", ns->monitor);
}

/* A directory that can be read, which the mount's own descriptor cannot. */
void
outside_send_layer(const struct ns *ns, int proc)
{
	static const char word[] = {FREEZE_LAYER};
	int fds[] = {open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
		     openat(proc, "self/ns/user", O_RDONLY | O_CLOEXEC),
		     openat(proc, "self/ns/mnt", O_RDONLY | O_CLOEXEC)};

	if (fds[0] < 0 || fds[1] < 0 || fds[2] < 0 ||
	    (ns->at_end && fd_send(ns->layer[1], word, 1, fds, 1) < 0) ||
	    (ns->watch && fd_send(ns->watching[1], word, 1, fds, 3) < 0) ||
	    chdir("/") < 0)
		die(ERR_TOOL, "cannot pass on the layer of drafts: %m");
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

/* Until the watch looks; it has said why if it does not. */
void
outside_wait_watch(const struct ns *ns)
{
	char c;

	if (ns->watch && recv(ns->watching[1], &c, 1, 0) != 1)
		err_exit(ERR_TOOL);
}

void
outside_note_start(const struct ns *ns)
{
	if (ns->at_end)
		fchmod(ns->manifest, 0600);
}
