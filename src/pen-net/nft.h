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

#include "netlink.h"

/* Writes the rules as nft(8) lists them and reads them. */
void nft_print(FILE *out);

/* Builds the batch; returns how many acknowledgements it asks for. */
unsigned nft_build(struct nl *b);

#endif
