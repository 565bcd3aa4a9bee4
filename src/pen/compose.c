#include "pen/compose.h"

#include <stdlib.h>
#include <string.h>

#include "pen/keygit.h"
#include "pen/tell.h"

#define INNER_FILTER "/run/pen/pen-filter"

static void
begin_program(struct compose_chain *chain, const char *program)
{
	if (chain->words.n > 0)
		strv_push(&chain->words, "--");
	chain->link[chain->links++] = chain->words.n;
	strv_push(&chain->words, program);
}

static void
push_words(struct compose_chain *chain, const char *a, const char *b,
	   const char *c)
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
		push_words(chain, option, l->v[i].text, NULL);
}

char *
compose_bytes(const char *size)
{
	unsigned shift = strchr(size, 'K')   ? 10
			 : strchr(size, 'M') ? 20
			 : strchr(size, 'G') ? 30
					     : 0;

	return mem_printf("%llu", strtoull(size, NULL, 10) << shift);
}

static void
push_ports(const struct compose *c, struct compose_chain *chain)
{
	const struct settings_list *l = c->settings->list;

	push_list(chain, "--publish", &l[SET_PUBLISH]);
	push_list(chain, "--reach", &l[SET_REACH]);
}

static void
compose_net(const struct compose *c, struct compose_chain *chain, int open,
	    const char *proxy)
{
	begin_program(chain, c->net);
	if (open)
		push_words(chain, "--open", NULL, NULL);
	if (proxy)
		push_words(chain, "--proxy", proxy, NULL);
	push_ports(c, chain);
}

static void
compose_sni(const struct compose *c, struct compose_chain *chain)
{
	const struct settings_list *l = c->settings->list;

	begin_program(chain, c->sni);
	for (size_t i = 0; i < c->allow_only->n; i++)
		push_words(chain, "--allow-only", c->allow_only->v[i], NULL);
	push_list(chain, "--allow", &l[SET_ALLOW]);
	push_list(chain, "--deny", &l[SET_DENY]);
	push_list(chain, "--quiet", &l[SET_QUIET]);
	push_list(chain, "--limit", &l[SET_LIMIT]);
	push_list(chain, "--private", &l[SET_PRIVATE_HOST]);
	push_list(chain, "--connect-to", &l[SET_CONNECT_TO]);
	if (c->upstream)
		push_words(chain, "--upstream-proxy", c->upstream, NULL);
	push_words(chain, "--log", c->log, NULL);
	push_words(chain, "--control", NULL, NULL);
	if (c->audit)
		push_words(chain, "--audit", NULL, NULL);
	else if (settings_on(c->settings, SET_ASK))
		push_words(chain, "--ask", NULL, NULL);
	push_words(chain, "--agent", c->agent ? c->agent : c->prog[0], NULL);
	push_words(chain, "--project", c->project, NULL);
	push_ports(c, chain);
}

/* The run, but for what serves it from outside: pen-sni and pen-net's. */
static void
compose_limit(const struct compose *c, struct compose_chain *chain)
{
	static const struct {
		enum settings_key key;
		const char *option;
	} all[] = {
	    {SET_MEMORY, "--memory"}, {SET_CPU, "--cpu"}, {SET_TIME, "--time"}};
	int begun = 0;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		const char *text = settings_value(c->settings, all[i].key);

		if (strcmp(text, "none") == 0)
			continue;
		if (!begun)
			begin_program(chain, c->limit);
		begun = 1;
		push_words(chain, all[i].option, text, NULL);
	}
	if (begun && c->report)
		push_words(chain, "--note", mem_join(c->log, ".limit"), NULL);
}

/*
 * The tmpfs come before what is mounted below them.  The root stays writable:
 * it is a tmpfs of the run's own, and whoever adds options to the chain has
 * directories made in it.
 */
