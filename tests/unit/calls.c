// needs: pen-shell/calls
/*
 * calls: the relay's compiled program allows what its calls.def lists, with
 * those arguments, and nothing else, whatever the upper halves hold.
 */
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <linux/audit.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "../lib/bpf.h"
#include "../lib/sni_check.h"
#include "lib/confine.h"

#define ALL UINT32_MAX
#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
#define DIRTY UINT64_C(0xdeadbeef00000000)

#ifdef __x86_64__
#define NATIVE AUDIT_ARCH_X86_64
#define FOREIGN AUDIT_ARCH_I386
#else
#define NATIVE AUDIT_ARCH_AARCH64
#define FOREIGN AUDIT_ARCH_ARM
#define SYS_poll UINT32_MAX
#endif

static const struct call {
	uint32_t number;
	int tested;
	unsigned argument;
	uint32_t mask, value;
} calls[] = {
#define CALL(name) {SYS_##name, 0, 0, 0, 0},
#define CALL_IF(name, argument, mask, value) \
	{SYS_##name, 1, argument, mask, value},
#include "pen-shell/calls.def"
};

static uint32_t
ask(uint32_t arch, uint32_t number, unsigned argument, uint64_t value)
{
	struct seccomp_data d = {.nr = (int)number, .arch = arch};
	int looked;

	for (int i = 0; i < 6; i++)
		d.args[i] = UINT64_MAX;
	d.args[argument] = value;
	return bpf_simulate(&confine_program, &d, &looked);
}

static uint32_t
wanted(uint32_t number, unsigned argument, uint32_t value)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const struct call *c = &calls[i];
		uint32_t given = c->argument == argument ? value : ALL;

		if (c->number == number &&
		    (!c->tested || (given & c->mask) == c->value))
			return SECCOMP_RET_ALLOW;
	}
	return REFUSED;
}

static void
check(uint32_t number, unsigned argument, uint32_t value)
{
	uint32_t want = wanted(number, argument, value);
	uint32_t got = ask(NATIVE, number, argument, value);

	CHECK(got == want, "number %u, argument %u %#x: %#x", number, argument,
	      value, got);
	got = ask(NATIVE, number, argument, DIRTY | value);
	CHECK(got == want, "number %u, upper half: %#x", number, got);
	CHECK(ask(FOREIGN, number, argument, value) == SECCOMP_RET_KILL_PROCESS,
	      "number %u of another ABI", number);
}

int
main(void)
{
	static const uint32_t values[] = {
	    0,	     1,	     PROT_EXEC, PROT_READ | PROT_EXEC,
	    TIOCSTI, TCGETS, FIONREAD,	FIONREAD + 1};

	for (uint32_t number = 0; number < 1024; number++)
		for (unsigned argument = 0; argument < 6; argument++)
			for (size_t i = 0; i < sizeof(values) / sizeof(*values);
			     i++)
				check(number, argument, values[i]);
	/* not by what the table says of itself */
	CHECK(ask(NATIVE, SYS_read, 0, 0) == SECCOMP_RET_ALLOW, "read");
	CHECK(ask(NATIVE, SYS_execve, 0, 0) == REFUSED, "execve");
	CHECK(ask(NATIVE, SYS_socket, 0, 2) == REFUSED, "socket");
	CHECK(ask(NATIVE, SYS_ioctl, 1, TIOCSTI) == REFUSED, "TIOCSTI");
	CHECK(ask(NATIVE, SYS_ioctl, 1, TCGETS) == SECCOMP_RET_ALLOW, "TCGETS");
	return 0;
}
