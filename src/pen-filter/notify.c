#include "pen-filter/notify.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/fd.h"

/*
 * Of two filters that ask, the kernel lets the younger one's listener answer,
 * and it may answer "go on".  There is no second one while the first is there
 * (EBUSY); were it to die, prog could take its place.  So it is always EBUSY.
 */
static void
refuse_listeners(void)
{
	const uint32_t flags = offsetof(struct seccomp_data, args[1]);
	struct sock_filter code[] = {
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		     offsetof(struct seccomp_data, nr)),
	    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_seccomp, 0, 3),
	    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags),
	    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K,
		     SECCOMP_FILTER_FLAG_NEW_LISTENER, 0, 1),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EBUSY),
	    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog p = {sizeof(code) / sizeof(*code), code};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p) < 0)
		die(ERR_TOOL, "cannot load the second filter: %m");
}

int
notify_load(const struct sock_fprog *program, int sock)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct sock_fprog p = {program->len, code};
	int fd;

	for (unsigned short i = 0; i < p.len; i++) {
		code[i] = program->filter[i];
		if (code[i].code == (BPF_RET | BPF_K) &&
		    (code[i].k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
			code[i].k = SECCOMP_RET_USER_NOTIF;
	}
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			  SECCOMP_FILTER_FLAG_NEW_LISTENER, &p);
	if (fd < 0)
		return -1;
	refuse_listeners();
	if (fd_send(sock, "", 1, &fd, 1) < 0)
		die(ERR_TOOL, "cannot send to descriptor %d: %m", sock);
	/* whoever holds this one answers */
	close(fd);
	return 0;
}
