/*
 * nft: the packet filter's rules, as text for people and as the one netlink
 * batch for the kernel.  Both are made from the same table.  Pure.
 *
 * No nft(8) is executed (4 ms of the start) and no libnftnl is linked (its
 * libmnl comes without a static library on Debian).
 */
#ifndef PEN_NET_NFT_H
#define PEN_NET_NFT_H

#include <stdio.h>

#include "lib/special.h"
#include "netlink.h"

/* pasta's interface. */
#define NFT_TAP "pasta"

/* The most addresses of the host's own. */
#define NFT_OWN_MAX 96

struct nft {
	int open; /* what leaves by NFT_TAP for a public address may */
	struct special own[NFT_OWN_MAX]; /* that the host has, whole ones */
	size_t own_n;
};

/* Writes the rules as nft(8) lists them and reads them. */
void nft_print(const struct nft *nft, FILE *out);

/* Builds the batch; returns how many acknowledgements it asks for. */
unsigned nft_build(const struct nft *nft, struct nl *b);

#endif
