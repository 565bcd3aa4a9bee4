#include "pen/draft.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/file.h"
#include "pen/git.h"
#include "pen/path.h"
#include "pen/path_follow.h"
#include "pen/view_draft.h"
#include "pen/view_open.h"

/* Who obeys what is in such a directory of a project, or of the home. */
static const struct {
	const char *name, *by;
} readers[] = {
    {".amp", "amp"},
    {".claude", "claude"},
    {".codex", "codex"},
    {".cursor", "cursor"},
    {".devcontainer", "development containers"},
    {".direnv", "direnv"},
    {".gemini", "gemini"},
    {".helix", "helix"},
    {".husky", "git"},
    {".idea", "JetBrains"},
    {".kiro", "kiro"},
    {".mise", "mise"},
    {".opencode", "opencode"},
    {".qwen", "qwen"},
    {".vscode", "VS Code"},
    {".windsurf", "windsurf"},
    {".zed", "zed"},
};

/* Of a file that has another name, and of a directory that may hold some. */
#define OWN_MAX (64UL << 20)
#define ENTRIES_MAX 1024

/* Of the list of repositories. */
#define KNOWN_MAX (1UL << 20)

char *
draft_place(const struct project *p, const char *root, const char *text)
{
	char *full = *text == '/' || *text == '~' ? mem_copy(text)
						  : path_join(root, text);
	char *path = path_expand(full, p->home);

	free(full);
	return path;
}

char *
draft_path(const char *text)
{
	text += *text == '+';
	return mem_part(text, strcspn(text, "#"));
}

/* Who obeys the item: the agent what is in its state. */
static const char *
who_obeys(const struct settings_item *item, const char *text, const char *agent)
{
	if (strchr("/~", *text))
		return agent && strstr(item->from, "agent ") ? agent
							     : "the host";
	for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++)
		if (strncmp(text, readers[i].name, strlen(readers[i].name)) ==
		    0)
			return readers[i].by;
	return "a tool";
}

/* Whether path is state that is yet to be made. */
static int
is_planned(const struct view *v, const char *path)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->binds[i].fd < 0 && strcmp(v->binds[i].src, path) == 0)
			return 1;
	return 0;
}

/* What is missing is a draft when it is made for the run, or else told. */
static void
find_missing(struct view *v, const char *path, const char *by)
{
	if (is_planned(v, path))
		view_plan_draft(v, VIEW_REPLACED, path);
	else
		view_obeyed(v, path, by);
}

/* What draft says of a tree; the absolute ones with the project's. */
static void
find_listed(const struct settings *s, const struct project *p, struct view *v,
	    const char *root, const char *agent)
{
	const struct settings_list *l = &s->list[SET_DRAFT];

	for (size_t i = 0; i < l->n; i++) {
		const char *merge = strchr(l->v[i].text, '#');
		char *text = draft_path(l->v[i].text), *path;
		const char *by;

		if (root == p->root || !strchr("/~", *text)) {
			path = draft_place(p, root, text);
			by = who_obeys(&l->v[i], text, agent);
			if (!path_within(p->root, path) &&
			    !view_draft(v, VIEW_REPLACED, path, by,
					merge ? merge + 1 : "none"))
				find_missing(v, path, by);
			free(path);
		}
		free(text);
	}
}

/* With a .git, or without one the git directory itself. */
static int
is_repository(const char *dir)
{
	static const char *const names[] = {"HEAD", "objects", "refs"};
	char *path = path_join(dir, ".git");
	struct stat st;
	int found = lstat(path, &st) == 0, bare = 0;

	free(path);
	for (size_t i = 0; i < 3 && !found; i++) {
		path = path_join(dir, names[i]);
		bare += lstat(path, &st) == 0;
		free(path);
	}
	return found || bare == 3;
}

/* A directory of rw or state that is a repository is as the project is. */
static void
find_others(const struct settings *s, const struct project *p, struct view *v,
	    struct strv *roots)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct view_bind *b = &v->binds[i];

		if (b->mode == VIEW_RW && !b->pin &&
		    strcmp(b->src, p->root) != 0 && is_repository(b->src)) {
			strv_push(roots, b->src);
			find_listed(s, p, v, b->src, NULL);
		}
	}
}

/*
 * Repositories below the root that git need not know of, as the last run's
 * account found them: a line each.
 */
static void
find_known(const struct project *p, const char *repositories,
	   struct strv *roots)
{
	size_t n;
	char *rest = file_read(repositories, O_NOFOLLOW, KNOWN_MAX, &n), *line;

	while (rest && (line = strsep(&rest, "\n")))
		if (*line == '/' && path_within(line, p->root))
			strv_push(roots, line);
}

/*
 * A file in dir that has another name, a hard link, is the run's by that one:
 * this name gets a copy.
 */
static void
own_file(int dir, const char *above, const char *name)
{
	struct stat st;
	size_t n;
	char *text;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    !S_ISREG(st.st_mode) || st.st_nlink < 2 || st.st_uid != geteuid())
		return;
	text = beneath_read(dir, name, OWN_MAX, &n, &st);
	if (!text || beneath_write(dir, name, text, n, st.st_mode) < 0 ||
	    utimensat(dir, name, (struct timespec[]){st.st_atim, st.st_mtim},
		      AT_SYMLINK_NOFOLLOW) < 0)
		die_hint("copy it, and move the copy over it",
			 "'%s/%s' has another name, by which a run could write "
			 "to it: %m",
			 above, name);
	err_warn("'%s/%s' had another name, by which a run could write to it: "
		 "it is a copy now",
		 above, name);
	free(text);
}

/* The file, or those right in the directory, such as hooks. */
static void
own_draft(const struct view_draft *draft)
{
	char *above = path_parent(draft->src);
	const char *dir = draft->kind == VIEW_DIR ? draft->src : above;
	int fd = path_open_plain(dir), names;
	DIR *d = NULL;
	struct dirent *e;

	if (fd >= 0 && dir == above)
		own_file(fd, dir, strrchr(draft->src, '/') + 1);
	names = fd < 0 || dir == above ? -1 : beneath_open(fd, "", O_RDONLY);
	if (names >= 0)
		d = fdopendir(names);
	for (int i = 0; d && i < ENTRIES_MAX && (e = readdir(d)); i++)
		if (e->d_type != DT_DIR)
			own_file(fd, dir, e->d_name);
	if (d)
		closedir(d);
	if (fd >= 0)
		close(fd);
	free(above);
}

void
draft_find(const struct settings *s, const struct project *p, struct view *v,
	   const char *agent, const char *repositories, int make)
{
	struct strv roots = {0};

	if (!view_is_over(v, p->root)) {
		strv_push(&roots, p->root);
		find_known(p, repositories, &roots);
	}
	find_others(s, p, v, &roots);
	git_draft(p->home, v, &roots, make);
	find_listed(s, p, v, p->root, agent);
	/* tools look where the user stands, too, and git from there up */
	if (strcmp(p->cwd, p->root) != 0)
		find_listed(s, p, v, p->cwd, NULL);
	for (char *at = mem_copy(p->cwd); strcmp(at, p->root) != 0;
	     at = path_parent(at))
		git_notice(v, at);
	for (size_t i = 0; make && i < v->drafts_n; i++)
		own_draft(&v->drafts[i]);
}
