#include "pen-ctl/questions.h"

#include <stddef.h>
#include <string.h>

static const char *const answers[] = {"once", "10m", "session", "always",
				      "deny"};
static const char letters[] = "otsad";

const char *
questions_answer(const char *line)
{
	for (size_t i = 0; letters[i]; i++)
		if (strcmp(line, answers[i]) == 0 ||
		    (line[0] == letters[i] && line[1] == '\0'))
			return answers[i];
	return NULL;
}
