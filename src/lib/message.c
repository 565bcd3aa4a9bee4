#include "lib/message.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/err.h"

int
message_send(int sock, enum message_kind kind, int value)
{
	struct message m = {(int)kind, value};

	return send(sock, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1
									  : 0;
}

int
message_send_word(int sock, enum watch_word word)
{
	char c = (char)word;

	return send(sock, &c, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1 ? 0 : -1;
}

int
message_receive(int sock, struct message *m, int flags)
{
	ssize_t n;

	do
		n = recv(sock, m, sizeof(*m), flags);
	while (n < 0 && errno == EINTR);
	/* the end of the other side is an error when it left words unread */
	if (n < 0 && errno != EAGAIN)
		return 0;
	return n == sizeof(*m) ? 1 : (int)n;
}

void
message_follow_monitor(int sock)
{
	char c;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		die(ERR_TOOL, "cannot watch the monitor: %m");
	/* it may have ended before we asked */
	if (recv(sock, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 0)
		_exit(128 + SIGKILL);
}
