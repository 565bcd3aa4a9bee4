/* drafts: what is held back of a project, as pen-report left it. */
#ifndef REVIEW_DRAFTS_H
#define REVIEW_DRAFTS_H

#include <jansson.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "pen-review/keys.h"
#include "pen-review/project.h"

/* No draft is larger. */
#define DRAFT_MAX ((size_t)64 << 20)

enum draft_type {
	DRAFT_FILE,
	DRAFT_SYMLINK,
	DRAFT_REMOVED, /* the host's file or directory is to go */
	DRAFT_OTHER,   /* nothing that could be kept */
};

struct draft {
	char *path;  /* of the host, absolute; of one set aside, with its run */
	char *host;  /* of the host's file */
	char *shown; /* the path as it is shown */
	const char
	    *whose;  /* "tree", or "aside": another run's, not in effect */
	char *by;    /* who would obey it */
	char *rules; /* by which its keys are decided, or NULL */
	char *sha;   /* of the host's file when the draft was made, or NULL */
	char *link;  /* what a symbolic link says, or NULL */
	enum draft_type type;
	mode_t mode;
	int aside;	  /* another run's, which is not in effect */
	int based;	  /* sha is known: NULL is a file that was not there */
	int quiet;	  /* nothing but what its agent decided for itself */
	struct keys keys; /* what is held of it, where rules is not NULL */
};

struct drafts {
	const struct project *p;
	struct draft *v;
	size_t n;
	int cut;      /* there are more than are listed */
	json_t *base; /* draft/base.json */
};

/* Reads the drafts of the project, sorted by path. */
void drafts_read(struct drafts *d, const struct project *p);

/* Writes what is said of them.  Fatal when it cannot. */
void drafts_save(const struct drafts *d);

/*
 * The draft's own text, its whose, or the host's when it was made ("host"),
 * with a NUL behind its *n bytes; the caller frees it.  NULL with errno.
 */
char *drafts_text(const struct drafts *d, const char *whose, const char *path,
		  size_t *n);

/* Makes the n bytes the text of such a file.  0, or -1 with errno. */
int drafts_write(const struct drafts *d, const char *whose, const char *path,
		 const void *p, size_t n, mode_t mode);

/* Makes a link, or with NULL a removal, the draft of path.  0, or -1. */
int drafts_put(const struct drafts *d, const char *path, const char *link);

/* Removes that draft of path, with the directories that are empty then. */
int drafts_remove(struct drafts *d, const char *whose, const char *path);

/*
 * Whether the host's file is as it was when the draft was made; host is its
 * text of n bytes, NULL where there is none.
 */
int drafts_is_current(const struct draft *draft, const char *host, size_t n);

#endif
