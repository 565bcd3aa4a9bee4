/*
 * settings: what the configuration and the command line say, and where each of
 * it came from.  Pure.
 *
 * A section changes the settings of the sections before it: "key = {…}"
 * replaces a list, "key += {…}" adds to it, a single value overrides.
 */
#ifndef PEN_SETTINGS_H
#define PEN_SETTINGS_H

#include <stddef.h>
#include <stdio.h>

#include "pen/settings_key.h"

/* Where a setting is from that no file and no option has. */
#define SETTINGS_ORIGIN "pen itself"

struct settings_item {
	const char *text; /* "true" or "false" for a boolean */
	const char *from; /* "FILE, agent claude" */
};

struct settings_list {
	struct settings_item *v;
	size_t n;
};

/* A single value is a list of one. */
struct settings {
	struct settings_list list[SET_KEYS];
};

/* Writes pen's own defaults to *s. */
void settings_init(struct settings *s);

/* Appends to a list, or sets a single value.  Both texts are borrowed. */
void settings_add(struct settings *s, enum settings_key key, const char *text,
		  const char *from);

/* Takes text out of a list, if it is there. */
void settings_remove(struct settings *s, enum settings_key key,
		     const char *text);

/* Empties a list. */
void settings_clear(struct settings *s, enum settings_key key);

/* The text of a single value; settings_on for a boolean. */
const char *settings_value(const struct settings *s, enum settings_key key);
int settings_on(const struct settings *s, enum settings_key key);

/* Prints every setting with its origin, as pen --print=conf does. */
void settings_print(const struct settings *s, FILE *f);

#endif
