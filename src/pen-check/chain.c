/* The links of the chain: each runs true(1) alone, then pen runs it whole. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/mem.h"
#include "pen-check/checks.h"
#include "pen-check/try.h"

#define ARGS_MAX 10

static const struct {
	const char *name, *program;
	const char *args[ARGS_MAX];
	const char *matters;
} links[] = {
    {"pen-filter",
     "pen-filter",
     {"--", "/bin/true"},
     "System calls that programs do not need are refused by it."},
    {"pen-ns",
     "pen-ns",
     {"--system", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"},
     "It decides which files and processes are there."},
    {"pen-net",
     "pen-net",
     {"--", "/bin/true"},
     "It makes the network namespace that nothing leaves by itself."},
    {"pen-key",
     "pen-key",
     {"--upstream", "https://example.org", "--header", "key: ", "--command",
      "echo", "--command", "0123456789abcdef", "--", "/bin/true"},
     "It keeps the agent's credential outside."},
    {"pen-sni",
     "pen-sni",
     {"--allow", "example.org", "--", "/bin/true"},
     "It is the only way out, by allowed names."},
};

/* The first "hint:" line of what a program said, or NULL. */
static const char *
find_hint(char *said)
{
	char *hint = strstr(said, "hint: ");

	if (!hint || (hint != said && hint[-1] != '\n'))
		return NULL;
	hint += strlen("hint: ");
	hint = mem_copy(hint);
	hint[strcspn(hint, "\n")] = '\0';
	return hint;
}

static void
check_link(struct report *r, const char *name, const char *const argv[],
	   const char *matters)
{
	char said[TRY_TEXT];
	int status = try_program(argv, said);
	const char *hint = find_hint(said);
	struct finding f = {.group = "chain",
			    .name = mem_copy(name),
			    .state = status == 0 ? REPORT_OK : REPORT_MISSING,
			    .matters = matters,
			    .advice = hint};

	said[strcspn(said, "\n")] = '\0';
	f.found = status == 0 ? mem_copy("works")
			      : mem_printf("status %d%s%s", status,
					   *said ? ": " : "", said);
	report_add(r, &f);
}

void
check_chain(struct report *r)
{
	const char *argv[ARGS_MAX + 2];

	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
		size_t n = 1;

		argv[0] = chain_sibling(links[i].program);
		while (n <= ARGS_MAX && links[i].args[n - 1]) {
			argv[n] = links[i].args[n - 1];
			n++;
		}
		argv[n] = NULL;
		check_link(r, links[i].name, argv, links[i].matters);
	}
}
