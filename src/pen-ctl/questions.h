/* questions: how one is answered, at the console and by pen-ctl ask. */
#ifndef CTL_QUESTIONS_H
#define CTL_QUESTIONS_H

/* What a line may say while a question is shown. */
#define QUESTIONS_ANSWERS \
	"o once, t ten minutes, s session, a always in this project, d deny"

/*
 * What the line answers: "once", "10m", "session", "deny" (as lib/control.h has
 * it) or "always", which is "allow --always"; NULL: it is no answer.
 */
const char *questions_answer(const char *line);

#endif
