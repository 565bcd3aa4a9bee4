/* manifest: what pen says of a run, from outside; see pen-report(1). */
#ifndef REPORT_MANIFEST_H
#define REPORT_MANIFEST_H

#include <stddef.h>
#include <sys/types.h>
#include <time.h>

enum at_end { AT_END_TELL, AT_END_ASK, AT_END_NOTHING };

/* The time of the run's start, by the clock of a file system. */
struct mark {
	dev_t dev;
	struct timespec time;
};

enum tree_kind { TREE_PROJECT, TREE_STATE, TREE_RW };

/* A directory, or a file, of the host that was writable inside. */
struct tree {
	const char *path;
	enum tree_kind kind;
	int shared; /* with a run whose changes are in this account, too */
};

enum draft_kind { DRAFT_DIR, DRAFT_LINK, DRAFT_COPY };
enum draft_merge { MERGE_NONE, MERGE_GITCONFIG, MERGE_JSON, MERGE_TOML };

/* A path of the host that had a private version inside. */
struct draft {
	enum draft_kind kind;
	const char *path;  /* absolute */
	const char *layer; /* where it is in the run's layer */
	const char *by;	   /* who obeys it */
	enum draft_merge merge;
	const char *rules; /* of MERGE_JSON: whose settings they are */
	const char *base;  /* the host's text at the start, or NULL */
	const char *start; /* the SHA-256 of the run's at the start, or NULL */
	int tracked;
};

/* A source file that somebody obeys for a reason of his own. */
struct obeyed_file {
	const char *path, *by;
};

/* A branch of the host at the start. */
struct tip {
	const char *ref, *id;
};

struct manifest {
	const char *run, *root, *cwd, *home, *state_dir;
	const char *log, *agent; /* or NULL */
	const char *hidden_path; /* of PATH, what was not shown, or NULL */
	enum at_end at_end;
	int nesting;
	struct mark *marks; /* earlier ones than its own for shared trees */
	struct mark *own_marks;
	struct tree *trees;
	struct draft *drafts;
	struct obeyed_file *obeyed;
	size_t nmarks, nown_marks, ntrees, ndrafts, nobeyed;
	/* the project's overlay, or NULL, and what is shown through it */
	const char *overlay, **overlaid;
	size_t noverlaid;
	/* of the root's repository, NULL where there is none */
	const char *git_root, *common, *git_dir, *index, *head;
	struct tip *tips;
	size_t ntips;
};

/*
 * Reads the JSON in the n bytes of text.  What m has then is never freed.
 * Returns NULL, or what is wrong with it.
 */
const char *manifest_parse(struct manifest *m, const char *text, size_t n);

/* Whether path is dir, or below it; then what is behind it, or NULL. */
const char *manifest_below(const char *dir, const char *path);

#endif
