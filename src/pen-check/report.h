/* report: what was found, a line for each thing that was tried. */
#ifndef PEN_CHECK_REPORT_H
#define PEN_CHECK_REPORT_H

#include <stddef.h>

enum report_state { REPORT_OK, REPORT_WEAKER, REPORT_MISSING };

struct finding {
	const char *group; /* "kernel", "chain", "host", "agents", "shells" */
	char *name;
	enum report_state state;
	char *found; /* what was seen, in a few words */
	const char
	    *matters; /* why it matters, a sentence; NULL where it is ok */
	const char *advice;  /* what to do, a sentence, or NULL */
	const char *command; /* the command that does it, or NULL */
};

struct report {
	struct finding *v;
	size_t n;
};

/*
 * Appends a copy of f, of which name and found are copied too; the rest has to
 * last as long as the report.
 */
void report_add(struct report *r, const struct finding *f);

/* The exit status: 0 all is ok, 1 something is weaker, 2 something is missing.
 */
int report_status(const struct report *r);

/* Prints the findings for a reader. */
void report_print(const struct report *r);

/* Prints them as one JSON object with the members version, kernel, findings. */
void report_print_json(const struct report *r);

/*
 * Prints the commands that mend something and, on a terminal, asks whether to
 * run them; those that are agreed to run one by one, by sh, on that terminal.
 * Returns 0, or 1 when one of them failed.
 */
int report_fix(const struct report *r);

#endif
