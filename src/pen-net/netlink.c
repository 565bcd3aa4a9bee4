#include "netlink.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Appends n bytes and pads to four, as messages and attributes are. */
static void
put(struct nl *b, const void *data, size_t n)
{
	size_t padded = NLMSG_ALIGN(n);

	assert(padded <= sizeof(b->buf) - b->n);
	memset(b->buf + b->n, 0, padded);
	if (n > 0)
		memcpy(b->buf + b->n, data, n);
	b->n += padded;
	((struct nlmsghdr *)(b->buf + b->start))->nlmsg_len =
		(uint32_t)(b->n - b->start);
}

void
nl_message(struct nl *b, uint16_t type, uint16_t flags, const void *head,
	   size_t n)
{
	struct nlmsghdr h = {.nlmsg_type = type,
			     .nlmsg_flags = NLM_F_REQUEST | flags,
			     .nlmsg_seq = ++b->seq};

	b->start = b->n;
	put(b, &h, sizeof(h));
	put(b, head, n);
}

void
nl_attr(struct nl *b, uint16_t type, const void *data, size_t n)
{
	struct nlattr a = {.nla_len = (uint16_t)(sizeof(a) + n),
			   .nla_type = type};

	put(b, &a, sizeof(a));
	put(b, data, n);
}

void
nl_attr_string(struct nl *b, uint16_t type, const char *s)
{
	nl_attr(b, type, s, strlen(s) + 1);
}

void
nl_attr_be32(struct nl *b, uint16_t type, uint32_t value)
{
	value = htonl(value);
	nl_attr(b, type, &value, sizeof(value));
}

size_t
nl_nest(struct nl *b, uint16_t type)
{
	size_t at = b->n;

	nl_attr(b, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void
nl_end(struct nl *b, size_t nest)
{
	((struct nlattr *)(b->buf + nest))->nla_len = (uint16_t)(b->n - nest);
}

/*
 * The answers in one datagram: -1 with errno at the first failure, otherwise
 * the number of acknowledgements.
 */
static int
count_acks(const unsigned char *buf, size_t n)
{
	int acks = 0;

	while (n >= NLMSG_HDRLEN) {
		struct nlmsghdr h;
		struct nlmsgerr e;

		memcpy(&h, buf, sizeof(h));
		if (h.nlmsg_len < NLMSG_HDRLEN || h.nlmsg_len > n)
			break;
		if (h.nlmsg_type == NLMSG_ERROR &&
		    h.nlmsg_len >= NLMSG_HDRLEN + sizeof(e)) {
			memcpy(&e, buf + NLMSG_HDRLEN, sizeof(e));
			if (e.error != 0) {
				errno = -e.error;
				return -1;
			}
			acks++;
		}
		if (NLMSG_ALIGN(h.nlmsg_len) >= n)
			break;
		buf += NLMSG_ALIGN(h.nlmsg_len);
		n -= NLMSG_ALIGN(h.nlmsg_len);
	}
	return acks;
}

int
nl_talk(int protocol, const struct nl *b, unsigned acks)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	_Alignas(8) unsigned char answer[8192];
	int fd, r = 0, saved;
	ssize_t n;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -1;
	n = sendto(fd, b->buf, b->n, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel));
	if (n < 0)
		r = -1;
	/*
	 * Both families do their work inside sendto(2): the answers are there
	 * when it returns, and a missing one is an error, not a wait.
	 */
	while (r >= 0 && (unsigned)r < acks) {
		n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
		if (n < 0)
			r = -1;
		else {
			int got = count_acks(answer, (size_t)n);

			r = got < 0 ? -1 : r + got;
		}
	}
	saved = errno;
	close(fd);
	errno = saved;
	return r < 0 ? -1 : 0;
}
