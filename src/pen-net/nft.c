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

enum match { ANY, FROM_LO, TO_LO, TCP, MATCHES };
enum verdict { ACCEPT, REJECT_RESET, REJECT_ADMIN, VERDICTS };

static const char *const match_text[] = {
	[ANY] = "",
	[FROM_LO] = "iifname \"lo\" ",
	[TO_LO] = "oifname \"lo\" ",
	[TCP] = "meta l4proto tcp ",
};
static_assert(sizeof(match_text) / sizeof(*match_text) == MATCHES,
	      "a row each");

static const char *const verdict_text[] = {
	[ACCEPT] = "accept",
	[REJECT_RESET] = "reject with tcp reset",
	[REJECT_ADMIN] = "reject with icmpx admin-prohibited",
};
static_assert(sizeof(verdict_text) / sizeof(*verdict_text) == VERDICTS,
	      "a row each");

/*
 * Everything is local or refused.  What pen-sni and pasta carry needs no other
 * rule: their sockets in this namespace are on lo.  Output rejects, so that a
 * program fails at once instead of waiting; a reset for TCP, because connect(2)
 * retries after some ICMP errors.  Nothing comes in from elsewhere, and
 * whoever tried gets no answer.
 */
static const struct {
	const char *name;
	uint32_t hook;
	struct {
		enum match match;
		enum verdict verdict;
	} rules[3];
	unsigned n;
} chains[] = {
	{"input", NF_INET_LOCAL_IN, {{FROM_LO, ACCEPT}}, 1},
	{.name = "forward", .hook = NF_INET_FORWARD},
	{"output",
	 NF_INET_LOCAL_OUT,
	 {{TO_LO, ACCEPT}, {TCP, REJECT_RESET}, {ANY, REJECT_ADMIN}},
	 3},
};
#define CHAINS (sizeof(chains) / sizeof(*chains))

void
nft_print(FILE *out)
{
	fprintf(out, "table inet %s {\n", TABLE);
	for (size_t i = 0; i < CHAINS; i++) {
		fprintf(out,
			"%s\tchain %s {\n\t\ttype filter hook %s priority "
			"filter; policy drop;\n",
			i ? "\n" : "", chains[i].name, chains[i].name);
		for (unsigned j = 0; j < chains[i].n; j++)
			fprintf(out, "\t\t%s%s\n",
				match_text[chains[i].rules[j].match],
				verdict_text[chains[i].rules[j].verdict]);
		fprintf(out, "\t}\n");
	}
	fprintf(out, "}\n");
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

/* Loads a fact about the packet and stops the rule unless it is value. */
static void
compare(struct nl *b, uint32_t key, const void *value, size_t n)
{
	size_t data, elem = expression(b, "meta", &data), v;

	nl_attr_be32(b, NFTA_META_KEY, key);
	nl_attr_be32(b, NFTA_META_DREG, NFT_REG_1);
	nl_end(b, data);
	nl_end(b, elem);
	elem = expression(b, "cmp", &data);
	nl_attr_be32(b, NFTA_CMP_SREG, NFT_REG_1);
	nl_attr_be32(b, NFTA_CMP_OP, NFT_CMP_EQ);
	v = nl_nest(b, NFTA_CMP_DATA);
	nl_attr(b, NFTA_DATA_VALUE, value, n);
	nl_end(b, v);
	nl_end(b, data);
	nl_end(b, elem);
}

static void
put_match(struct nl *b, enum match m)
{
	static const char lo[16] = "lo"; /* IFNAMSIZ, all of it compared */
	static const unsigned char tcp = IPPROTO_TCP;

	if (m == FROM_LO)
		compare(b, NFT_META_IIFNAME, lo, sizeof(lo));
	else if (m == TO_LO)
		compare(b, NFT_META_OIFNAME, lo, sizeof(lo));
	else if (m == TCP)
		compare(b, NFT_META_L4PROTO, &tcp, sizeof(tcp));
}

static void
put_accept(struct nl *b)
{
	size_t data, elem = expression(b, "immediate", &data), v, w;

	nl_attr_be32(b, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	v = nl_nest(b, NFTA_IMMEDIATE_DATA);
	w = nl_nest(b, NFTA_DATA_VERDICT);
	nl_attr_be32(b, NFTA_VERDICT_CODE, NF_ACCEPT);
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
put_chain(struct nl *b, size_t i)
{
	size_t hook;

	message(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE | NLM_F_ACK);
	nl_attr_string(b, NFTA_CHAIN_TABLE, TABLE);
	nl_attr_string(b, NFTA_CHAIN_NAME, chains[i].name);
	hook = nl_nest(b, NFTA_CHAIN_HOOK);
	nl_attr_be32(b, NFTA_HOOK_HOOKNUM, chains[i].hook);
	nl_attr_be32(b, NFTA_HOOK_PRIORITY, 0); /* nft's "filter" */
	nl_end(b, hook);
	nl_attr_be32(b, NFTA_CHAIN_POLICY, NF_DROP);
	nl_attr_string(b, NFTA_CHAIN_TYPE, "filter");
}

static void
put_rule(struct nl *b, size_t i, unsigned j)
{
	enum verdict verdict = chains[i].rules[j].verdict;
	size_t list;

	message(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK);
	nl_attr_string(b, NFTA_RULE_TABLE, TABLE);
	nl_attr_string(b, NFTA_RULE_CHAIN, chains[i].name);
	list = nl_nest(b, NFTA_RULE_EXPRESSIONS);
	put_match(b, chains[i].rules[j].match);
	if (verdict == ACCEPT)
		put_accept(b);
	else
		put_reject(b, verdict);
	nl_end(b, list);
}

unsigned
nft_build(struct nl *b)
{
	unsigned acks = 1;

	bracket(b, NFNL_MSG_BATCH_BEGIN);
	message(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_ACK);
	nl_attr_string(b, NFTA_TABLE_NAME, TABLE);
	for (size_t i = 0; i < CHAINS; i++, acks++) {
		put_chain(b, i);
		for (unsigned j = 0; j < chains[i].n; j++, acks++)
			put_rule(b, i, j);
	}
	bracket(b, NFNL_MSG_BATCH_END);
	return acks;
}
