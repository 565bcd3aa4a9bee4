/*
 * synthetic: RFC 2544's benchmarking range, local to every pen.  pen-sni gives
 * its addresses to names; behind --proxy all names have the first one.
 */
#ifndef PEN_NET_SYNTHETIC_H
#define PEN_NET_SYNTHETIC_H

#define SYNTHETIC_ADDRESS 0xc6120001u /* 198.18.0.1 */
#define SYNTHETIC_PREFIX 15
#define SYNTHETIC_NET "198.18.0.0/15"

#endif
