#include "pen-shell/prompt.h"

#include <string.h>

/*
 * The user's files are out of sight, and the home directory is empty and will
 * be forgotten: the shell itself writes there what it then reads.  A file that
 * the profile shows is the user's, and is left alone.
 */
static const char bash[] =
	"[ -e ~/.bashrc ] || cat >~/.bashrc <<'END'\n"
	"PS1='[pen] \\w\\$ '\n"
	"alias ls='ls --color=auto' grep='grep --color=auto'\n"
	"[ ! -r /usr/share/bash-completion/bash_completion ] ||\n"
	"	. /usr/share/bash-completion/bash_completion\n"
	"END\n"
	"exec \"$0\" -i";

static const char zsh[] =
	"[[ -e ~/.zshrc ]] || cat >~/.zshrc <<'END'\n"
	"PROMPT='[pen] %~%# '\n"
	"bindkey -e\n"
	"autoload -Uz compinit && compinit -D\n"
	"alias ls='ls --color=auto' grep='grep --color=auto'\n"
	"END\n"
	"exec \"$0\" -i";

/* Whatever draws the prompt, the mark comes before it. */
static const char fish[] =
	"functions -c fish_prompt __pen_prompt; "
	"function fish_prompt; echo -n '[pen] '; __pen_prompt; end";

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int
prompt_knows(const char *name)
{
	name = base(name);
	return strcmp(name, "bash") == 0 || strcmp(name, "zsh") == 0 ||
	       strcmp(name, "fish") == 0;
}

void
prompt_words(const char *path, struct strv *words, struct strv *options)
{
	const char *name = base(path);

	strv_push(words, path);
	if (strcmp(name, "bash") == 0) {
		strv_push(words, "-c");
		strv_push(words, bash);
		strv_push(words, path);
	} else if (strcmp(name, "zsh") == 0) {
		strv_push(words, "-fc");
		strv_push(words, zsh);
		strv_push(words, path);
	} else if (strcmp(name, "fish") == 0) {
		strv_push(words, "-C");
		strv_push(words, fish);
	} else {
		strv_push(options, "--env");
		strv_push(options, "PS1=[pen] $ ");
	}
}
