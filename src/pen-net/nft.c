#include "nft.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>

#define TABLE "pen"

enum match {
	ANY,
	FROM_LO,
	TO_LO,
	FROM_TAP,
	NOT_TO_TAP,
	TCP,
	SOLICIT, /* neighbour discovery, RFC 4861 */
	ADVERTISE,
	DNS_UDP,
	DNS_TCP,
	TO_NET4,
	TO_NET6,
	IPV4,
	MATCHES
};
enum verdict { ACCEPT, REJECT_RESET, REJECT_ADMIN, REFUSE, VERDICTS };

static const char *const match_text[] = {
	[ANY] = "",
	[FROM_LO] = "iifname \"lo\" ",
	[TO_LO] = "oifname \"lo\" ",
	[FROM_TAP] = "iifname \"" NFT_TAP "\" ",
	[NOT_TO_TAP] = "oifname != \"" NFT_TAP "\" ",
	[TCP] = "meta l4proto tcp ",
	[SOLICIT] = "icmpv6 type nd-neighbor-solicit ",
	[ADVERTISE] = "icmpv6 type nd-neighbor-advert ",
	[DNS_UDP] = "ip daddr " SPECIAL_DNS " udp dport 53 ",
	[DNS_TCP] = "ip daddr " SPECIAL_DNS " tcp dport 53 ",
	[TO_NET4] = "ip daddr ",
	[TO_NET6] = "ip6 daddr ",
	[IPV4] = "meta nfproto ipv4 ",
};
static_assert(sizeof(match_text) / sizeof(*match_text) == MATCHES,
	      "a row each");

#define REFUSE_CHAIN "refuse"

static const char *const verdict_text[] = {
	[ACCEPT] = "accept",
	[REJECT_RESET] = "reject with tcp reset",
	[REJECT_ADMIN] = "reject with icmpx admin-prohibited",
	[REFUSE] = ("goto " REFUSE_CHAIN),
};
static_assert(sizeof(verdict_text) / sizeof(*verdict_text) == VERDICTS,
	      "a row each");

#define NO_HOOK UINT32_MAX

/* A chain, when it has a name, or a rule of the one before. */
struct row {
	const char *chain;
	uint32_t hook;
	enum match match;
	enum verdict verdict;
	struct special net;
};

/*
 * Everything is local or refused.  What pen-sni and forwarders carry needs no
 * other rule: their sockets in this namespace are on lo.  Output rejects, so
 * that a program fails at once instead of waiting; a reset for TCP, because
 * connect(2) retries after some ICMP errors.  Nothing comes in from elsewhere,
 * and whoever tried gets no answer.
 */
static const struct row closed[] = {
	{.chain = "input", .hook = NF_INET_LOCAL_IN},
	{.match = FROM_LO, .verdict = ACCEPT},
	{.chain = "forward", .hook = NF_INET_FORWARD},
	{.chain = "output", .hook = NF_INET_LOCAL_OUT},
	{.match = TO_LO, .verdict = ACCEPT},
	{.match = TCP, .verdict = REJECT_RESET},
	{.match = ANY, .verdict = REJECT_ADMIN},
};

/*
 * An open network: what leaves by pasta's interface is looked at by its
 * destination, and nothing comes in that was not asked for, because pasta is
 * told to forward nothing to it.
 */
static const struct row open_head[] = {
	{.chain = REFUSE_CHAIN, .hook = NO_HOOK},
	{.match = TCP, .verdict = REJECT_RESET},
	{.match = ANY, .verdict = REJECT_ADMIN},
	{.chain = "input", .hook = NF_INET_LOCAL_IN},
	{.match = FROM_LO, .verdict = ACCEPT},
	{.match = FROM_TAP, .verdict = ACCEPT},
	{.chain = "forward", .hook = NF_INET_FORWARD},
	{.chain = "output", .hook = NF_INET_LOCAL_OUT},
	{.match = TO_LO, .verdict = ACCEPT},
	{.match = NOT_TO_TAP, .verdict = REFUSE},
	{.match = SOLICIT, .verdict = ACCEPT},
	{.match = ADVERTISE, .verdict = ACCEPT},
	{.match = DNS_UDP, .verdict = ACCEPT},
	{.match = DNS_TCP, .verdict = ACCEPT},
};
static const struct row open_tail[] = {
	{.match = IPV4, .verdict = ACCEPT},
	/* all that is global unicast: RFC 4291, IANA */
	{.match = TO_NET6, .verdict = ACCEPT, .net = {{0x20}, 3, 0, 0}},
	{.match = TCP, .verdict = REJECT_RESET},
	{.match = ANY, .verdict = REJECT_ADMIN},
};

