/*
 * source: where the credential comes from, and the memory that holds it: locked
 * and in no core file.
 */
#ifndef KEY_SOURCE_H
#define KEY_SOURCE_H

#include <stddef.h>

#include "lib/mem.h"

/* A shorter one cannot be told from other text in an answer. */
#define SOURCE_MIN 16
#define SOURCE_MAX 8192

struct secret {
	char *text; /* ended by NUL */
	size_t n;
};

/*
 * Reads "env:NAME" or "file:PATH", of which "#MEMBER.MEMBER" takes a string of
 * a JSON object; or, where there is a command, what that prints.  Takes the
 * variable out of the environment, where it is wiped.  Fatal when there is none
 * or it cannot be one.
 */
void source_read(const char *from, const struct strv *command,
		 struct secret *s);

/*
 * Fatal when FROM (or NULL) is a file without a credential, or a variable whose
 * value cannot be one: before a program starts that would clear the screen on
 * which that is said.
 */
void source_check(const char *from);

/* Copies text, which can be one, to memory of its own.  Fatal. */
void source_take(struct secret *s, const char *text, size_t n);

/* Whether it can be one: of what HTTP carries, and as long as they are. */
int source_is_good(const char *text, size_t n);

/* Puts another one in its place, of at most SOURCE_MAX. */
void source_set(struct secret *s, const char *text, size_t n);

void source_wipe(struct secret *s);

#endif
