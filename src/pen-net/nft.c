#include "nft.h"

#include <arpa/inet.h>
#include <assert.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

#include "synthetic.h"

#define TABLE "pen"

/* Something of the packet, and what it has to be. */
struct test {
	enum { NO_TEST, META, NETWORK, TRANSPORT } from;
	uint32_t at; /* NFT_META_*, or where it is in the header */
	uint32_t n;  /* bytes */
	unsigned char value[16];
	int bits;    /* of them count, or 0: all */
	int differs; /* it must not be that */
};

enum match {
	ANY,
	FROM_LO,
	TO_LO,
	FROM_TAP,
	NOT_TO_TAP,
	TCP,
	PING_NAME, /* an echo request to a synthetic address */
	SOLICIT,   /* neighbour discovery, RFC 4861 */
	ADVERTISE,
	DNS_UDP,
	DNS_TCP,
	TO_NET4, /* and the row's network */
	TO_NET6,
	IPV4,
};

/* clang-format off */
#define FAMILY(f) {META, NFT_META_NFPROTO, 1, {f}, 0, 0}
#define PROTOCOL(p) {META, NFT_META_L4PROTO, 1, {p}, 0, 0}
#define TYPE(t) {TRANSPORT, 0, 1, {t}, 0, 0}
#define PORT(p) {TRANSPORT, 2, 2, {0, p}, 0, 0}
#define INTERFACE(key, name, differs) {META, key, IFNAMSIZ, name, 0, differs}
#define DNS \
	FAMILY(NFPROTO_IPV4), {NETWORK, 16, 4, {SPECIAL_DNS_BYTES}, 0, 0}
/* clang-format on */

static const struct {
	const char *text; /* as nft(8) has it */
	struct test tests[4];
} matches[] = {
    [ANY] = {"", {{0}}},
    [FROM_LO] = {"iifname \"lo\" ", {INTERFACE(NFT_META_IIFNAME, "lo", 0)}},
    [TO_LO] = {"oifname \"lo\" ", {INTERFACE(NFT_META_OIFNAME, "lo", 0)}},
    [FROM_TAP] = {"iifname \"" NFT_TAP "\" ",
		  {INTERFACE(NFT_META_IIFNAME, NFT_TAP, 0)}},
    [NOT_TO_TAP] = {"oifname != \"" NFT_TAP "\" ",
		    {INTERFACE(NFT_META_OIFNAME, NFT_TAP, 1)}},
    [TCP] = {"meta l4proto tcp ", {PROTOCOL(IPPROTO_TCP)}},
    [PING_NAME] = {"ip daddr " SYNTHETIC_NET " icmp type echo-request ",
		   {FAMILY(NFPROTO_IPV4),
		    {NETWORK, 16, 4, {198, 18}, SYNTHETIC_PREFIX, 0},
		    PROTOCOL(IPPROTO_ICMP),
		    TYPE(8)}},
    [SOLICIT] = {"icmpv6 type nd-neighbor-solicit ",
		 {PROTOCOL(IPPROTO_ICMPV6), TYPE(135)}},
    [ADVERTISE] = {"icmpv6 type nd-neighbor-advert ",
		   {PROTOCOL(IPPROTO_ICMPV6), TYPE(136)}},
    [DNS_UDP] = {"ip daddr " SPECIAL_DNS " udp dport 53 ",
		 {DNS, PROTOCOL(IPPROTO_UDP), PORT(53)}},
    [DNS_TCP] = {"ip daddr " SPECIAL_DNS " tcp dport 53 ",
		 {DNS, PROTOCOL(IPPROTO_TCP), PORT(53)}},
    [TO_NET4] = {"ip daddr ", {FAMILY(NFPROTO_IPV4)}},
    [TO_NET6] = {"ip6 daddr ", {FAMILY(NFPROTO_IPV6)}},
    [IPV4] = {"meta nfproto ipv4 ", {FAMILY(NFPROTO_IPV4)}},
};

#define REFUSE_CHAIN "refuse"

enum verdict { ACCEPT, REJECT_RESET, REJECT_ADMIN, REFUSE };

static const char *const verdict_text[] = {
    [ACCEPT] = "accept",
    [REJECT_RESET] = "reject with tcp reset",
    [REJECT_ADMIN] = "reject with icmpx admin-prohibited",
    [REFUSE] = ("goto " REFUSE_CHAIN),
};

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
 * connect(2) retries after some ICMP errors.  An echo request to the address of
 * a name is refused first: lo would answer in place of the server.  Nothing
 * comes in from elsewhere, and whoever tried gets no answer.
 */
