/* manifest: what pen-report is told of a run, as JSON: pen-report(1). */
#ifndef PEN_MANIFEST_H
#define PEN_MANIFEST_H

#include "pen/project.h"
#include "pen/run.h"
#include "pen/settings.h"
#include "pen/view.h"

struct manifest {
	const struct run *run;
	const struct project *project;
	const struct settings *settings;
	const struct view *view; /* after view_words */
	const char *agent, *log; /* or NULL */
	const char *overlay;	 /* the directory of the project's, or NULL */
	const char *hidden_path; /* of PATH, what is not shown, or NULL */
};

/* The text, which the caller frees.  It has the time of now in it. */
char *manifest_text(const struct manifest *m);

#endif
