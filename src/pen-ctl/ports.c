#include "pen-ctl/ports.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/ports.h"
#include "pen-ctl/inside.h"
#include "pen-ctl/reply.h"
#include "pen-ctl/session.h"
#include "pen-ctl/show.h"

#define RESOLVER_PORT 53 /* pen-sni's, always */

/* Has pen-net carry the port, for as long as the session keeps s. */
static void
carry(struct session *s, const char *verb, const char *port, int pidfd)
{
	struct strv argv = {0};
	int status = -1;
	pid_t pid;

	strv_push(&argv, chain_sibling("pen-net"));
	strv_push(&argv, "--join");
	strv_push(&argv, mem_printf("%d", pidfd));
	strv_push(&argv, mem_printf("%d", s->fd));
	strv_push(&argv, mem_printf("--%s", verb));
	strv_push(&argv, port);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		if (fd_cloexec(pidfd, 0) < 0 || fd_cloexec(s->fd, 0) < 0)
			die(ERR_TOOL, "cannot keep a descriptor: %m");
		chain_exec(argv.v);
	}
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	free(argv.v);
	if (status != 0)
		err_exit(ERR_TOOL); /* pen-net has said why */
}

void
ports_add(const char *pen, const struct strv *words)
{
	const char *verb = words->v[0];
	int reach = strcmp(verb, "reach") == 0;

	for (size_t i = 1; i < words->n; i++) {
		struct ports p;
		const char *why = ports_parse(words->v[i], !reach, &p);

		if (why)
			die(ERR_TOOL, "%s '%s': %s", verb, words->v[i], why);
	}
	for (size_t i = 1; i < words->n; i++) {
		char *request = mem_printf("%s %s", verb, words->v[i]);
		const char *error;
		struct session s;
		int pidfd;

		session_open(&s, pen);
		pidfd = session_process(&s, request, NULL, NULL, &error);
		if (error)
			die(ERR_TOOL, "%s: %s", request, error);
		carry(&s, verb, words->v[i], pidfd);
		session_close(&s);
		close(pidfd);
		free(request);
	}
}

void
ports_remove(const char *pen, const struct strv *words)
{
	struct session s;

	session_open(&s, pen);
	for (size_t i = 1; i < words->n; i++) {
		char *request = mem_printf("%s %s", words->v[0], words->v[i]);
		const char *error =
		    reply_error(session_ask(&s, request, NULL, NULL));

		if (error)
			die(ERR_TOOL, "%s: %s", request, error);
		free(request);
	}
}

/* --- what there is -------------------------------------------------------- */

struct view {
	enum ports_form form;
	json_t *carried; /* an array of the session's objects */
	char *own;	 /* pen-sni's ports, with commas */
	size_t n;
};

static void
take_carried(void *arg, const json_t *object)
{
	json_array_append_new(((struct view *)arg)->carried,
			      json_deep_copy(object));
}

static unsigned
number_of(const json_t *object, const char *key)
{
	return (unsigned)json_integer_value(json_object_get(object, key)) &
	       0xffff;
}

static int
is_reached(const json_t *object)
{
	return strcmp(json_string_value(json_object_get(object, "way")),
		      "reach") == 0;
}

/* The one of that direction that port inside is of, or NULL. */
static json_t *
find_carried(const struct view *v, unsigned port, int reached)
{
	json_t *o;
	size_t i;

	json_array_foreach(v->carried, i, o)
	{
		unsigned first = number_of(o, "inside");

		if (is_reached(o) == reached && port >= first &&
		    port < first + number_of(o, "count"))
			return o;
	}
	return NULL;
}

/* Whether a socket that no process inside has is one of pen's. */
static int
is_own(const struct view *v, unsigned port)
{
	char *word = mem_printf(",%u,", port);
	char *list = mem_printf(",%s,", v->own);
	int own = port == RESOLVER_PORT || strstr(list, word) ||
		  find_carried(v, port, 1);

	free(word);
	free(list);
	return own;
}

static void
show_row(struct view *v, const char *port, const char *address,
	 const char *program, const char *outside)
{
	if (v->form == PORTS_TABLE && v->n == 0)
		printf("%-11s %-15s %-24s %s\n", "PORT", "LISTENS ON",
		       "PROGRAM (PID)", "OUTSIDE");
	v->n++;
	printf("%-11s %-15s %-24s %s\n", port, address, program, outside);
}

static void
show_listener(struct view *v, const struct inside_listener *l)
{
	json_t *published = find_carried(v, l->port, 0);
	unsigned host = published ? number_of(published, "host") + l->port -
					number_of(published, "inside")
				  : 0;
	char port[16], outside[48] = "-";
	char *program = l->pid ? mem_printf("%s (%d)", l->program, (int)l->pid)
			       : mem_copy("?");

	if (!l->pid && is_own(v, l->port))
		goto out;
	if (v->form == PORTS_JSON) {
		json_t *o = json_pack("{s:s,s:i,s:s}", "way", "listens", "port",
				      (int)l->port, "address", l->address);

		if (l->pid)
			json_object_set_new(o, "pid", json_integer(l->pid));
		if (l->pid)
			json_object_set_new(o, "program",
					    json_string(l->program));
		if (published)
			json_object_set_new(o, "host", json_integer(host));
		show_json(NULL, o);
		json_decref(o);
		goto out;
	}
	snprintf(port, sizeof(port), "%u", l->port);
	if (published)
		snprintf(outside, sizeof(outside), "localhost:%u", host);
	show_row(v, port, l->address, program, outside);
out:
	free(program);
}

/* Whether a program listens at one of the ports. */
static int
is_served(const json_t *carried, const struct inside *list)
{
	unsigned first = number_of(carried, "inside");

	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].port >= first &&
		    list->v[i].port < first + number_of(carried, "count"))
			return 1;
	return 0;
}

static char *
format_range(unsigned first, unsigned n)
{
	return n > 1 ? mem_printf("%u-%u", first, first + n - 1)
		     : mem_printf("%u", first);
}

/* One that no listener's line tells of. */
static void
show_carried(struct view *v, const json_t *o)
{
	char *inside =
	    format_range(number_of(o, "inside"), number_of(o, "count"));
	char *host = format_range(number_of(o, "host"), number_of(o, "count"));
	char *outside = mem_printf("localhost:%s%s", host,
				   is_reached(o) ? " (reached)" : "");

	show_row(v, inside, "-", is_reached(o) ? "-" : "nobody listens",
		 outside);
	free(inside);
	free(host);
	free(outside);
}

void
ports_show(const char *pen, enum ports_form form)
{
	struct view v = {.form = form, .carried = json_array()};
	struct inside list;
	struct session s;
	const char *error;
	json_t *status, *o;
	size_t i;
	int pidfd;

	session_open(&s, pen);
	pidfd = session_process(&s, "ports", take_carried, &v, &error);
	if (error)
		die(ERR_TOOL, "ports: %s", error);
	status = session_ask(&s, "status", NULL, NULL);
	v.own = reply_text(status, "ports");
	if (inside_list(pidfd, &list) < 0)
		die(ERR_TOOL, "cannot see what listens inside: %m");
	for (i = 0; i < list.n; i++)
		show_listener(&v, &list.v[i]);
	json_array_foreach(v.carried, i, o)
	{
		if (form == PORTS_JSON)
			show_json(NULL, o);
		else if (is_reached(o) || !is_served(o, &list))
			show_carried(&v, o);
	}
	if (form == PORTS_SPOKEN && v.n == 0)
		puts("nothing listens inside, and no port is published or "
		     "reached");
}
