#include "pen-shell/prompt.h"

#include <string.h>

/*
 * The user's files are out of sight, and the home directory is empty and will
 * be forgotten: the shell itself writes there what it then reads.  A file that
 * the profile shows is the user's, and is left alone.  With "history = true"
 * there is ~/.pen-history, and that is kept.
 */
static const char bash[] =
    "[ -e ~/.bashrc ] || cat >~/.bashrc <<'END'\n"
    "PS1='[pen] \\w\\$ '\n"
    "alias ls='ls --color=auto' grep='grep --color=auto'\n"
    "[ ! -r /usr/share/bash-completion/bash_completion ] ||\n"
    "	. /usr/share/bash-completion/bash_completion\n"
    "END\n"
    "[ ! -d ~/.pen-history ] || export HISTFILE=~/.pen-history/bash\n"
    "exec \"$0\" -i";

static const char zsh[] =
    "[[ -e ~/.zshrc ]] || cat >~/.zshrc <<'END'\n"
    "PROMPT='[pen] %~%# '\n"
    "bindkey -e\n"
    "HISTSIZE=1000 SAVEHIST=1000\n"
    "autoload -Uz compinit && compinit -D\n"
    "alias ls='ls --color=auto' grep='grep --color=auto'\n"
    "END\n"
    "[[ ! -d ~/.pen-history ]] || export HISTFILE=~/.pen-history/zsh\n"
    "exec \"$0\" -i";

/*
 * fish has a name for its file and no variable: the name is a link then, which
 * it would replace if it led nowhere.
 */
static const char fish_history[] =
    "[ ! -d ~/.pen-history ] || { mkdir -p ~/.local/share/fish &&\n"
    ">>~/.pen-history/fish &&\n"
    "ln -s ~/.pen-history/fish ~/.local/share/fish/fish_history; }\n"
    "exec \"$0\" -C \"$1\"";

/* Whatever draws the prompt, the mark comes before it. */
static const char fish[] =
    "functions -c fish_prompt __pen_prompt; "
    "function fish_prompt; echo -n '[pen] '; __pen_prompt; end";

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int
prompt_knows(const char *name)
{
	name = base_name(name);
	return strcmp(name, "bash") == 0 || strcmp(name, "zsh") == 0 ||
	       strcmp(name, "fish") == 0;
}

void
prompt_words(const char *path, struct strv *words, struct strv *options)
{
	const char *name = base_name(path);

	if (strcmp(name, "bash") == 0) {
		strv_push(words, path);
		strv_push(words, "-c");
		strv_push(words, bash);
		strv_push(words, path);
	} else if (strcmp(name, "zsh") == 0) {
		strv_push(words, path);
		strv_push(words, "-fc");
		strv_push(words, zsh);
		strv_push(words, path);
	} else if (strcmp(name, "fish") == 0) {
		strv_push(words, "/bin/sh");
		strv_push(words, "-c");
		strv_push(words, fish_history);
		strv_push(words, path);
		strv_push(words, fish);
	} else {
		strv_push(words, path);
		strv_push(options, "--env");
		strv_push(options, "PS1=[pen] $ ");
	}
}
