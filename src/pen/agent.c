#include "pen/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/file.h"
#include "pen/gitfile.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_open.h"

/* A script whose interpreter is a script …: the kernel stops after 4. */
#define DEPTH_MAX 5

/* BINPRM_BUF_SIZE of the kernel: what it reads of a #! line. */
#define SHEBANG_MAX 256

/* pyvenv.cfg is a few lines. */
#define VENV_MAX 16384

struct search {
	const struct project *p;
	struct view *v;
	int depth; /* of programs that need programs */
	/* What the run can write and what it asks for is not shown; or NULL. */
	char *hostile;
};

/* Whether anything is at path/name. */
static int
exists(const char *path, const char *name)
{
	char *full = path_join(path, name);
	struct stat st;
	int found = stat(full, &st) == 0;

	free(full);
	return found;
}

/*
 * Whether dir is one that programs share with everything else of the user's:
 * never shown as a whole.
 */
static int
is_shared(const struct project *p, const char *dir)
{
	static const char *const places[] = {"/.local",	 "/.local/share",
					     "/.config", "/.cache",
					     "/bin",	 "/.local/bin"};

	if (path_within(p->home, dir) || path_within(p->root, dir))
		return 1;
	if (!path_within(dir, p->home))
		return strchr(dir + 1, '/') == NULL; /* /home, /srv, … */
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strcmp(dir + strlen(p->home), places[i]) == 0)
			return 1;
	return 0;
}

/* A program, not a file that a hostile one would like to see. */
static int
is_program(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH) &&
	       (st.st_uid == geteuid() || st.st_uid == 0);
}

/* What is shown already stays; else the user says whether it is. */
static void
refuse_path(const struct search *s, const char *path, int fd)
{
	struct stat st;

	if (!is_program(fd) && !(fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)))
		return;
	err_warn("'%s' asks for '%s', which is not shown: a run can write to "
		 "the one that asks",
		 s->hostile, path);
	err_hint("if that is what you want: pen --ro '%s'", path);
}

static void
show_path(struct search *s, const char *path)
{
	char *real, *planted;
	int fd;

	if (path_in_system(path) || path_within(path, s->p->root))
		return;
	fd = view_open(s->v, path, 0, NULL, &real, &planted);
	if (fd < 0)
		return; /* whoever executes it says so */
	if (!s->hostile || view_writable(s->v, real)) {
		view_bind(s->v, VIEW_RO, real, path, fd);
		return;
	}
	if (!view_has(s->v, path))
		refuse_path(s, path, fd);
	close(fd);
}

/*
 * Version managers whose commands are shims: one program or script for all of
 * them, which looks up the rest by itself.  What more they read is below.
 */
static const struct {
	const char *tree, *more; /* below $HOME unless absolute */
} managers[] = {
    {".volta", NULL},
    {".bun", NULL},
    {".asdf", ".tool-versions"},
    {".local/share/mise", ".config/mise"},
    {".local/share/pnpm", NULL},
    {"/home/linuxbrew/.linuxbrew", NULL},
};

static int
show_manager(struct search *s, const char *path)
{
	const char *home = s->p->home;

	for (size_t i = 0; i < sizeof(managers) / sizeof(*managers); i++) {
		const char *name = managers[i].tree;
		char *tree =
		    *name == '/' ? mem_copy(name) : path_join(home, name);

		if (path_within(path, tree)) {
			show_path(s, tree);
			if (managers[i].more && exists(home, managers[i].more))
				show_path(s, path_join(home, managers[i].more));
			return 1;
		}
		free(tree);
	}
	return 0;
}

enum role { ROLE_PROGRAM, ROLE_INTERPRETER };

static void follow_links(struct search *s, enum role role, const char *path);

