/* refs: the refs of a repository as a run left them: hostile bytes. */
#ifndef REPORT_REFS_H
#define REPORT_REFS_H

#include <stddef.h>
#include <stdint.h>

struct ref {
	char *name; /* "refs/heads/main" */
	char *text; /* what it is: an id, or "ref: …" */
};

struct refs {
	struct ref *v; /* by name, each once */
	size_t n;
	int cut; /* there are more than REFS_MAX */
};

#define REFS_MAX (1 << 20)

/* A ref's file of more bytes is none. */
#define REF_MAX 4096

/* Reads the refs below common: loose ones before packed ones. */
void refs_read(struct refs *r, int common);
void refs_free(struct refs *r);

/* The text of the ref name, or NULL. */
const char *refs_find(const struct refs *r, const char *name);

/* The id that the text is, through refs that name others; its length, or 0. */
size_t refs_resolve(const struct refs *r, const char *text, uint8_t *id);

/* Whether the ref is a branch, or a remote's. */
int refs_is_branch(const char *name);

/* What separates the words of a ref for people: "main", "origin/main". */
const char *refs_short(const char *name);

#endif
