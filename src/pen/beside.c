/*
 * pen-sni can become pen-net after it has forked its proxy, and then the one's
 * start comes after the other's.  A network namespace takes as long to make as
 * pen-sni takes to begin: here both happen at the same time.
 */
#include "beside.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"

/*
 * Without SIGTTOU it may write to a terminal whose foreground it has not: the
 * shell waits for its parent only, and would not see it stop.
 */
static _Noreturn void
become_sni(char *const *words, size_t n, int sock)
{
	struct strv sni = {0};
	sigset_t ttou;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, NULL);
	strv_push(&sni, words[0]);
	strv_push(&sni, "--serve");
	strv_push(&sni, mem_printf("%d", sock));
	for (size_t i = 1; i < n; i++)
		strv_push(&sni, words[i]);
	if (fd_cloexec(sock, 0) < 0)
		die(ERR_TOOL, "cannot keep pen-sni's socket: %m");
	chain_exec(sni.v);
}

char *const *
beside_start(const struct compose_chain *chain)
{
	char *const *words = chain->words.v;
	const char *name = strrchr(words[0], '/');
	size_t next = chain->link[1];
	int sock[2];
	pid_t pid;

	if (!name || strcmp(name, "/pen-sni") != 0)
		return words;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start pen-sni: %m");
	if (pid == 0)
		become_sni(words, next - 1, sock[0]); /* without the "--" */
	close(sock[0]);
	if (fd_cloexec(sock[1], 0) < 0 ||
	    setenv("PEN_SNI_FD", mem_printf("%d", sock[1]), 1) < 0 ||
	    unsetenv("PEN_SNI_UPSTREAM_AUTH") < 0)
		die(ERR_TOOL, "cannot hand over pen-sni's socket: %m");
	return words + next;
}
