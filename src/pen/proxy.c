/*
 * pen-sni can become pen-net after it has forked its proxy, and then the one's
 * start comes after the other's.  A network namespace takes as long to make as
 * pen-sni takes to begin: here both happen at the same time.
 */
#include "pen/proxy.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/helper.h"

/*
 * Becomes the link of n words, with the option --serve.  Without SIGTTOU it may
 * write to a terminal whose foreground it has not: the shell waits for its
 * parent only, and would not see it stop.
 */
static _Noreturn void
become_link(char *const *words, size_t n, int sock)
{
	struct strv link = {0};
	sigset_t ttou;

	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, NULL);
	strv_push(&link, words[0]);
	strv_push(&link, "--serve");
	strv_push(&link, mem_printf("%d", sock));
	for (size_t i = 1; i < n; i++)
		strv_push(&link, words[i]);
	if (fd_cloexec(sock, 0) < 0)
		die(ERR_TOOL, "cannot keep the socket of '%s': %m", words[0]);
	chain_exec(link.v);
}

/* Starts the link, and returns this side's end of the socket pair. */
static int
start_link(char *const *words, size_t n)
{
	int sock[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0)
		die(ERR_TOOL, "cannot make a socket pair: %m");
	pid = fork();
	if (pid < 0)
		die(ERR_TOOL, "cannot start '%s': %m", words[0]);
	if (pid == 0)
		become_link(words, n, sock[0]);
	if (helper_add(pid, SIGTERM) < 0)
		die(ERR_TOOL, "cannot set a variable: %m");
	close(sock[0]);
	return sock[1];
}

/* Starts pen-key for each key, and tells pen-sni who serves which name. */
static void
start_keys(const struct compose_chain *chain, const struct keys *keys)
{
	char *served = mem_copy(""), *longer;
	int *fds = mem_alloc((keys->n + 1) * sizeof(*fds));

	for (size_t i = 0; i < keys->n; i++)
		fds[i] = start_link(chain->words.v + chain->link[i],
				    chain->link[i + 1] - chain->link[i] - 1);
	/* only now, for each is pen-sni's alone */
	for (size_t i = 0; i < keys->n; i++) {
		if (fd_cloexec(fds[i], 0) < 0)
			die(ERR_TOOL, "cannot hand over pen-key's socket: %m");
		longer = mem_printf("%s%s%s=%d", served, *served ? "," : "",
				    keys->v[i].host, fds[i]);
		free(served);
		served = longer;
	}
	free(fds);
	for (size_t i = 0; i < keys->held.n; i++) {
		longer =
		    mem_printf("%s,%s=" KEY_NOBODY, served, keys->held.v[i]);
		free(served);
		served = longer;
	}
	if (keys->n > 0 && setenv("PEN_KEYS", served, 1) < 0)
		die(ERR_TOOL, "cannot set a variable: %m");
	key_forget(keys);
	free(served);
}

/* What pen-sni has of it is closed here: its end is to be the only one. */
static void
leave_keys(const struct keys *keys)
{
	const char *at = getenv("PEN_KEYS");

	for (size_t i = 0; at && i < keys->n; i++) {
		at = strchr(at, '=') + 1;
		close((int)strtol(at, NULL, 10));
	}
	unsetenv("PEN_KEYS");
	unsetenv("PEN_KEY_UPSTREAM_AUTH");
}

char *const *
proxy_start(const struct compose_chain *chain, const struct keys *keys)
{
	size_t at = keys->n, next = chain->link[at + 1];
	char *const *words = chain->words.v + chain->link[at];
	const char *name = strrchr(words[0], '/');
	int sock;

	if (!name || strcmp(name, "/pen-sni") != 0)
		return words;
	start_keys(chain, keys);
	/* without the "--" */
	sock = start_link(words, next - chain->link[at] - 1);
	leave_keys(keys);
	if (fd_cloexec(sock, 0) < 0 ||
	    setenv("PEN_SNI_FD", mem_printf("%d", sock), 1) < 0 ||
	    unsetenv("PEN_SNI_UPSTREAM_AUTH") < 0)
		die(ERR_TOOL, "cannot hand over pen-sni's socket: %m");
	return chain->words.v + next;
}
