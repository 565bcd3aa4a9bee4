#include "lib/route.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <unistd.h>

/*
 * Asking the kernel's own lookup for this one address (rtnetlink(7),
 * RTM_GETROUTE) covers what a list of the interfaces' addresses does not:
 * local routes to whole networks, broadcast addresses, and an address that was
 * added a moment ago.
 */
struct request {
	struct nlmsghdr header;
	struct rtmsg route;
	struct rtattr attr;
	unsigned char dst[16];
};

/* The kernel answers within sendmsg: there is nothing to wait for. */
static int
ask_kernel(const struct request *q, void *answer, size_t size)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t n = -1;

	if (fd < 0)
		return -1;
	if (send(fd, q, q->header.nlmsg_len, 0) >= 0)
		n = recv(fd, answer, size, MSG_DONTWAIT);
	close(fd);
	return n < (ssize_t)(sizeof(struct nlmsghdr) + sizeof(struct rtmsg))
		   ? -1
		   : 0;
}

const char *
route_check(const union addr *a)
{
	union {
		struct nlmsghdr header;
		struct {
			struct nlmsghdr header;
			struct rtmsg route;
		} m;
		char room[1024];
	} answer;
	int is_v6 = a->sa.sa_family == AF_INET6;
	size_t len = is_v6 ? 16 : 4;
	struct request q = {
	    .header = {.nlmsg_len =
			   (uint32_t)(offsetof(struct request, dst) + len),
		       .nlmsg_type = RTM_GETROUTE,
		       .nlmsg_flags = NLM_F_REQUEST},
	    .route = {.rtm_family = (unsigned char)a->sa.sa_family,
		      .rtm_dst_len = (unsigned char)(len * 8)},
	    .attr = {.rta_len = (unsigned short)RTA_LENGTH(len),
		     .rta_type = RTA_DST},
	};

	if (is_v6)
		memcpy(q.dst, &a->in6.sin6_addr, 16);
	else
		memcpy(q.dst, &a->in.sin_addr, 4);
	if (ask_kernel(&q, &answer, sizeof(answer)) < 0)
		return "its route cannot be looked up";
	if (answer.header.nlmsg_type != RTM_NEWROUTE)
		return "no route";
	switch (answer.m.route.rtm_type) {
	case RTN_UNICAST:
		return NULL;
	case RTN_LOCAL:
		return "an address of this host";
	default:
		return "not an address of one host";
	}
}
