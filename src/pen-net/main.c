/*
 * pen-net: a network namespace in which everything but loopback is refused,
 * then prog.
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "carry.h"
#include "handover.h"
#include "lib/caps.h"
#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/opt.h"
#include "lib/userns.h"
#include "netlink.h"
#include "nft.h"
#include "own.h"
#include "pasta.h"
#include "synthetic.h"

/* lo is the first interface of every namespace (LOOPBACK_IFINDEX). */
#define LO 1

struct net_conf {
	struct carry carry;
	struct pasta pasta;
	struct nft nft;
	int offline, print_rules;
	int join, owner; /* descriptors; 0: a new network is made */
};

#define OPT(name, fn, args, help) static opt_fn fn;
#include "opts.def"
#undef OPT

/* An option that does one thing to the configuration. */
#define TAKES(fn, statement)                   \
	static void fn(void *cfg, char **args) \
	{                                      \
		struct net_conf *c = cfg;      \
                                               \
		(void)args;                    \
		statement;                     \
	}

TAKES(publish, carry_publish(&c->carry, args[0]))
TAKES(reach, carry_reach(&c->carry, args[0]))
TAKES(proxy, carry_proxy(&c->carry, args[0]))
TAKES(open_network, c->nft.open = 1)
TAKES(offline, c->offline = 1)
TAKES(print_rules, c->print_rules = 1)
TAKES(join, c->join = (int)opt_number("join", args[0], INT_MAX);
      c->owner = (int)opt_number("join", args[1], INT_MAX))

static const struct opt options[] = {
#define OPT(name, fn, args, help) {#name, fn, args, help},
#include "opts.def"
#undef OPT
    {0}};

static const struct opt_tool tool = {
    "[options] [--] prog [args...]",
    "Runs prog in a network namespace with nothing but loopback.", options, 0,
    NULL};

static void
check_options(const struct net_conf *c, const struct handover *h, int have_prog)
{
	if (!have_prog)
		die_hint("pen-net --help lists the options",
			 "no program to run");
	if (c->offline && (c->nft.open || carry_wanted(&c->carry)))
		die(ERR_TOOL,
		    "--offline excludes --publish, --reach, --proxy and "
		    "--open");
	if (c->carry.proxy.port && (c->nft.open || h->sock >= 0))
		die(ERR_TOOL, "--proxy excludes --open and pen-sni: the proxy "
			      "alone decides");
	if (c->nft.open && h->sock >= 0)
		die(ERR_TOOL, "--open excludes pen-sni: its names are not "
			      "those of the network");
	for (size_t i = 0; i < c->carry.reach.n; i++) {
		unsigned port = c->carry.reach.p[i].inside;

		if (c->carry.proxy.port && port == CARRY_PROXIED)
			die(ERR_TOOL, "--reach %u: --proxy has it inside",
			    port);
		for (size_t j = 0; j < c->carry.publish.n; j++)
			if (c->carry.publish.p[j].inside == port)
				die(ERR_TOOL,
				    "--publish %u: --reach has it "
				    "inside",
				    port);
	}
}

/* pen-sni has started meanwhile, and says what it wants. */
static void
serve_names(const struct net_conf *c, struct handover *h)
{
	handover_ports(h);
	for (size_t i = 0; i < c->carry.reach.n; i++)
		if (handover_has(h, c->carry.reach.p[i].inside))
			die(ERR_TOOL, "--reach %u: pen-sni has it inside",
			    c->carry.reach.p[i].inside);
	handover_send(h);
}

/* What pasta is to offer, and what of it is refused: the host itself. */
static void
look_at_host(struct net_conf *c)
{
	own_read(&c->nft);
	c->pasta.v4 = own_routes(AF_INET);
	c->pasta.v6 = own_routes(AF_INET6);
	if (!c->pasta.v4 && !c->pasta.v6)
		die(ERR_TOOL, "--open: the host has no route to anywhere");
}