#define N(a) (sizeof(a) / sizeof(*(a)))

/* Room for the tables of special.h, the host's own addresses, and the rest. */
#define ROWS_MAX (N(open_head) + N(open_tail) + 64 + NFT_OWN_MAX)

struct rows {
	struct row v[ROWS_MAX];
	size_t n;
};

static void
add(struct rows *r, const struct row *rows, size_t n)
{
	assert(n <= ROWS_MAX - r->n);
	memcpy(r->v + r->n, rows, n * sizeof(*rows));
	r->n += n;
}

/*
 * Those of IPv6 that are not within the global unicast addresses are refused
 * anyway.  An IPv4 address that is embedded in one is not looked at.
 */
static void
refuse_special(struct rows *r)
{
	struct row row = {.verdict = REFUSE};

	for (size_t i = 0; i < special_v4_n; i++) {
		row.match = TO_NET4;
		row.net = special_v4[i];
		add(r, &row, 1);
	}
	for (size_t i = 0; i < special_v6_n; i++) {
		row.match = TO_NET6;
		row.net = special_v6[i];
		if (row.net.net[0] >> 5 == 1)
			add(r, &row, 1);
	}
}

static void
plan(const struct nft *nft, struct rows *r)
{
	r->n = 0;
	if (!nft->open) {
		add(r, closed, N(closed));
		return;
	}
	add(r, open_head, N(open_head));
	refuse_special(r);
	for (size_t i = 0; i < nft->own_n; i++) {
		struct row row = {.match = nft->own[i].bits == 32 ? TO_NET4
								  : TO_NET6,
				  .verdict = REFUSE,
				  .net = nft->own[i]};

		add(r, &row, 1);
	}
	add(r, open_tail, N(open_tail));
}

static void
print_net(FILE *out, const struct row *row)
{
	char text[INET6_ADDRSTRLEN];
	int v4 = row->match == TO_NET4;

	inet_ntop(v4 ? AF_INET : AF_INET6, row->net.net, text, sizeof(text));
	if (row->net.bits == (v4 ? 32 : 128))
		fprintf(out, "%s ", text);
	else
		fprintf(out, "%s/%d ", text, row->net.bits);
}

void
nft_print(const struct nft *nft, FILE *out)
{
	struct rows r;

	plan(nft, &r);
	fprintf(out, "table inet %s {\n", TABLE);
	for (size_t i = 0; i < r.n; i++) {
		const struct row *row = &r.v[i];

		if (row->chain && i > 0)
			fprintf(out, "\t}\n\n");
		if (row->chain) {
			fprintf(out, "\tchain %s {\n", row->chain);
			if (row->hook != NO_HOOK)
				fprintf(out,
					"\t\ttype filter hook %s priority "
					"filter; policy drop;\n", row->chain);
			continue;
		}
		fprintf(out, "\t\t%s", match_text[row->match]);
		if (row->match == TO_NET4 || row->match == TO_NET6)
			print_net(out, row);
		fprintf(out, "%s\n", verdict_text[row->verdict]);
	}
	fprintf(out, "\t}\n}\n");
}

static void
message(struct nl *b, int type, uint16_t flags)
{
	struct nfgenmsg head = {.nfgen_family = NFPROTO_INET,
				.version = NFNETLINK_V0};

	nl_message(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags,
		   &head, sizeof(head));
}

/* The brackets of a transaction: all of it or nothing. */
static void
bracket(struct nl *b, uint16_t type)
{
	struct nfgenmsg head = {.version = NFNETLINK_V0,
				.res_id = htons(NFNL_SUBSYS_NFTABLES)};

	nl_message(b, type, 0, &head, sizeof(head));
}

/* Opens an expression; *data is the nest of its own attributes. */
static size_t
expression(struct nl *b, const char *name, size_t *data)
{
	size_t elem = nl_nest(b, NFTA_LIST_ELEM);

	nl_attr_string(b, NFTA_EXPR_NAME, name);
	*data = nl_nest(b, NFTA_EXPR_DATA);
	return elem;
}

