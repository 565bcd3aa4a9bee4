/*
 * splice small|many: bytes go through a small pipe while no large one can be
 * had, because this user's pipes have all the pages that they may have, or
 * because too many are open, and through a large one when that is over.
 */
#include "lib/splice.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/sni_check.h"

enum { LARGE = 256 << 10, TAKEN = 512 };

static struct pipes pipes = {.max = 8, .large = 1, .size = LARGE};

/* One message through s, whose other ends are the two; the pipe's size. */
static int
size_after(struct loop *l, struct splice *s, const int end[2])
{
	char text[8];

	CHECK(write(end[CLIENT], "hello", 5) == 5, "cannot write");
	splice_ready(s, CLIENT, EPOLLIN);
	CHECK(splice_pump(l, s) == SPLICE_OPEN, "it has ended");
	CHECK(recv(end[SERVER], text, sizeof(text), MSG_DONTWAIT) == 5,
	      "nothing came");
	CHECK(memcmp(text, "hello", 5) == 0, "something else came");
	CHECK(pipes.n == 1, "no pipe was kept");
	return fcntl(pipes.fd[0][0], F_GETPIPE_SZ);
}

/* So many that none of this user's pipes can be made a large one. */
static int
take(int taken[TAKEN][2])
{
	int n = 0;

	for (int size = 1 << 20; size >= LARGE; size /= 2)
		while (n < TAKEN && pipe(taken[n]) == 0 &&
		       fcntl(taken[n++][0], F_SETPIPE_SZ, size) > 0)
			;
	return n;
}

int
main(int argc, char **argv)
{
	int client[2], server[2], end[2], taken[TAKEN][2], n = 0, small;
	struct splice s = {.pipes = &pipes};
	struct loop l;

	CHECK(argc == 2, "small or many?");
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, client) == 0 &&
		  socketpair(AF_UNIX, SOCK_STREAM, 0, server) == 0,
	      "no sockets");
	s.side[CLIENT].fd = client[0];
	s.side[SERVER].fd = server[0];
	end[CLIENT] = client[1];
	end[SERVER] = server[1];
	for (int i = 0; i < 2; i++)
		fcntl(s.side[i].fd, F_SETFL, O_NONBLOCK);
	loop_init(&l);
	if (strcmp(argv[1], "many") == 0)
		pipes.open = 1;
	else
		n = take(taken);
	CHECK(n < TAKEN, "a user has pages without end");
	small = size_after(&l, &s, end);
	CHECK(small < LARGE, "%d bytes", small);
	CHECK(size_after(&l, &s, end) == small, "it grew");
	while (n > 0) {
		close(taken[--n][0]);
		close(taken[n][1]);
	}
	pipes.open = 1; /* this one */
	CHECK(size_after(&l, &s, end) == LARGE, "it stayed small");
	CHECK(size_after(&l, &s, end) == LARGE, "it is small again");
	return 0;
}
