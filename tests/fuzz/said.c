/*
 * What pen-key says to pen-sni, whose words end within their bounds; and what
 * pen-key answers to what it is asked, which raises only what there is.
 */
#include "pen-sni/said.h"

#include <stdlib.h>
#include <string.h>

#include "pen-key/budget.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
ask(const char *text)
{
	struct budget b = {.limit = {[COUNT_UP] = 1}};
	char answer[256];
	struct said s;

	budget_answer(&b, text, answer, sizeof(answer));
	if (b.limit[COUNT_REQUESTS] || b.limit[COUNT_TOKENS] ||
	    !b.limit[COUNT_UP])
		abort();
	if (said_parse(answer, &s) < 0 ||
	    (s.kind == SAID_BUDGET && s.limit[SAID_UP] != b.limit[COUNT_UP]))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1);
	struct said s;

	if (!text)
		return 0;
	memcpy(text, data, n);
	text[n] = '\0';
	if (said_parse(text, &s) == 0 &&
	    (strnlen(s.method, sizeof(s.method)) == sizeof(s.method) ||
	     strnlen(s.path, sizeof(s.path)) == sizeof(s.path) ||
	     strnlen(s.per, sizeof(s.per)) == sizeof(s.per) ||
	     (s.why && (s.why < text || s.why > text + n))))
		abort();
	ask(text);
	free(text);
	return 0;
}
