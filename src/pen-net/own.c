#include "own.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/err.h"

static void
add_address(struct nft *nft, const void *address, size_t n)
{
	struct special *s = &nft->own[nft->own_n];

	if (nft->own_n == NFT_OWN_MAX)
		die(ERR_TOOL, "the host has more than %d addresses",
		    NFT_OWN_MAX);
	*s = (struct special){.bits = (int)n * 8};
	memcpy(s->net, address, n);
	nft->own_n++;
}

void
own_read(struct nft *nft)
{
	struct ifaddrs *list, *i;

	if (getifaddrs(&list) < 0)
		die(ERR_TOOL, "cannot list the host's addresses: %m");
	for (i = list; i; i = i->ifa_next) {
		const struct sockaddr *a = i->ifa_addr;
		const struct sockaddr_in *v4 = (const void *)a;
		const struct sockaddr_in6 *v6 = (const void *)a;

		if (a && a->sa_family == AF_INET)
			add_address(nft, &v4->sin_addr, 4);
		else if (a && a->sa_family == AF_INET6)
			add_address(nft, &v6->sin6_addr, 16);
	}
	freeifaddrs(list);
}

/* connect(2) of a datagram socket looks a route up and sends nothing. */
int
own_routes(int family)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(53)};
	struct sockaddr_in6 to6 = {.sin6_family = AF_INET6,
				   .sin6_port = htons(53)};
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	inet_pton(AF_INET, "1.1.1.1", &to.sin_addr);
	inet_pton(AF_INET6, "2606:4700::1111", &to6.sin6_addr);
	if (fd < 0)
		return 0;
	r = family == AF_INET
		? connect(fd, (struct sockaddr *)&to, sizeof(to))
		: connect(fd, (struct sockaddr *)&to6, sizeof(to6));
	close(fd);
	return r == 0;
}