static const struct row closed[] = {
    {.chain = "input", .hook = NF_INET_LOCAL_IN},
    {.match = FROM_LO, .verdict = ACCEPT},
    {.chain = "forward", .hook = NF_INET_FORWARD},
    {.chain = "output", .hook = NF_INET_LOCAL_OUT},
    {.match = PING_NAME, .verdict = REJECT_ADMIN},
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
    {.match = PING_NAME, .verdict = REJECT_ADMIN},
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

/* More rows would be a mistake in the tables, and end the process. */
static void
add_rows(struct rows *r, const struct row *rows, size_t n)
{
	assert(n <= ROWS_MAX - r->n);
	memcpy(r->v + r->n, rows, n * sizeof(*rows));
	r->n += n;
}

static void
refuse_net(struct rows *r, enum match match, const struct special *net)
{
	struct row row = {.match = match, .verdict = REFUSE, .net = *net};

	add_rows(r, &row, 1);
}

/*
 * Special networks of IPv6 that are not within the global unicast addresses are
 * refused anyway.  An IPv4 address that is embedded in one is not looked at.
 */
static void
list_rows(const struct nft *nft, struct rows *r)
{
	r->n = 0;
	if (!nft->open) {
		add_rows(r, closed, N(closed));
		return;
	}
	add_rows(r, open_head, N(open_head));
	for (size_t i = 0; i < special_v4_n; i++)
		refuse_net(r, TO_NET4, &special_v4[i]);
	for (size_t i = 0; i < special_v6_n; i++)
		if (special_v6[i].net[0] >> 5 == 1)
			refuse_net(r, TO_NET6, &special_v6[i]);
	for (size_t i = 0; i < nft->own_n; i++)
		refuse_net(r, nft->own[i].bits == 32 ? TO_NET4 : TO_NET6,
			   &nft->own[i]);
	add_rows(r, open_tail, N(open_tail));
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

	list_rows(nft, &r);
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
					"filter; policy drop;\n",
					row->chain);
			continue;
		}
		fprintf(out, "\t\t%s", matches[row->match].text);
		if (row->match == TO_NET4 || row->match == TO_NET6)
			print_net(out, row);
		fprintf(out, "%s\n", verdict_text[row->verdict]);
	}
	fprintf(out, "\t}\n}\n");
}

static void
begin_message(struct nl *b, int type, uint16_t flags)
{
	struct nfgenmsg head = {.nfgen_family = NFPROTO_INET,
				.version = NFNETLINK_V0};

	nl_message(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags,
		   &head, sizeof(head));
}

/* The brackets of a transaction: all of it or nothing. */
static void
put_bracket(struct nl *b, uint16_t type)
{
	struct nfgenmsg head = {.version = NFNETLINK_V0,
				.res_id = htons(NFNL_SUBSYS_NFTABLES)};

	nl_message(b, type, 0, &head, sizeof(head));
}

/* An expression of a rule, which put_end closes. */
static void
put_begin(struct nl *b, const char *name)
{
	nl_open(b, NFTA_LIST_ELEM);
	nl_attr_string(b, NFTA_EXPR_NAME, name);
	nl_open(b, NFTA_EXPR_DATA);
}

static void
put_end(struct nl *b)
{
	nl_close(b);
	nl_close(b);
}

static void
put_value(struct nl *b, uint16_t type, const void *value, size_t n)
{
	nl_open(b, type);
	nl_attr(b, NFTA_DATA_VALUE, value, n);
	nl_close(b);
}

static void
put_mask(struct nl *b, int bits, uint32_t n)
{
	static const unsigned char none[16];
	unsigned char ones[16] = {0};

	for (int i = 0; i < bits; i++)
		ones[i / 8] |= (unsigned char)(0x80 >> i % 8);
	put_begin(b, "bitwise");
	nl_attr_be32(b, NFTA_BITWISE_SREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_BITWISE_DREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_BITWISE_LEN, n);
	put_value(b, NFTA_BITWISE_MASK, ones, n);
	put_value(b, NFTA_BITWISE_XOR, none, n);
	put_end(b);
}

