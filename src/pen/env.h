/* env: the environment inside. */
#ifndef PEN_ENV_H
#define PEN_ENV_H

#include "lib/rule.h"
#include "pen/project.h"
#include "pen/settings.h"
#include "pen/view.h"

struct env {
	/* options of pen-ns, and the same for a shell, in which what is
	 * passed on unchanged is "$NAME": a printed chain shows no secret */
	struct strv words, shown;
	/* given: variables that are not passed on, and NAME=VALUE that are
	 * set last */
	const struct strv *hidden, *more;
};

/* Makes the environment.  The view must be complete: PATH depends on it. */
void env_make(struct env *e, const struct settings *s, const struct project *p,
	      struct view *v);

/*
 * The directories of PATH that have programs and are not shown inside, with
 * colons between them; the caller's.
 */
char *env_hidden_path(const struct view *v);

/*
 * Takes out of PATH what the run can write to, or another run before it could:
 * a pasta that a project ships must not become a link of the chain.
 */
void env_guard_path(const struct view *v);

/*
 * The program name, for pen to start: the first in PATH that neither the run
 * can write to nor a link leads to which it can make.  The caller frees it;
 * NULL when there is none.
 */
char *env_find_program(const struct view *v, const char *name);

/* Whether the program name is found inside, by PATH. */
int env_has_program(const struct view *v, const char *name);

/*
 * Names the directories of hidden, which is env_hidden_path()'s, that have a
 * program that the words of prog speak of, which is found nowhere else: each
 * once, and no directory that nobody asks for.  Whether there was one.
 */
int env_tell_path(const struct view *v, const char *hidden, char *const *prog);

/* Whether what want speaks of can be reached by the settings. */
int env_allows(const struct settings *s, const struct rule *want);

/*
 * Warns about each *_BASE_URL that is passed on and names a host that is not
 * allowed, and about variables that name a file that is not shown.
 */
void env_warn(const struct settings *s, const struct view *v);

#endif