/* Stops the rule unless the register is, or is not (op), value. */
static void
compare(struct nl *b, uint32_t op, const void *value, size_t n)
{
	size_t data, elem = expression(b, "cmp", &data), v;

	nl_attr_be32(b, NFTA_CMP_SREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_CMP_OP, op);
	v = nl_nest(b, NFTA_CMP_DATA);
	nl_attr(b, NFTA_DATA_VALUE, value, n);
	nl_end(b, v);
	nl_end(b, data);
	nl_end(b, elem);
}

/* A fact about the packet. */
static void
meta(struct nl *b, uint32_t key, uint32_t op, const void *value, size_t n)
{
	size_t data, elem = expression(b, "meta", &data);

	nl_attr_be32(b, NFTA_META_KEY, key);
	nl_attr_be32(b, NFTA_META_DREG, NFT_REG_1);
	nl_end(b, data);
	nl_end(b, elem);
	compare(b, op, value, n);
}

/* Bytes of a header. */
static void
payload(struct nl *b, uint32_t base, uint32_t offset, uint32_t n)
{
	size_t data, elem = expression(b, "payload", &data);

	nl_attr_be32(b, NFTA_PAYLOAD_DREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_PAYLOAD_BASE, base);
	nl_attr_be32(b, NFTA_PAYLOAD_OFFSET, offset);
	nl_attr_be32(b, NFTA_PAYLOAD_LEN, n);
	nl_end(b, data);
	nl_end(b, elem);
}

static void
mask(struct nl *b, int bits, uint32_t n)
{
	static const unsigned char none[16];
	unsigned char ones[16] = {0};
	size_t data, elem = expression(b, "bitwise", &data), v;

	for (int i = 0; i < bits; i++)
		ones[i / 8] |= (unsigned char)(0x80 >> i % 8);
	nl_attr_be32(b, NFTA_BITWISE_SREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_BITWISE_DREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_BITWISE_LEN, n);
	v = nl_nest(b, NFTA_BITWISE_MASK);
	nl_attr(b, NFTA_DATA_VALUE, ones, n);
	nl_end(b, v);
	v = nl_nest(b, NFTA_BITWISE_XOR);
	nl_attr(b, NFTA_DATA_VALUE, none, n);
	nl_end(b, v);
	nl_end(b, data);
	nl_end(b, elem);
}

static void
put_net(struct nl *b, const struct special *net, int v4)
{
	unsigned char family = v4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
	uint32_t n = v4 ? 4 : 16;

	meta(b, NFT_META_NFPROTO, NFT_CMP_EQ, &family, 1);
	payload(b, NFT_PAYLOAD_NETWORK_HEADER, v4 ? 16 : 24, n); /* daddr */
	if (net->bits < (int)n * 8)
		mask(b, net->bits, n);
	compare(b, NFT_CMP_EQ, net->net, n);
}

static void
put_dns(struct nl *b, unsigned char protocol)
{
	static const unsigned char port[] = {0, 53};
	struct special dns = {.bits = 32};

	inet_pton(AF_INET, SPECIAL_DNS, dns.net);
	put_net(b, &dns, 1);
	meta(b, NFT_META_L4PROTO, NFT_CMP_EQ, &protocol, 1);
	payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, 2, sizeof(port));
	compare(b, NFT_CMP_EQ, port, sizeof(port));
}

static void
put_icmp6(struct nl *b, unsigned char type)
{
	static const unsigned char protocol = IPPROTO_ICMPV6;

	meta(b, NFT_META_L4PROTO, NFT_CMP_EQ, &protocol, 1);
	payload(b, NFT_PAYLOAD_TRANSPORT_HEADER, 0, 1);
	compare(b, NFT_CMP_EQ, &type, 1);
}

static void
put_match(struct nl *b, const struct row *row)
{
	/* IFNAMSIZ, all of it compared */
	static const char lo[16] = "lo", tap[16] = NFT_TAP;
	static const unsigned char tcp = IPPROTO_TCP, v4 = NFPROTO_IPV4;

	switch (row->match) {
	case FROM_LO:
		meta(b, NFT_META_IIFNAME, NFT_CMP_EQ, lo, sizeof(lo));
		break;
	case TO_LO:
		meta(b, NFT_META_OIFNAME, NFT_CMP_EQ, lo, sizeof(lo));
		break;
	case FROM_TAP:
		meta(b, NFT_META_IIFNAME, NFT_CMP_EQ, tap, sizeof(tap));
		break;
	case NOT_TO_TAP:
		meta(b, NFT_META_OIFNAME, NFT_CMP_NEQ, tap, sizeof(tap));
		break;
	case TCP:
		meta(b, NFT_META_L4PROTO, NFT_CMP_EQ, &tcp, 1);
		break;
	case SOLICIT:
	case ADVERTISE:
		put_icmp6(b, row->match == SOLICIT ? 135 : 136);
		break;
	case IPV4:
		meta(b, NFT_META_NFPROTO, NFT_CMP_EQ, &v4, 1);
		break;
	case DNS_UDP:
	case DNS_TCP:
		put_dns(b, row->match == DNS_UDP ? IPPROTO_UDP : IPPROTO_TCP);
		break;
	case TO_NET4:
	case TO_NET6:
		put_net(b, &row->net, row->match == TO_NET4);
		break;
	case ANY:
	case MATCHES:
		break;
	}
}