static void
load_rules(const struct nft *nft)
{
	struct nl b = {.n = 0};
	unsigned acks = nft_build(nft, &b);

	if (nl_talk(NETLINK_NETFILTER, &b, acks) < 0)
		die_hint("the kernel needs nf_tables and nft_reject_inet; as "
			 "root: modprobe -a nf_tables nft_reject_inet",
			 "cannot load the packet filter: %m");
}

static void
set_up_loopback(void)
{
	struct ifinfomsg link = {.ifi_family = AF_UNSPEC,
				 .ifi_index = LO,
				 .ifi_flags = IFF_UP,
				 .ifi_change = IFF_UP};
	/* On a loopback interface the whole prefix is local, not one address */
	struct ifaddrmsg addr = {.ifa_family = AF_INET,
				 .ifa_prefixlen = SYNTHETIC_PREFIX,
				 .ifa_scope = RT_SCOPE_HOST,
				 .ifa_index = LO};
	struct nl b = {0};

	nl_message(&b, RTM_NEWLINK, NLM_F_ACK, &link, sizeof(link));
	nl_message(&b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK,
		   &addr, sizeof(addr));
	nl_attr_be32(&b, IFA_LOCAL, SYNTHETIC_ADDRESS);
	if (nl_talk(NETLINK_ROUTE, &b, 2) < 0)
		die(ERR_TOOL, "cannot set up the loopback interface: %m");
}

/*
 * What prog's own sockets start with, as splice_tune says of ours.  Where it
 * cannot be set (a read-only /proc/sys) they are slower, on some hosts.
 */
static void
set_sysctls(void)
{
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc < 0)
		die(ERR_TOOL, "cannot open /proc: %m");
	fd_write_file(proc, "sys/net/ipv4/tcp_congestion_control", "reno");
	userns_allow_ping(proc, getegid());
	close(proc);
}

/*
 * Nothing over the namespace stays with prog.  An ordinary user's own
 * capabilities would end at exec anyway, but ambient ones pass, and a program
 * with file capabilities (dumpcap, mtr-packet) would get them here from the
 * bounding set: with CAP_NET_RAW it sends what the filter never sees.  Root
 * keeps CAP_SETFCAP in that set: since Linux 5.12 a process without it cannot
 * map uid 0 into another user namespace (user_namespaces(7)), which is what
 * pen-ns does next.
 */
static void
drop_capabilities(void)
{
	caps_bound(geteuid() == 0 ? CAPS_BIT(CAP_SETFCAP) : 0);
	caps_set(0, 0);
}

int
main(int argc, char **argv)
{
	static struct net_conf c;
	struct handover h;
	int first;

	err_prog = "pen-net";
	first = opt_parse(&tool, &c, argc, argv);
	if (c.print_rules) {
		if (c.nft.open)
			look_at_host(&c);
		nft_print(&c.nft, stdout);
		return fflush(stdout) == 0 ? 0 : ERR_TOOL;
	}
	if (c.join) {
		carry_join(&c.carry, c.join, c.owner);
		return 0;
	}
	handover_read(&h);
	check_options(&c, &h, first < argc);

	if (c.nft.open) {
		pasta_check(&c.pasta);
		look_at_host(&c);
	}
	if (c.nft.open || carry_wanted(&c.carry)) {
		userns_enter(0, geteuid(), getegid());
		carry_on_host(&c.carry);
		if (c.nft.open)
			pasta_start(&c.pasta);
		if (unshare(CLONE_NEWNET) < 0)
			die(ERR_TOOL, "cannot make a network namespace: %m");
	} else
		userns_enter(CLONE_NEWNET, geteuid(), getegid());
	load_rules(&c.nft);
	set_up_loopback();
	set_sysctls();
	if (h.sock >= 0 && !c.offline)
		serve_names(&c, &h);
	if (carry_wanted(&c.carry))
		carry_inside(&c.carry);
	if (c.nft.open)
		pasta_release(&c.pasta);
	drop_capabilities();
	/* a proxy that could not begin is not found out by prog */
	if (h.sock >= 0 && !c.offline)
		handover_end(&h);
	chain_exec(argv + first);
}
