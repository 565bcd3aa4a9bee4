/* conf: pen.conf files, by libconfuse. */
#ifndef PEN_CONF_H
#define PEN_CONF_H

#include "settings.h"

enum conf_section {
	CONF_AGENT,
	CONF_PROFILE,
	CONF_PROJECT,
	CONF_GROUP, /* has nothing but allow */
	CONF_SECTIONS
};

struct conf;

/*
 * Reads a file.  NULL when there is none; anything wrong with it ends the
 * process with 125, file, line and key.  With owned, it must belong to the
 * user or to root and nobody else may be able to write to it: it is policy.
 * The caller keeps the result for as long as settings made from it.
 */
struct conf *conf_read(const char *path, int owned);

/*
 * Changes *s as the section of this kind with this title says.  For a project,
 * title is the resolved directory and home what "~" stands for.  Returns
 * whether there is such a section; c may be NULL.
 */
int conf_apply(const struct conf *c, enum conf_section kind, const char *title,
	       const char *home, struct settings *s);

#endif
