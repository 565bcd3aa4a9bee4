#include "compose.h"

#include <stdlib.h>
#include <string.h>

#define INNER_FILTER "/run/pen/pen-filter"

static void
begin(struct compose_chain *chain, const char *program)
{
	if (chain->words.n > 0)
		strv_push(&chain->words, "--");
	chain->link[chain->links++] = chain->words.n;
	strv_push(&chain->words, program);
}

static void
push(struct compose_chain *chain, const char *a, const char *b, const char *c)
{
	strv_push(&chain->words, a);
	if (b)
		strv_push(&chain->words, b);
	if (c)
		strv_push(&chain->words, c);
}

static void
push_all(struct compose_chain *chain, const struct strv *words)
{
	for (size_t i = 0; i < words->n; i++)
		strv_push(&chain->words, words->v[i]);
}

static void
push_list(struct compose_chain *chain, const char *option,
	  const struct settings_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		push(chain, option, l->v[i].text, NULL);
}

/* The size in bytes of a text that settings_check let through. */
static char *
bytes(const char *size)
{
	unsigned shift = strchr(size, 'K')   ? 10
			 : strchr(size, 'M') ? 20
			 : strchr(size, 'G') ? 30
					     : 0;

	return mem_printf("%llu", strtoull(size, NULL, 10) << shift);
}

static void
compose_net(const struct compose *c, struct compose_chain *chain, int open,
	    const char *proxy)
{
	const struct settings_list *l = c->settings->list;

	begin(chain, c->net);
	if (open)
		push(chain, "--open", NULL, NULL);
	if (proxy)
		push(chain, "--proxy", proxy, NULL);
	push_list(chain, "--publish", &l[SET_PUBLISH]);
	push_list(chain, "--reach", &l[SET_REACH]);
}

static void
compose_sni(const struct compose *c, struct compose_chain *chain)
{
	const struct settings_list *l = c->settings->list;

	begin(chain, c->sni);
	push_list(chain, "--allow", &l[SET_ALLOW]);
	push_list(chain, "--deny", &l[SET_DENY]);
	push_list(chain, "--private", &l[SET_PRIVATE_HOST]);
	push_list(chain, "--connect-to", &l[SET_CONNECT_TO]);
	if (c->upstream)
		push(chain, "--upstream-proxy", c->upstream, NULL);
	push(chain, "--log", c->log, NULL);
	push(chain, "--control", NULL, NULL);
	if (c->audit)
		push(chain, "--audit", NULL, NULL);
	else if (settings_on(c->settings, SET_ASK))
		push(chain, "--ask", NULL, NULL);
	push(chain, "--agent", c->agent ? c->agent : c->prog[0], NULL);
	push(chain, "--project", c->project, NULL);
}

/*
 * The tmpfs come before what is mounted below them.  The root stays writable:
 * it is a tmpfs of the run's own, and whoever adds options to the chain has
 * directories made in it.
 */
static void
compose_ns(const struct compose *c, struct compose_chain *chain, int offline)
{
	char *size = bytes(settings_value(c->settings, SET_TMP_SIZE));

	begin(chain, c->ns);
	if (offline)
		push(chain, "--unshare-net", NULL, NULL);
	if (settings_on(c->settings, SET_NESTING))
		push(chain, "--nested", NULL, NULL);
	push(chain, "--processes",
	     settings_value(c->settings, SET_PROCESSES), NULL);
	push(chain, "--hostname", "pen", NULL);
	push(chain, "--system", NULL, NULL);
	push(chain, "--proc", "/proc", NULL);
	push(chain, "--dev", "/dev", NULL);
	push(chain, "--size", size, NULL);
	push(chain, "--perms", "1777", NULL);
	push(chain, "--tmpfs", "/tmp", NULL);
	push(chain, "--symlink", "../tmp", "/var/tmp");
	push(chain, "--symlink", "../run", "/var/run");
	push(chain, "--size", size, NULL);
	push(chain, "--perms", "0700", NULL);
	push(chain, "--tmpfs", c->home, NULL);
	for (size_t i = 0; i < c->data_n; i++)
		push(chain, "--ro-bind-data", mem_printf("%d", c->data[i].fd),
		     c->data[i].dest);
	push_all(chain, c->view);
	push(chain, "--ro-bind", c->filter, INNER_FILTER);
	push(chain, "--chdir", c->cwd, NULL);
	if (c->audit_fd >= 0)
		push(chain, "--keep-fd", mem_printf("%d", c->audit_fd), NULL);
	if (c->env_fd >= 0)
		push(chain, "--args", mem_printf("%d", c->env_fd), NULL);
	else
		push_all(chain, c->env);
}

static void
push_relaxed(const struct compose *c, struct compose_chain *chain)
{
	if (settings_on(c->settings, SET_NESTING))
		push(chain, "--nested", NULL, NULL);
	if (settings_on(c->settings, SET_DEBUG))
		push(chain, "--debug", NULL, NULL);
	if (settings_on(c->settings, SET_PERF))
		push(chain, "--perf", NULL, NULL);
}

static void
compose_filter(const struct compose *c, struct compose_chain *chain)
{
	begin(chain, INNER_FILTER);
	push_relaxed(c, chain);
	if (c->audit_fd >= 0)
		push(chain, "--notify", mem_printf("%d", c->audit_fd), NULL);
}

void
compose_collector(const struct compose *c, struct compose_chain *chain, int fd)
{
	memset(chain, 0, sizeof(*chain));
	strv_push(&chain->words, c->filter);
	push_relaxed(c, chain);
	push(chain, "--collect", mem_printf("%d", fd), NULL);
}

void
compose(const struct compose *c, struct compose_chain *chain)
{
	const char *network = settings_value(c->settings, SET_NETWORK);
	int offline = strcmp(network, "offline") == 0;
	int open = strcmp(network, "open") == 0;
	const char *proxy = settings_proxy(network);

	memset(chain, 0, sizeof(*chain));
	if (!offline && !open && !proxy)
		compose_sni(c, chain);
	if (!offline)
		compose_net(c, chain, open, proxy);
	compose_ns(c, chain, offline);
	compose_filter(c, chain);
	begin(chain, c->prog[0]);
	for (char *const *w = c->prog + 1; *w; w++)
		strv_push(&chain->words, *w);
}
