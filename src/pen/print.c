#include "print.h"

#include <stdlib.h>
#include <string.h>

#include "quote.h"

/* Whether words[i] starts a new line: a link, or an option of one. */
static int
starts_line(const struct compose_chain *chain, size_t i)
{
	if (i >= chain->link[chain->links - 1])
		return i == chain->link[chain->links - 1];
	for (size_t k = 0; k < chain->links; k++)
		if (i == chain->link[k])
			return 1;
	return strncmp(chain->words.v[i], "--", 2) == 0 &&
	       strcmp(chain->words.v[i], "--") != 0;
}

/* The data files as here-strings, which end in the newline that texts have. */
static void
print_data(const struct compose *c, FILE *f)
{
	for (size_t i = 0; i < c->data_n; i++) {
		size_t n = strlen(c->data[i].text);
		char *text = mem_printf("%.*s", (int)(n - 1), c->data[i].text);
		char *quoted = quote_word(text);

		fprintf(f, " \\\n    %d<<<%s", c->data[i].fd, quoted);
		free(quoted);
		free(text);
	}
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
		if (i > 0 && starts_line(&chain, i))
			fputs(" \\\n    ", f);
		else if (i > 0)
			fputc(' ', f);
		fputs(quoted, f);
		free(quoted);
	}
	print_data(c, f);
	fputc('\n', f);
}
