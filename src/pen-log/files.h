/* files: the logs of the sessions, and the lines that have come in them. */
#ifndef LOG_FILES_H
#define LOG_FILES_H

#include <stddef.h>

/* A log of more than this between two looks at it is cut: pen-sni's is not. */
#define FILES_LINE_MAX 16384

struct file {
	char *path;
	char *session;	/* its name without the directory and .jsonl */
	char first[32]; /* the time of its first line, "" while it has none */
	int skip;	/* it is not to be read */
	int fd;		/* -1 until it is read */
	long long at;	/* read so far */
};

struct files {
	char *dir;
	struct file *v;
	size_t n;
};

/* $XDG_STATE_HOME/pen/log or ~/.local/state/pen/log; fatal without HOME. */
char *files_directory(void);

/*
 * Adds the logs in files->dir that it does not have yet; a session's files
 * are in the order in which they were written, the sessions in that of their
 * beginning.  A directory that is missing has none.
 */
void files_scan(struct files *f);

/* Adds the file at path.  Fatal when there is none. */
void files_add(struct files *f, const char *path);

/*
 * Calls fn with each whole line that was not read yet, without the newline.
 * A file that was begun anew is read from its beginning.
 */
typedef void files_fn(void *arg, const char *line, size_t n);
void files_read(struct file *file, files_fn *fn, void *arg);

#endif