static void
compose_ns(const struct compose *c, struct compose_chain *chain, int offline)
{
	char *size = compose_bytes(settings_value(c->settings, SET_TMP_SIZE));

	begin_program(chain, c->ns);
	if (offline)
		push_words(chain, "--unshare-net", NULL, NULL);
	if (settings_on(c->settings, SET_NESTING))
		push_words(chain, "--nested", NULL, NULL);
	push_words(chain, "--processes",
		   settings_value(c->settings, SET_PROCESSES), NULL);
	push_words(chain, "--draft-size",
		   compose_bytes(settings_value(c->settings, SET_DRAFT_SIZE)),
		   NULL);
	if (c->report) {
		push_words(chain, "--at-end", c->report,
			   mem_printf("%d", c->manifest_fd));
		push_words(chain, "--watch", c->watch,
			   mem_printf("%d", c->plan_fd));
	}
	push_words(chain, "--hostname", "pen", NULL);
	if (c->system_fd >= 0)
		push_words(chain, "--args", mem_printf("%d", c->system_fd),
			   NULL);
	else
		push_words(chain, "--system", NULL, NULL);
	push_words(chain, "--proc", "/proc", NULL);
	push_words(chain, "--dev", "/dev", NULL);
	push_words(chain, "--size", size, NULL);
	push_words(chain, "--perms", "1777", NULL);
	push_words(chain, "--tmpfs", "/tmp", NULL);
	push_words(chain, "--symlink", "../tmp", "/var/tmp");
	push_words(chain, "--symlink", "../run", "/var/run");
	push_words(chain, "--size", size, NULL);
	push_words(chain, "--perms", "0700", NULL);
	push_words(chain, "--tmpfs", c->home, NULL);
	for (size_t i = 0; i < c->data_n; i++)
		push_words(chain, c->data[i].own ? "--file" : "--ro-bind-data",
			   mem_printf("%d", c->data[i].fd), c->data[i].dest);
	if (c->told)
		push_words(chain, "--symlink", "README", TELL_ALIAS);
	push_all(chain, c->view);
	push_words(chain, "--ro-bind", c->filter, INNER_FILTER);
	push_words(chain, "--chdir", c->cwd, NULL);
	if (c->audit_fd >= 0)
		push_words(chain, "--keep-fd", mem_printf("%d", c->audit_fd),
			   NULL);
	if (c->env_fd >= 0)
		push_words(chain, "--args", mem_printf("%d", c->env_fd), NULL);
	else
		push_all(chain, c->env);
}

static void
push_relaxed(const struct compose *c, struct compose_chain *chain)
{
	if (settings_on(c->settings, SET_NESTING))
		push_words(chain, "--nested", NULL, NULL);
	if (settings_on(c->settings, SET_DEBUG))
		push_words(chain, "--debug", NULL, NULL);
	if (settings_on(c->settings, SET_PERF))
		push_words(chain, "--perf", NULL, NULL);
}

static void
compose_filter(const struct compose *c, struct compose_chain *chain)
{
	begin_program(chain, INNER_FILTER);
	push_relaxed(c, chain);
	if (c->audit_fd >= 0)
		push_words(chain, "--notify", mem_printf("%d", c->audit_fd),
			   NULL);
}

void
compose_collector(const struct compose *c, const char *program,
		  struct compose_chain *chain, int fd)
{
	memset(chain, 0, sizeof(*chain));
	strv_push(&chain->words, program);
	push_relaxed(c, chain);
	push_words(chain, "--collect", mem_printf("%d", fd), NULL);
}

void
compose(const struct compose *c, struct compose_chain *chain)
{
	const char *network = settings_value(c->settings, SET_NETWORK);
	int offline = strcmp(network, "offline") == 0;
	int open = strcmp(network, "open") == 0;
	const char *proxy = settings_proxy(network);

	memset(chain, 0, sizeof(*chain));
	for (size_t i = 0; i < c->keys->n; i++) {
		begin_program(chain, c->key);
		key_words(c->keys, i, c->settings, c->upstream, &chain->words);
		keygit_words(&c->keys->v[i], c->settings, &chain->words);
	}
	if (!offline && !open && !proxy)
		compose_sni(c, chain);
	if (!offline)
		compose_net(c, chain, open, proxy);
	compose_limit(c, chain);
	compose_ns(c, chain, offline);
	compose_filter(c, chain);
	begin_program(chain, c->prog[0]);
	for (char *const *w = c->prog + 1; *w; w++)
		strv_push(&chain->words, *w);
}
