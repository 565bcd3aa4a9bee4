/* env: the environment inside. */
#ifndef PEN_ENV_H
#define PEN_ENV_H

#include "project.h"
#include "settings.h"
#include "view.h"

struct env {
	/* options of pen-ns, and the same for a shell, in which what is
	 * passed on unchanged is "$NAME": a printed chain shows no secret */
	struct strv words, shown;
};

/* Makes the environment.  The view must be complete: PATH depends on it. */
void env_make(struct env *e, const struct settings *s,
	      const struct project *p, struct view *v);

/*
 * Takes out of PATH what the run can write to, or another run before it could:
 * a pasta that a project ships must not become a link of the chain.
 */
void env_guard_path(const struct view *v);

/*
 * Warns about each *_BASE_URL that is passed on and names a host that is not
 * allowed, and about variables that name a file that is not shown.
 */
void env_warn(const struct settings *s, const struct view *v);

#endif
