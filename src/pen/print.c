#include "pen/print.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/err.h"
#include "pen/managed.h"
#include "pen/path.h"
#include "pen/quote.h"

/* What comes before words[i]: options and links begin a line. */
static const char *
separator(const struct compose_chain *chain, size_t i)
{
	const char *word = chain->words.v[i];

	if (i == 0)
		return "";
	if (i >= chain->link[chain->links - 1] || strncmp(word, "--", 2) != 0)
		return " ";
	return strcmp(word, "--") == 0 ? " \\\n  " : " \\\n    ";
}

/* The data files as here-strings, which end in the newline that texts have. */
static void
print_data(const struct compose *c, FILE *f)
{
	for (size_t i = 0; i < c->data_n; i++) {
		size_t n = strlen(c->data[i].text);
		char *text = mem_part(c->data[i].text, n - 1);
		char *quoted = quote_word(text);

		fprintf(f, " \\\n    %d<<<%s", c->data[i].fd, quoted);
		free(quoted);
		free(text);
	}
}

void
print_commands(const struct strv *commands, FILE *f)
{
	for (size_t i = 0; i < commands->n; i++)
		fprintf(f, "%s\n  %s", i ? "" : "(umask 077; set -C",
			commands->v[i]);
	if (commands->n > 0)
		fputs(")\n", f);
}

void
print_chain(const struct compose *c, FILE *f)
{
	struct compose plain = *c;
	struct compose_chain chain;

	plain.env_fd = plain.system_fd = -1;
	compose(&plain, &chain);
	for (size_t i = 0; i < chain.words.n; i++) {
		const char *word = chain.words.v[i];
		int is_env = 0;
		char *quoted;

		for (size_t k = 0; k < c->env->n; k++)
			is_env |= word == c->env->v[k];
		quoted = is_env ? mem_copy(word) : quote_word(word);
		fprintf(f, "%s%s", separator(&chain, i), quoted);
		free(quoted);
	}
	print_data(c, f);
	fputc('\n', f);
}

void
print_shell(const char *bin, const char *shell, struct strv agents)
{
	static const char *const places[] = {"shell", "share/pen/shell"};
	int fish = strcmp(shell, "fish") == 0;
	char *up = path_parent(bin), *file = NULL, *words = mem_copy("");

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		file = mem_printf("%s/%s/pen.%s", up, places[i], shell);
		if (access(file, R_OK) == 0)
			break;
	}
	if (access(file, R_OK) < 0)
		die_hint("pen is not completely installed: run install.sh",
			 "cannot read '%s': %m", file);
	for (size_t i = 0; i < agents.n; i++)
		words =
		    mem_printf("%s%s%s", words, i ? " " : "",
			       fish ? quote_fish(agents.v[i]) : agents.v[i]);
	if (fish)
		printf("set -g _pen_known %s; source %s\n", words,
		       quote_fish(file));
	else
		printf("_pen_known=%s; . %s\n", quote_word(words),
		       quote_word(file));
}

void
print_names(struct strv names)
{
	for (size_t i = 0; i < names.n; i++)
		printf("%s\n", names.v[i]);
}

void
print_managed(const struct strv *allow_only, FILE *f)
{
	for (size_t i = 0; i < allow_only->n; i++)
		fprintf(f, "allow_only = %s\t# %s\n", allow_only->v[i],
			MANAGED_FILE);
}
