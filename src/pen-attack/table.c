/* The table of attacks, and how one of them is made. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen-attack/attack.h"

#define TRY_MS 3000
#define BY_SIGNAL 1000

#define NONE attack_none
#define ATTACK(group, name, run, try, judge, arg, what) \
	try_fn try;                                     \
	judge_fn judge;
#define HANDOVER(name, told, prepare, attack, trigger, what)
#include "pen-attack/attacks.def"
#undef ATTACK

/* In the place of a function that a row has not: never called. */
TRY(attack_none)
{
	return failed_by(ENOSYS);
}

#define ATTACK(group, name, run, try, judge, arg, what) \
	{#group, #name, RUN_##run, try, judge, arg, what, {0}},
#undef HANDOVER
#define HANDOVER(name, told, prepare, attack, trigger, what) \
	{"handover",  #name, RUN_HANDOVER, attack_none,      \
	 attack_none, NULL,  what,	   {prepare, attack, trigger, told}},

const struct attack attacks[] = {
#include "pen-attack/attacks.def"
#include "pen-attack/handover.def"
};
const size_t attacks_n = sizeof(attacks) / sizeof(*attacks);
_Static_assert(sizeof(attacks) / sizeof(*attacks) <= WORLD_ATTACKS,
	       "each has a place in struct world");

size_t
attack_find(const char *name)
{
	size_t i;

	for (i = 0; i < attacks_n; i++) {
		size_t n = strlen(attacks[i].group);

		if (strncmp(name, attacks[i].group, n) == 0 && name[n] == '/' &&
		    strcmp(name + n + 1, attacks[i].name) == 0)
			break;
	}
	return i;
}

static _Noreturn void
make(const struct attack *a, const struct world *w)
{
	long r;

	errno = 0;
	r = a->try(w, a->arg);
	_exit(r >= 0 ? 0 : errno > 0 && errno < 255 ? errno : EIO);
}

int
attack_try(const struct attack *a, const struct world *w)
{
	struct timespec nap = {0, 500000};
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0)
		make(a, w);
	for (int i = 0; i < 2 * TRY_MS; i++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : BY_SIGNAL + WTERMSIG(status);
		nanosleep(&nap, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	return ETIMEDOUT;
}

/* Not every libc knows their names. */
static const struct {
	int error;
	const char *name;
} errors[] = {
#define NAMED(error) {error, #error},
    NAMED(EPERM) NAMED(ENOENT) NAMED(ESRCH) NAMED(EIO) NAMED(EBADF)
	NAMED(ECHILD) NAMED(EAGAIN) NAMED(EACCES) NAMED(EFAULT) NAMED(EBUSY)
	    NAMED(EEXIST) NAMED(EXDEV) NAMED(ENODEV) NAMED(ENOTDIR)
		NAMED(EINVAL) NAMED(ENOTTY) NAMED(EFBIG) NAMED(EROFS)
		    NAMED(ENOSYS) NAMED(ENODATA) NAMED(ENXIO) NAMED(EREMOTE)
			NAMED(EPROTONOSUPPORT) NAMED(EOPNOTSUPP)
			    NAMED(ESOCKTNOSUPPORT) NAMED(EAFNOSUPPORT)
				NAMED(EADDRNOTAVAIL) NAMED(ENETUNREACH)
				    NAMED(ECONNRESET) NAMED(ECONNREFUSED)
					NAMED(EHOSTUNREACH) NAMED(ETIMEDOUT)
					    NAMED(ECANCELED) NAMED(EINPROGRESS)
#undef NAMED
};

const char *
attack_word(int result)
{
	static char word[64];

	if (result == 0)
		return "succeeded";
	if (result > BY_SIGNAL) {
		snprintf(word, sizeof(word), "signal %d", result - BY_SIGNAL);
		return word;
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].error == result)
			return errors[i].name;
	snprintf(word, sizeof(word), "%s", strerror(result));
	return word;
}
