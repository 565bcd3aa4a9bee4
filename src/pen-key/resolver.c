#include "pen-key/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/confine.h"
#include "lib/err.h"
#include "lib/fd.h"

/* Its addresses; 0 for none. */
static size_t
look_up(const char *host, union addr found[RESOLVER_MAX])
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_ADDRCONFIG},
			*list, *i;
	size_t n = 0;

	if (getaddrinfo(host, NULL, &hints, &list) != 0)
		return 0;
	for (i = list; i && n < RESOLVER_MAX; i = i->ai_next) {
		if (i->ai_addrlen > sizeof(*found))
			continue;
		memset(&found[n], 0, sizeof(*found));
		memcpy(&found[n], i->ai_addr, i->ai_addrlen);
		n += found[n].sa.sa_family == AF_INET ||
		     found[n].sa.sa_family == AF_INET6;
	}
	freeaddrinfo(list);
	return n;
}

/* It is forked before the credential is read, which a variable may have; and
 * the terminal's signals are the caller's. */
static void
forget(void)
{
	static const int ignored[] = {SIGHUP,  SIGINT,	SIGQUIT, SIGPIPE,
				      SIGTTOU, SIGTTIN, SIGTSTP};
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (char **e = environ; *e; e++)
		explicit_bzero(*e, strlen(*e));
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		sigaction(ignored[i], &ignore, NULL);
}

static _Noreturn void
serve(int sock, const char *host)
{
	static char root[] = "LOCALDOMAIN=.";
	static char *search[] = {root, NULL};
	const struct landlock_path all = {
	    open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), LANDLOCK_READ};
	const struct landlock reach = {.files = LANDLOCK_FILES,
				       .net = LANDLOCK_BIND,
				       .scope =
					   LANDLOCK_ABSTRACT | LANDLOCK_SIGNAL,
				       .paths = &all,
				       .paths_n = 1};
	union addr found[RESOLVER_MAX];
	char ask;

	forget();
	/* names are absolute: no search domain comes behind one */
	environ = search;
	confine_process("the resolver", &reach);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	while (recv(sock, &ask, 1, 0) > 0) {
		size_t n = look_up(host, found);

		if (send(sock, found, n ? n * sizeof(*found) : 1,
			 MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(0);
}

int
resolver_start(const char *host)
{
	int sock[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sock) < 0 ||
	    (pid = fork()) < 0)
		die(ERR_TOOL, "cannot start the resolver: %m");
	if (pid == 0) {
		const int keep[] = {-1, -1, STDERR_FILENO, sock[1]};

		if (fd_keep_only(keep, 4) < 0)
			_exit(ERR_TOOL);
		serve(3, host);
	}
	close(sock[1]);
	return sock[0];
}

void
resolver_end(int fd)
{
	/* it may be waiting for a name server, and the run for this process */
	const struct itimerval patience = {.it_value.tv_usec = 200000};

	if (fd < 0)
		return;
	close(fd);
	setitimer(ITIMER_REAL, &patience, NULL);
	while (wait(NULL) < 0 && errno == EINTR)
		;
}
