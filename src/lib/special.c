#include "lib/special.h"

const struct special special_v4[] = {
    {{0}, 8, 0, 0},		      /* this network, RFC 791 */
    {{10}, 8, 1, 0},		      /* RFC 1918 */
    {{100, 100, 100, 200}, 32, 0, 0}, /* Alibaba's metadata */
    {{100, 64}, 10, 1, 0},	      /* carriers' NAT, RFC 6598 */
    {{127}, 8, 0, 0},		      /* loopback */
    {{168, 63, 129, 16}, 32, 0, 0},   /* Azure's metadata */
    {{169, 254}, 16, 0, 0},	      /* link-local, EC2's metadata */
    {{172, 16}, 12, 1, 0},	      /* RFC 1918 */
    {{192, 0, 0}, 24, 0, 0},	      /* protocols, RFC 6890 */
    {{192, 0, 2}, 24, 0, 0},	      /* TEST-NET-1, RFC 5737 */
    {{192, 88, 99}, 24, 0, 0},	      /* 6to4 relays, RFC 7526 */
    {{192, 168}, 16, 1, 0},	      /* RFC 1918 */
    {{198, 18}, 15, 0, 0},	      /* RFC 2544: the pen's own */
    {{198, 51, 100}, 24, 0, 0},	      /* TEST-NET-2 */
    {{203, 0, 113}, 24, 0, 0},	      /* TEST-NET-3 */
    {{224}, 4, 0, 0},		      /* multicast */
    {{240}, 4, 0, 0},		      /* reserved, and broadcast */
};
const size_t special_v4_n = sizeof(special_v4) / sizeof(*special_v4);

const struct special special_v6[] = {
    {{[10] = 0xff, 0xff}, 96, 0, 12},	/* mapped */
    {{0}, 96, 0, 0},			/* ::, ::1, IPv4-compatible */
    {{0, 0x64, 0xff, 0x9b}, 96, 0, 12}, /* RFC 6052 */
    /* RFC 8215: where the IPv4 address lies is its network's choice */
    {{0, 0x64, 0xff, 0x9b, 0, 1}, 48, 0, 0},
    {{0x01, 0x00}, 64, 0, 0},		  /* discard, RFC 6666 */
    {{0x20, 0x01, 0, 0}, 32, 0, 0},	  /* Teredo */
    {{0x20, 0x01, 0, 2}, 48, 0, 0},	  /* benchmarks */
    {{0x20, 0x01, 0, 0x10}, 28, 0, 0},	  /* ORCHID */
    {{0x20, 0x01, 0, 0x20}, 28, 0, 0},	  /* ORCHIDv2 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32, 0, 0}, /* documentation */
    {{0x20, 0x02}, 16, 0, 2},		  /* 6to4 */
    {{0x3f, 0xff}, 20, 0, 0},		  /* documentation, RFC 9637 */
    {{0x5f, 0x00}, 16, 0, 0},		  /* SRv6, RFC 9602 */
    /* fd00:ec2::254, EC2's metadata */
    {{0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}, 128, 0, 0},
    {{0xfc}, 7, 1, 0},	      /* RFC 4193 */
    {{0xfe, 0x80}, 10, 0, 0}, /* link-local */
    {{0xfe, 0xc0}, 10, 0, 0}, /* site-local, RFC 3879 */
    {{0xff}, 8, 0, 0},	      /* multicast */
};
const size_t special_v6_n = sizeof(special_v6) / sizeof(*special_v6);
