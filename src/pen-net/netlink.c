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
append_padded(struct nl *b, const void *data, size_t n)
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
	b->depth = 0;
	append_padded(b, &h, sizeof(h));
	append_padded(b, head, n);
}

void
nl_attr(struct nl *b, uint16_t type, const void *data, size_t n)
{
	struct nlattr a = {.nla_len = (uint16_t)(sizeof(a) + n),
			   .nla_type = type};

	append_padded(b, &a, sizeof(a));
	append_padded(b, data, n);
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

void
nl_open(struct nl *b, uint16_t type)
{
	assert(b->depth < sizeof(b->open) / sizeof(*b->open));
	b->open[b->depth++] = b->n;
	nl_attr(b, type | NLA_F_NESTED, NULL, 0);
}

void
nl_close(struct nl *b)
{
	size_t at = b->open[--b->depth];

	((struct nlattr *)(b->buf + at))->nla_len = (uint16_t)(b->n - at);
}

/*
 * The answers in one datagram: -1 with errno at the first failure, otherwise
 * the number of acknowledgements.
 */
static int
count_acks(const struct nlmsghdr *h, size_t n)
{
	int acks = 0;

	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		const struct nlmsgerr *e = NLMSG_DATA(h);

		if (h->nlmsg_type != NLMSG_ERROR ||
		    h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)))
			continue;
		if (e->error != 0) {
			errno = -e->error;
			return -1;
		}
		acks++;
	}
	return acks;
}

int
nl_talk(int protocol, const struct nl *b, unsigned acks)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	_Alignas(8) unsigned char answer[8192];
	int fd, r, acked = 0, saved;
	ssize_t n;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (fd < 0)
		return -1;
	n = sendto(fd, b->buf, b->n, 0, (struct sockaddr *)&kernel,
		   sizeof(kernel));
	r = n < 0 ? -1 : 0;
	/*
	 * Both families do their work inside sendto(2): the answers are there
	 * when it returns, and a missing one is an error, not a wait.
	 */
	while (r >= 0 && (unsigned)acked < acks) {
		n = recv(fd, answer, sizeof(answer), MSG_DONTWAIT);
		r = n < 0 ? -1 : count_acks((void *)answer, (size_t)n);
		acked += r;
	}
	saved = errno;
	close(fd);
	errno = saved;
	return r < 0 ? -1 : 0;
}
