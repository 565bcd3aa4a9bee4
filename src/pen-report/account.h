/* account: what a run left, as it is written down and told. */
#ifndef REPORT_ACCOUNT_H
#define REPORT_ACCOUNT_H

#include <stddef.h>

#include "pen-report/manifest.h"
#include "pen-report/walk.h"

enum account_class { ACCOUNT_HELD, ACCOUNT_OBEYED, ACCOUNT_CHANGED };

struct account_entry {
	char *path; /* relative to the root, or ~/…, or absolute */
	char *old;  /* before a rename or a change of a key, or NULL */
	char *key;  /* of a file that merges by key, or NULL */
	char *note; /* what else there is to know, or NULL */
	char *ref;  /* of git, that has it in its commit, or NULL: a file */
	const char *by;
	enum change change;
	enum account_class class;
	int tell; /* at the terminal */
	int directory;
	int way; /* nothing by itself: a directory with what is in it */
};

/* Names that were refused. */
struct account_refused {
	char *name;
	char *allow; /* the option that would allow it, or NULL */
	char *why;   /* what an allowed name was refused for, or NULL */
	unsigned long long times;
	int tell;
	int unserved; /* why is that pen-key has ended */
};

struct account {
	const struct manifest *m;
	struct account_entry *v;
	size_t n;
	struct account_refused *refused;
	size_t nrefused;
	struct strv pushed; /* HOST/REPOSITORY REF OLD..NEW, by pen-key */
	unsigned long long others; /* that nobody obeys, as far as is known */
	unsigned long long uncounted;
	unsigned long long overlaid, overlaid_bytes; /* in the overlay */
	struct strv full; /* directories inside that were full, as shown */
	struct strv why;  /* what makes it not whole */
};

/* Adds an entry for path, absolute, and returns it to be filled in. */
struct account_entry *account_add(struct account *a, const char *path,
				  enum change change, enum account_class class,
				  const char *by);

/* path as it is shown; the caller frees it. */
char *account_shown(const struct manifest *m, const char *path);

/* Adds what the walk found. */
void account_take_walk(struct account *a, struct walk *w);

/* Sorts, and joins what is one thing. */
void account_finish(struct account *a);

/* Whether the run made something that is held back. */
int account_holds(const struct account *a);

/* The account as JSON: pen-report(1); the caller frees it. */
char *account_text(const struct account *a, size_t *n);

#endif
