#include "pen-key/peer.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/addr.h"

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

static void
set_address(__be32 to[4], const union addr *a)
{
	if (a->sa.sa_family == AF_INET)
		memcpy(to, &a->in.sin_addr, 4);
	else
		memcpy(to, &a->in6.sin6_addr, 16);
}

/* The owner of the socket of the peer's side; -1 when it is not found. */
static int
ask_kernel(const struct request *q, uid_t *uid)
{
	union {
		struct nlmsghdr header;
		struct {
			struct nlmsghdr header;
			struct inet_diag_msg diag;
		} m;
		char room[1024];
	} answer;
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	if (send(fd, q, sizeof(*q), 0) >= 0)
		n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
	close(fd);
	if (n < (ssize_t)sizeof(answer.m) ||
	    answer.header.nlmsg_type != SOCK_DIAG_BY_FAMILY)
		return -1;
	*uid = answer.m.diag.idiag_uid;
	return 0;
}

int
peer_is_own(int fd)
{
	union addr own = {0}, peer = {0};
	socklen_t n = sizeof(own), m = sizeof(peer);
	uid_t uid;
	struct request q = {
	    .header = {.nlmsg_len = sizeof(q),
		       .nlmsg_type = SOCK_DIAG_BY_FAMILY,
		       .nlmsg_flags = NLM_F_REQUEST},
	    .diag = {.sdiag_protocol = IPPROTO_TCP,
		     .idiag_states = ~0u,
		     .id = {.idiag_cookie = {INET_DIAG_NOCOOKIE,
					     INET_DIAG_NOCOOKIE}}},
	};

	if (getsockname(fd, &own.sa, &n) < 0 ||
	    getpeername(fd, &peer.sa, &m) < 0)
		return 0;
	q.diag.sdiag_family = (unsigned char)own.sa.sa_family;
	/* as the peer sees it */
	q.diag.id.idiag_sport = htons((uint16_t)addr_port(&peer));
	q.diag.id.idiag_dport = htons((uint16_t)addr_port(&own));
	set_address(q.diag.id.idiag_src, &peer);
	set_address(q.diag.id.idiag_dst, &own);
	return ask_kernel(&q, &uid) == 0 && uid == geteuid();
}
