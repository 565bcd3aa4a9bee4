#include "pen/etc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/special.h"
#include "pen/ask.h"
#include "pen/env.h"
#include "pen/hosts.h"
#include "pen/people.h"
#include "pen/view_protect.h"

#define FILE_MAX (4 << 20)

/* Names are answered by pen-sni on the loopback, and by nobody else. */
#define RESOLV "/etc/resolv.conf"
#define HOSTS "/etc/hosts"
#define NSSWITCH "/etc/nsswitch.conf"
#define PASSWD "/etc/passwd"
#define GROUP "/etc/group"

static const char *const made[] = {RESOLV, HOSTS, NSSWITCH, PASSWD, GROUP};

static const char *const hidden[] = {"/etc/passwd-", "/etc/group-",
				     "/etc/subuid",  "/etc/subuid-",
				     "/etc/subgid",  "/etc/subgid-"};

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

int
etc_makes(const char *path)
{
	for (size_t i = 0; i < COUNT(made); i++)
		if (strcmp(path, made[i]) == 0)
			return 1;
	for (size_t i = 0; i < COUNT(hidden); i++)
		if (strcmp(path, hidden[i]) == 0)
			return 1;
	return 0;
}

void
etc_cover(struct view *v)
{
	for (size_t i = 0; i < COUNT(hidden); i++)
		if (!view_find(v, hidden[i]))
			view_protect(v, VIEW_MASK, hidden[i]);
}

void
etc_add(struct etc *e, const struct view *v, const char *path, const char *text,
	int own)
{
	if (view_find(v, path))
		return;
	e->v = mem_room(e->v, e->n, sizeof(*e->v));
	e->v[e->n++] = (struct compose_data){path, text, -1, own};
}

static char *
read_text(const char *path)
{
	size_t n;

	return file_read(path, 0, FILE_MAX, &n);
}

/* A line of the user's from LDAP, systemd-homed and their like, or NULL. */
static char *
ask_database(const struct view *v, const char *database, unsigned long id)
{
	char *program = env_find_program(v, "getent"), *line = NULL, *end;
	char *number = mem_printf("%lu", id);
	struct strv argv = {0};
	struct ask a;
	size_t n;

	strv_push(&argv, "getent");
	strv_push(&argv, database);
	strv_push(&argv, number);
	if (program) {
		ask_begin(&a, program, argv.v, environ);
		line = ask_end(&a, &n);
	}
	end = line ? strchr(line, '\n') : NULL;
	if (end)
		end[1] = '\0';
	else {
		free(line);
		line = NULL;
	}
	if (line && !people_has_id(line, id)) {
		free(line);
		line = NULL;
	}
	free(argv.v);
	free(number);
	free(program);
	return line;
}

/* What the environment says that the user is called, if that is a name. */
static const char *
own_name(void)
{
	static const char *const variables[] = {"USER", "LOGNAME"};

	for (size_t i = 0; i < COUNT(variables); i++) {
		const char *name = getenv(variables[i]);

		if (name && *name && *name != '-' && strlen(name) < 256 &&
		    !name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
				       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789._-@\\")])
			return name;
	}
	return NULL;
}

/* The line that passwd(5) lacks. */
static char *
own_line(const struct view *v, const struct people *p, const char *passwd)
{
	char *line = ask_database(v, "passwd", p->uid);
	const char *home = getenv("HOME"), *shell = getenv("SHELL");
	const char *name = own_name();

	if (!line && name && !people_has(passwd, name))
		line = mem_printf(
		    "%s:x:%lu:%lu::%s:%s\n", name, (unsigned long)p->uid,
		    (unsigned long)p->groups[0], home ? home : "/",
		    shell && *shell == '/' ? shell : "/bin/sh");
	return line && strchr(line, '\n')[1] == '\0' ? line : NULL;
}

static char *
own_group(const struct view *v, const struct people *p, const char *group)
{
	char *line = ask_database(v, "group", p->groups[0]);
	const char *name = own_name();

	if (!line && name && !people_has(group, name))
		line = mem_printf("%s:x:%lu:\n", name,
				  (unsigned long)p->groups[0]);
	return line;
}

/* The user's groups, the primary one first. */
static gid_t *
own_groups(size_t *n)
{
	int more = getgroups(0, NULL);
	gid_t *groups =
	    mem_alloc((size_t)(more < 0 ? 1 : more + 1) * sizeof(*groups));

	groups[0] = getegid();
	more = more > 0 ? getgroups(more, groups + 1) : 0;
	*n = more > 0 ? (size_t)more + 1 : 1;
	return groups;
}

static void
make_people(struct etc *e, const struct view *v)
{
	char *passwd = read_text(PASSWD), *group = read_text(GROUP);
	char *defs = read_text("/etc/login.defs"), *line = NULL;
	struct people p = {.uid = geteuid()};

	people_ranges(&p, defs);
	p.groups = own_groups(&p.groups_n);
	if (passwd) {
		if (!people_has_id(passwd, p.uid))
			line = own_line(v, &p, passwd);
		etc_add(e, v, PASSWD, people_passwd(&p, passwd, line), 0);
	}
	if (passwd && group) {
		const char *shown = people_passwd(&p, passwd, line);

		line = people_has_id(group, p.groups[0])
			   ? NULL
			   : own_group(v, &p, group);
		etc_add(e, v, GROUP, people_group(&p, group, line, shown), 0);
	}
}

/*
 * Where the host has no such file there is nothing to mount on, and the C
 * library's defaults are the same.
 */
void
etc_make(struct etc *e, const struct settings *s, const struct view *v)
{
	int open = strcmp(settings_value(s, SET_NETWORK), "open") == 0;

	if (access(RESOLV, F_OK) == 0)
		etc_add(e, v, RESOLV,
			open ? "nameserver " SPECIAL_DNS "\n"
			     : "nameserver 127.0.0.1\n",
			0);
	if (access(HOSTS, F_OK) == 0)
		etc_add(e, v, HOSTS, hosts_inside(read_text(HOSTS)), 0);
	if (access(NSSWITCH, F_OK) == 0)
		etc_add(e, v, NSSWITCH,
			"passwd: files\ngroup: files\nshadow: files\n"
			"hosts: files dns\nnetworks: files\n"
			"protocols: files\nservices: files\n",
			0);
	make_people(e, v);
}
