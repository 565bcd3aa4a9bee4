/*
 * netlink: messages for the kernel, built by pure functions and sent by one.
 * What pen-net says is constant, so the buffer is too: running over it is a
 * bug, and ends the process.
 */
#ifndef PEN_NET_NETLINK_H
#define PEN_NET_NETLINK_H

#include <stddef.h>
#include <stdint.h>

struct nl {
	size_t n;     /* bytes used */
	size_t start; /* where the message being built begins */
	uint32_t seq;
	size_t open[8]; /* where the nested attributes begin */
	unsigned depth;
	_Alignas(8) unsigned char buf[65536];
};

/* Begins a message with the n bytes of its family's own header. */
void nl_message(struct nl *b, uint16_t type, uint16_t flags, const void *head,
		size_t n);

/* Appends an attribute to the message. */
void nl_attr(struct nl *b, uint16_t type, const void *data, size_t n);
void nl_attr_string(struct nl *b, uint16_t type, const char *s);
void nl_attr_be32(struct nl *b, uint16_t type, uint32_t value);

/* Opens a nested attribute; nl_close closes the one that was opened last. */
void nl_open(struct nl *b, uint16_t type);
void nl_close(struct nl *b);

/*
 * Sends everything over one socket of the netlink protocol and reads the
 * kernel's answers.  0 when no message failed and acks of them were
 * acknowledged, or -1 with errno of the first failure.
 */
int nl_talk(int protocol, const struct nl *b, unsigned acks);

#endif