static void
put_test(struct nl *b, const struct test *t)
{
	if (t->from == META) {
		put_begin(b, "meta");
		nl_attr_be32(b, NFTA_META_KEY, t->at);
		nl_attr_be32(b, NFTA_META_DREG, NFT_REG_1);
	} else {
		put_begin(b, "payload");
		nl_attr_be32(b, NFTA_PAYLOAD_DREG, NFT_REG_1);
		nl_attr_be32(b, NFTA_PAYLOAD_BASE,
			     t->from == NETWORK ? NFT_PAYLOAD_NETWORK_HEADER
						: NFT_PAYLOAD_TRANSPORT_HEADER);
		nl_attr_be32(b, NFTA_PAYLOAD_OFFSET, t->at);
		nl_attr_be32(b, NFTA_PAYLOAD_LEN, t->n);
	}
	put_end(b);
	if (t->bits > 0 && t->bits < (int)t->n * 8)
		put_mask(b, t->bits, t->n);
	put_begin(b, "cmp");
	nl_attr_be32(b, NFTA_CMP_SREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_CMP_OP, t->differs ? NFT_CMP_NEQ : NFT_CMP_EQ);
	put_value(b, NFTA_CMP_DATA, t->value, t->n);
	put_end(b);
}

/* The address where the packet goes to is in the row's network. */
static void
put_net(struct nl *b, const struct row *row)
{
	int v4 = row->match == TO_NET4;
	struct test t = {.from = NETWORK,
			 .at = v4 ? 16 : 24,
			 .n = v4 ? 4 : 16,
			 .bits = row->net.bits};

	memcpy(t.value, row->net.net, sizeof(t.value));
	put_test(b, &t);
}

static void
put_verdict(struct nl *b, enum verdict verdict)
{
	static const unsigned char code = NFT_REJECT_ICMPX_ADMIN_PROHIBITED;

	if (verdict == REJECT_RESET) {
		put_begin(b, "reject");
		nl_attr_be32(b, NFTA_REJECT_TYPE, NFT_REJECT_TCP_RST);
	} else if (verdict == REJECT_ADMIN) {
		put_begin(b, "reject");
		nl_attr_be32(b, NFTA_REJECT_TYPE, NFT_REJECT_ICMPX_UNREACH);
		nl_attr(b, NFTA_REJECT_ICMP_CODE, &code, sizeof(code));
	} else {
		put_begin(b, "immediate");
		nl_attr_be32(b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
		nl_open(b, NFTA_IMMEDIATE_DATA);
		nl_open(b, NFTA_DATA_VERDICT);
		nl_attr_be32(b, NFTA_VERDICT_CODE,
			     verdict == REFUSE ? (uint32_t)NFT_GOTO
					       : NF_ACCEPT);
		if (verdict == REFUSE)
			nl_attr_string(b, NFTA_VERDICT_CHAIN, REFUSE_CHAIN);
		nl_close(b);
		nl_close(b);
	}
	put_end(b);
}

static void
put_chain(struct nl *b, const struct row *row)
{
	begin_message(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK);
	nl_attr_string(b, NFTA_CHAIN_TABLE, TABLE);
	nl_attr_string(b, NFTA_CHAIN_NAME, row->chain);
	if (row->hook == NO_HOOK)
		return;
	nl_open(b, NFTA_CHAIN_HOOK);
	nl_attr_be32(b, NFTA_HOOK_HOOKNUM, row->hook);
	nl_attr_be32(b, NFTA_HOOK_PRIORITY, 0); /* nft's "filter" */
	nl_close(b);
	nl_attr_be32(b, NFTA_CHAIN_POLICY, NF_DROP);
	nl_attr_string(b, NFTA_CHAIN_TYPE, "filter");
}

static void
put_rule(struct nl *b, const char *chain, const struct row *row, uint16_t ack)
{
	begin_message(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | ack);
	nl_attr_string(b, NFTA_RULE_TABLE, TABLE);
	nl_attr_string(b, NFTA_RULE_CHAIN, chain);
	nl_open(b, NFTA_RULE_EXPRESSIONS);
	for (const struct test *t = matches[row->match].tests;
	     t < matches[row->match].tests + 4 && t->from; t++)
		put_test(b, t);
	if (row->match == TO_NET4 || row->match == TO_NET6)
		put_net(b, row);
	put_verdict(b, row->verdict);
	nl_close(b);
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

	list_rows(nft, &r);
	put_bracket(b, NFNL_MSG_BATCH_BEGIN);
	begin_message(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
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
	put_bracket(b, NFNL_MSG_BATCH_END);
	return acks;
}
