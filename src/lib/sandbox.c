#include "lib/sandbox.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define NATIVE AUDIT_ARCH_AARCH64
#else
#error "pen knows x86-64 and arm64 only"
#endif

static struct sock_filter
load(size_t offset)
{
	return (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					    (uint32_t)offset);
}

static struct sock_filter
answer(uint32_t what)
{
	return (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what);
}

static struct sock_filter
equals(uint32_t k, size_t yes, size_t no)
{
	return (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k,
					    (uint8_t)yes, (uint8_t)no);
}

/*
 * A list is walked from its start, which costs nothing: since Linux 5.11 the
 * kernel knows by number which calls a filter always allows, and does not run
 * it for them.
 */
int
sandbox_calls(const int *calls, size_t n)
{
	struct sock_filter code[SANDBOX_CALLS_MAX + 6];
	struct sock_fprog prog = {.filter = code};

	if (n > SANDBOX_CALLS_MAX) {
		errno = E2BIG;
		return -1;
	}
	code[prog.len++] = load(offsetof(struct seccomp_data, arch));
	code[prog.len++] = equals(NATIVE, 1, 0);
	code[prog.len++] = answer(SECCOMP_RET_KILL_PROCESS);
	code[prog.len++] = load(offsetof(struct seccomp_data, nr));
	/* past the tests that are left, and past the refusal */
	for (size_t i = 0; i < n; i++)
		code[prog.len++] = equals((uint32_t)calls[i], n - i, 0);
	code[prog.len++] = answer(SECCOMP_RET_ERRNO | EPERM);
	code[prog.len++] = answer(SECCOMP_RET_ALLOW);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}

/* The low half of the argument will do: both machines are little-endian. */
int
sandbox_families(const int *families, size_t n)
{
	struct sock_filter code[SANDBOX_FAMILIES_MAX + 5];
	struct sock_fprog prog = {.filter = code};

	if (n > SANDBOX_FAMILIES_MAX) {
		errno = E2BIG;
		return -1;
	}
	code[prog.len++] = load(offsetof(struct seccomp_data, nr));
	code[prog.len++] = equals(SYS_socket, 0, n + 2);
	code[prog.len++] = load(offsetof(struct seccomp_data, args));
	for (size_t i = 0; i < n; i++)
		code[prog.len++] = equals((uint32_t)families[i], n - i, 0);
	code[prog.len++] = answer(SECCOMP_RET_ERRNO | EPERM);
	code[prog.len++] = answer(SECCOMP_RET_ALLOW);
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog);
}
