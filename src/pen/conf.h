/* conf: pen.conf files, by libconfuse. */
#ifndef PEN_CONF_H
#define PEN_CONF_H

#include "lib/mem.h"
#include "pen/section.h"
#include "pen/settings.h"

struct conf;

/*
 * Reads a file.  NULL when there is none; anything wrong with it ends the
 * process with 125, file, line and key.  With owned, it must belong to the
 * user or to root and nobody else may be able to write to it: it is policy.
 * The caller keeps the result for as long as settings made from it.
 */
struct conf *conf_read(const char *path, int owned);

/*
 * Reads the user's or the system's file for what it names: anything wrong with
 * it is a warning, and what came before it counts.  NULL when nothing did.
 */
struct conf *conf_skim(const char *path);

/* Pushes the titles of all sections of this kind; c, which may be NULL, owns
 * them. */
void conf_titles(const struct conf *c, enum section_kind kind,
		 struct strv *titles);

/* The text of the user's file, the caller's, or NULL.  Fatal as above. */
char *conf_text(const char *path);

/* Parses text that is in the file path; fatal as above.  Or NULL if it is not
 * right, for conf_try. */
struct conf *conf_parse(const char *path, const char *text);
struct conf *conf_try(const char *text);

/*
 * Changes *s as the section of this kind with this title says.  For a project,
 * title is the resolved directory and home what "~" stands for.  Returns
 * whether there is such a section; c may be NULL.
 */
int conf_apply(const struct conf *c, enum section_kind kind, const char *title,
	       const char *home, struct settings *s);

#endif