/* To the chain, or to the packet's acceptance without one. */
static void
put_verdict(struct nl *b, const char *chain)
{
	size_t data, elem = expression(b, "immediate", &data), v, w;

	nl_attr_be32(b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	v = nl_nest(b, NFTA_IMMEDIATE_DATA);
	w = nl_nest(b, NFTA_DATA_VERDICT);
	nl_attr_be32(b, NFTA_VERDICT_CODE,
		     chain ? (uint32_t)NFT_GOTO : NF_ACCEPT);
	if (chain)
		nl_attr_string(b, NFTA_VERDICT_CHAIN, chain);
	nl_end(b, w);
	nl_end(b, v);
	nl_end(b, data);
	nl_end(b, elem);
}

static void
put_reject(struct nl *b, enum verdict verdict)
{
	static const unsigned char code = NFT_REJECT_ICMPX_ADMIN_PROHIBITED;
	size_t data, elem = expression(b, "reject", &data);

	if (verdict == REJECT_RESET)
		nl_attr_be32(b, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
	else {
		nl_attr_be32(b, NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
		nl_attr(b, NFTA_REJECT_ICMP_CODE, &code, sizeof(code));
	}
	nl_end(b, data);
	nl_end(b, elem);
}

static void
put_chain(struct nl *b, const struct row *row)
{
	size_t hook;

	message(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK);
	nl_attr_string(b, NFTA_CHAIN_TABLE, TABLE);
	nl_attr_string(b, NFTA_CHAIN_NAME, row->chain);
	if (row->hook == NO_HOOK)
		return;
	hook = nl_nest(b, NFTA_CHAIN_HOOK);
	nl_attr_be32(b, NFTA_HOOK_HOOKNUM, row->hook);
	nl_attr_be32(b, NFTA_HOOK_PRIORITY, 0); /* nft's "filter" */
	nl_end(b, hook);
	nl_attr_be32(b, NFTA_CHAIN_POLICY, NF_DROP);
	nl_attr_string(b, NFTA_CHAIN_TYPE, "filter");
}

static void
put_rule(struct nl *b, const char *chain, const struct row *row, uint16_t ack)
{
	size_t list;

	message(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | ack);
	nl_attr_string(b, NFTA_RULE_TABLE, TABLE);
	nl_attr_string(b, NFTA_RULE_CHAIN, chain);
	list = nl_nest(b, NFTA_RULE_EXPRESSIONS);
	put_match(b, row);
	if (row->verdict == ACCEPT || row->verdict == REFUSE)
		put_verdict(b, row->verdict == REFUSE ? REFUSE_CHAIN : NULL);
	else
		put_reject(b, row->verdict);
	nl_end(b, list);
}

/*
 * A message that fails is answered whether or not it asks for it.  The rules
 * for addresses do not ask: their answers would not all fit in the socket.
 */
unsigned
nft_build(const struct nft *nft, struct nl *b)
{
	const char *chain = NULL;
	unsigned acks = 1;
	struct rows r;

	plan(nft, &r);
	bracket(b, NFNL_MSG_BATCH_BEGIN);
	message(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
	nl_attr_string(b, NFTA_TABLE_NAME, TABLE);
	for (size_t i = 0; i < r.n; i++) {
		const struct row *row = &r.v[i];
		int ask = row->match != TO_NET4 && row->match != TO_NET6;

		if (row->chain)
			put_chain(b, row);
		else
			put_rule(b, chain, row, ask ? NLM_F_ACK : 0);
		chain = row->chain ? row->chain : chain;
		acks += row->chain || ask;
	}
	bracket(b, NFNL_MSG_BATCH_END);
	return acks;
}
