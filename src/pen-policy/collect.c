#include "pen-policy/collect.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"
#include "lib/policy.h"
#include "lib/receive.h"
#include "pen-policy/match.h"

/* The row that refuses the call, or policy_count: its number is unknown. */
static size_t
find_row(const struct seccomp_data *d, unsigned relaxed)
{
	const int *numbers = policy_numbers[policy_arch_native()];
	uint64_t args[6];
	size_t i = 0;

	memcpy(args, d->args, sizeof(args));
	while (i < policy_count && (numbers[i] != d->nr ||
				    !policy_applies(&policy_rows[i], relaxed) ||
				    !match_row(&policy_rows[i], args)))
		i++;
	return i;
}

/* The setting of pen.conf(5) that lets the row go, if there is one. */
static const char *
setting(const struct policy_row *row)
{
	return row->relaxed_by & POLICY_DEBUG	 ? "debug = true"
	       : row->relaxed_by & POLICY_NESTED ? "nesting = true"
	       : row->relaxed_by & POLICY_PERF	 ? "perf = true"
						 : "no setting:";
}

static void
print_refused(const unsigned long *seen)
{
	const char *title = "# system calls that were refused, how often, and "
			    "what would allow them, if they are needed:\n";

	for (size_t i = 0; i <= policy_count; i++) {
		const struct policy_row *row = &policy_rows[i];

		if (!seen[i])
			continue;
		fputs(title, stdout);
		title = "";
		if (i == policy_count)
			printf("# %-15s # newer ones than were reviewed: %lu\n",
			       "no setting:", seen[i]);
		else
			printf("# %-15s # %s: %lu%s%s\n", setting(row),
			       row->syscall, seen[i], row->where ? ", " : "",
			       row->where ? row->where : "");
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		die(ERR_TOOL, "cannot write the list: %m");
}

/* Newer kernels may have longer ones, and write them whole. */
union question {
	struct seccomp_notif ask;
	char room[1024];
};
union answer {
	struct seccomp_notif_resp resp;
	char room[1024];
};

static void
check_sizes(void)
{
	struct seccomp_notif_sizes sizes;

	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) < 0 ||
	    sizes.seccomp_notif > sizeof(union question) ||
	    sizes.seccomp_notif_resp > sizeof(union answer))
		die(ERR_TOOL, "this kernel's notifications are not known here");
}

void
collect_refused(int sock, unsigned relaxed)
{
	unsigned long *seen = mem_alloc((policy_count + 1) * sizeof(*seen));
	struct pollfd p = {.events = POLLIN};
	int fds[FD_MSG_MAX];
	size_t n = 0;
	ssize_t got;
	char byte;

	check_sizes();
	got = receive_message(sock, &byte, 1, fds, &n);
	if (got < 0)
		die(ERR_TOOL, "cannot receive from descriptor %d: %m", sock);
	if (got == 0 || n != 1)
		return; /* the chain ended before */
	p.fd = fds[0];
	for (;;) {
		union question q = {.room = {0}};
		union answer a = {.room = {0}};
		size_t i;

		if (poll(&p, 1, -1) < 0)
			continue;
		if (!(p.revents & POLLIN))
			break; /* nobody is left */
		/* ENOENT: it was killed meanwhile */
		if (ioctl(p.fd, SECCOMP_IOCTL_NOTIF_RECV, &q) < 0)
			continue;
		i = find_row(&q.ask.data, relaxed);
		seen[i]++;
		a.resp.id = q.ask.id;
		a.resp.error =
		    i < policy_count ? -policy_rows[i].answer : -ENOSYS;
		ioctl(p.fd, SECCOMP_IOCTL_NOTIF_SEND, &a);
	}
	print_refused(seen);
}
