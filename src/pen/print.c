#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "quote.h"

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

	plain.env_fd = -1;
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
