#include "pen/settings.h"

#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"

/*
 * Directories that programs on the host later execute or trust: in a project,
 * or in the home directory where they lead into what is writable.  git's own
 * files are in git.c, because they need not be in the project.
 */
static const char *const drafts[] = {
    /* what runs hooks, direnv and mise, on entering the directory */
    ".husky", ".direnv", ".mise", ".config/mise",
    /* editors and what they start */
    ".vscode", ".idea", ".devcontainer", ".zed", ".helix",
    /* agents */
    ".claude", ".codex", ".cursor", ".gemini", ".opencode", ".windsurf",
    ".kiro", ".amp", ".qwen",
    /* of the home directory */
    "~/.vim", "~/.config/git", "~/.config/fish", "~/.config/nvim",
    "~/.config/tmux", "~/.config/direnv", "~/.config/mise",
    "~/.config/systemd/user", "~/.config/autostart", "~/.config/environment.d",
    "~/.ssh", "~/.local/bin", "~/bin"};

/* Files of the home directory, where they lead into what is writable. */
static const char *const protect[] = {
    "~/.bashrc",       "~/.bash_profile", "~/.bash_login", "~/.bash_logout",
    "~/.bash_aliases", "~/.profile",	  "~/.zshrc",	   "~/.zshenv",
    "~/.zprofile",     "~/.zlogin",	  "~/.xprofile",   "~/.xsessionrc",
    "~/.inputrc",      "~/.tmux.conf",	  "~/.vimrc",	   "~/.gitconfig"};

void
settings_init(struct settings *s)
{
	memset(s, 0, sizeof(*s));
	for (int k = SET_LISTS; k < SET_KEYS; k++) {
		enum settings_key key = (enum settings_key)k;

		settings_add(s, key, settings_default(key), SETTINGS_ORIGIN);
	}
	for (size_t i = 0; i < sizeof(protect) / sizeof(*protect); i++)
		settings_add(s, SET_PROTECT, protect[i], SETTINGS_ORIGIN);
	for (size_t i = 0; i < sizeof(drafts) / sizeof(*drafts); i++)
		settings_add(s, SET_DRAFT, drafts[i], SETTINGS_ORIGIN);
}

void
settings_add(struct settings *s, enum settings_key key, const char *text,
	     const char *from)
{
	struct settings_list *l = &s->list[key];

	if (key >= SET_LISTS)
		l->n = 0;
	l->v = mem_room(l->v, l->n, sizeof(*l->v));
	l->v[l->n++] = (struct settings_item){text, from};
}

void
settings_remove(struct settings *s, enum settings_key key, const char *text)
{
	struct settings_list *l = &s->list[key];
	size_t kept = 0;

	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i].text, text) != 0)
			l->v[kept++] = l->v[i];
	l->n = kept;
}

void
settings_clear(struct settings *s, enum settings_key key)
{
	free(s->list[key].v);
	s->list[key] = (struct settings_list){0};
}

const char *
settings_value(const struct settings *s, enum settings_key key)
{
	return s->list[key].v[0].text;
}

int
settings_on(const struct settings *s, enum settings_key key)
{
	return strcmp(settings_value(s, key), "true") == 0;
}

/* A value may hold what a terminal would obey, and a variable a secret. */
static void
print_item(enum settings_key key, const struct settings_item *i, FILE *f)
{
	char text[1024];
	size_t n = strlen(i->text);

	if (key == SET_UPSTREAM_PROXY && strchr(i->text, '@'))
		n = strlen("http://");
	else if (key == SET_ENV && strchr(i->text, '='))
		n = (size_t)(strchr(i->text, '=') - i->text) + 1;
	err_visible(text, sizeof(text), i->text, n);
	fprintf(f, "%s = %s%s\t# ", settings_name(key), text,
		n < strlen(i->text) ? "…" : "");
	err_visible(text, sizeof(text), i->from, strlen(i->from));
	fprintf(f, "%s\n", text);
}

void
settings_print(const struct settings *s, FILE *f)
{
	for (int k = 0; k < SET_KEYS; k++)
		for (size_t i = 0; i < s->list[k].n; i++)
			print_item((enum settings_key)k, &s->list[k].v[i], f);
}