/* The first bytes of a file, ended by NUL; their number, or -1. */
static ssize_t
read_head(const char *path, char *buf, size_t size)
{
	int fd = file_open_regular(path, 0);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

/*
 * A virtual environment (PEP 405) that was copied instead of linked names the
 * Python that it needs in pyvenv.cfg only.
 */
static void
show_venv(struct search *s, const char *root)
{
	char *cfg = path_join(root, "pyvenv.cfg"), text[VENV_MAX], *home;
	char *wrapped;

	show_path(s, root);
	if (read_head(cfg, text, sizeof(text)) < 0)
		return;
	wrapped = mem_printf("[venv]\n%s", text); /* the same syntax */
	home = gitfile_value(wrapped, "venv", "home");
	if (home && *home == '/')
		follow_links(s, ROLE_INTERPRETER, path_join(home, "python3"));
	free(wrapped);
}

/* The root of the virtual environment that has path in its bin, or NULL. */
static char *
venv_root(const struct search *s, const char *path)
{
	char *dir = path_parent(path), *root = NULL;

	if (strcmp(strrchr(dir, '/'), "/bin") == 0) {
		root = path_parent(dir);
		if (is_shared(s->p, root) || !exists(root, "pyvenv.cfg")) {
			free(root);
			root = NULL;
		}
	}
	free(dir);
	return root;
}

/*
 * A link outside the project and the system is made again inside.  Python
 * knows its environment by the name that it was started with, so a link to
 * the system's Python stands for the environment.
 */
static int
on_link(void *arg, const char *link, const char *target)
{
	struct search *s = arg;
	char *root = path_parent(link);
	int writable = view_writable(s->v, root);

	free(root);
	if (writable && !s->hostile)
		s->hostile = mem_copy(link);
	if (path_in_system(link) || path_within(link, s->p->root))
		return 0;
	if (!s->hostile)
		view_link(s->v, link, target);
	root = venv_root(s, link);
	if (root)
		show_venv(s, root);
	free(root);
	return 0;
}

/* Python's standard library, by the version in the interpreter's name. */
static int
show_python(struct search *s, const char *prefix, const char *base)
{
	char *lib;

	if (strncmp(base, "python", 6) != 0)
		return 0;
	lib = mem_printf("%s/lib/%s", prefix, base);
	if (!exists(lib, "os.py"))
		return 0;
	show_path(s, is_shared(s->p, prefix) ? lib : prefix);
	return !is_shared(s->p, prefix);
}

/* A Node.js prefix as nvm, fnm and the tarball make it, npm and all. */
static int
show_node(struct search *s, const char *prefix)
{
	char *modules;

	if (!exists(prefix, "bin/node") ||
	    !exists(prefix, "lib/node_modules/npm"))
		return 0;
	modules = path_join(prefix, "lib/node_modules");
	show_path(s, is_shared(s->p, prefix) ? modules : prefix);
	return !is_shared(s->p, prefix);
}

/* The outermost node_modules on the way: its packages need one another. */
static char *
node_modules(const char *path)
{
	const char *at = strstr(path, "/node_modules/");
	const char *store = strstr(path, "/.pnpm/");

	if (store && (!at || store < at))
		at = store;
	else if (at)
		at += strlen("/node_modules");
	return at ? mem_part(path, (size_t)(at - path)) : NULL;
}

/* Shows what the file at path, which is no link, belongs to. */
static void
show_root(struct search *s, const char *path)
{
	char *modules = node_modules(path), *dir = path_parent(path);
	char *prefix = path_parent(modules ? path_parent(modules) : dir);
	char *venv = venv_root(s, path);
	const char *base = strrchr(path, '/') + 1;
	int whole = 0;

	if (show_manager(s, path))
		return;
	if (modules) {
		if (!show_node(s, prefix))
			show_path(s, is_shared(s->p, modules) ? path : modules);
		return;
	}
	if (venv) {
		show_venv(s, venv);
		return;
	}
	if (strcmp(strrchr(dir, '/'), "/bin") == 0)
		whole = strcmp(base, "node") == 0
			    ? show_node(s, prefix)
			    : show_python(s, prefix, base);
	if (!whole)
		show_path(s, path);
}

/* The word at *line, which is moved behind it; NULL at the end. */
static char *
next_word(char **line)
{
	char *word = *line + strspn(*line, " \t");
	size_t n = strcspn(word, " \t\n");

	if (n == 0)
		return NULL;
	*line = word + n + (word[n] != '\0');
	word[n] = '\0';
	return word;
}

/* The interpreters of a script: that of #!, and what env(1) looks for. */
static void
follow_interpreter(struct search *s, const char *path)
{
	char head[SHEBANG_MAX], *line = head + 2, *word, *found;
	ssize_t n = read_head(path, head, sizeof(head));

	if (n < 2 || head[0] != '#' || head[1] != '!')
		return;
	head[2 + strcspn(line, "\n")] = '\0';
	word = next_word(&line);
	if (!word || *word != '/')
		return;
	follow_links(s, ROLE_INTERPRETER, word);
	if (strcmp(strrchr(word, '/'), "/env") != 0)
		return;
	do /* options (-S) and assignments come before the name */
		word = next_word(&line);
	while (word && (*word == '-' || strchr(word, '=')));
	found = word ? chain_find(word) : NULL;
	if (found && *found == '/')
		follow_links(s, ROLE_INTERPRETER, found);
}

/*
 * Whether path, without a link in it, may be followed.  A script says what its
 * interpreter is: from one that a run can write, that is what a run wants to
 * see, and from any other a program.
 */
static int
is_wanted(struct search *s, enum role role, const char *path)
{
	int fd, program;

	if (path_in_system(path))
		return 1;
	if (!s->hostile && view_writable(s->v, path))
		s->hostile = mem_copy(path);
	if (role == ROLE_PROGRAM)
		return 1;
	fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	program = fd >= 0 && is_program(fd);
	if (fd >= 0)
		close(fd);
	return program;
}

static void
follow_links(struct search *s, enum role role, const char *path)
{
	char *was = s->hostile, *real;

	if (s->depth > DEPTH_MAX)
		return;
	s->depth++;
	real = path_follow(path, on_link, s);
	/* NULL: whoever executes it says so */
	if (real && is_wanted(s, role, real)) {
		show_manager(s, path);
		if (!path_in_system(real) && !path_within(real, s->p->root))
			show_root(s, real);
		follow_interpreter(s, real);
	}
	free(real);
	s->hostile = was;
	s->depth--;
}

struct naming {
	struct program *prog;
	const struct project *p;
};

static int
add_name(void *arg, const char *link, const char *target)
{
	struct naming *n = arg;
	const char *slash = strrchr(target, '/');

	strv_push(&n->prog->names, mem_copy(slash ? slash + 1 : target));
	n->prog->in_project |= path_within(link, n->p->root);
	return 0;
}

/* Whether path does not lead to pen-shim, which would only call pen again. */
static int
is_no_shim(const char *path)
{
	char *real = path_follow(path, NULL, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;
	int no = !slash || strcmp(slash, "/pen-shim") != 0;

	free(real);
	return no;
}

/* Whether the file at path is a script for a shell, and no shim of asdf. */
static int
is_shell_script(const char *path)
{
	char head[SHEBANG_MAX], *line = head + 2, *word, *name;
	ssize_t n = read_head(path, head, sizeof(head));
	size_t len;

	if (n < 2 || head[0] != '#' || head[1] != '!' ||
	    strstr(path, "/.asdf/shims/"))
		return 0;
	head[2 + strcspn(line, "\n")] = '\0';
	word = next_word(&line);
	if (word &&
	    strcmp(strrchr(word, '/') ? strrchr(word, '/') : "", "/env") == 0)
		word = next_word(&line);
	if (!word)
		return 0;
	name = strrchr(word, '/') ? strrchr(word, '/') + 1 : word;
	len = strlen(name);
	return len >= 2 && strcmp(name + len - 2, "sh") == 0;
}

static int
is_no_wrapper(const char *path)
{
	char *real = path_follow(path, NULL, NULL);
	int no = real && is_no_shim(path) && !is_shell_script(real);

	free(real);
	return no;
}

int
agent_find(struct program *prog, const char *name, const struct project *p)
{
	char *found = chain_find_good(name, is_no_shim), *real;
	struct naming naming = {prog, p};
	char *slash;

	if (!found)
		return -1;
	if (*found != '/')
		found = path_join(p->cwd, found);
	slash = strrchr(found, '/');
	memset(prog, 0, sizeof(*prog));
	prog->path = found;
	strv_push(&prog->names, slash + 1);
	real = path_follow(found, add_name, &naming);
	if (real && path_within(found, "/snap") &&
	    strcmp(real, "/usr/bin/snap") == 0)
		die_hint("install it from elsewhere, or name the program below "
			 "/snap/NAME/current",
			 "cannot run '%s': it is a snap, which a set-user-ID "
			 "program starts",
			 found);
	if (path_within(found, p->root) || (real && path_within(real, p->root)))
		prog->in_project = 1;
	prog->is_wrapper = real && is_shell_script(real);
	return 0;
}

void
agent_show(const struct program *prog, const struct project *p, struct view *v)
{
	struct search s = {p, v, 0, NULL};
	char *next = NULL;

	follow_links(&s, ROLE_PROGRAM, prog->path);
	/* a user's script of the agent's name starts the agent, as a rule */
	if (prog->is_wrapper)
		next = chain_find_good(prog->names.v[0], is_no_wrapper);
	if (next)
		follow_links(&s, ROLE_PROGRAM, next);
	free(next);
}
