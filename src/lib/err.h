/*
 * err: how every tool speaks on stderr, and the exit codes it speaks with.
 *
 * A message is one line, "pen-ns: cannot bind '/a': No such file or
 * directory", written with a single write(2).  Control bytes in it (C0, DEL,
 * C1, invalid UTF-8) are made visible as \xNN first, because names from the
 * project reach it.  Use %m for errno.
 */
#ifndef PEN_ERR_H
#define PEN_ERR_H

#include <stddef.h>

/* Exit codes of the tools, as env(1), timeout(1) and docker run have them. */
enum {
	ERR_TOOL = 125,	    /* the tool itself failed */
	ERR_NOEXEC = 126,   /* prog was found but cannot be executed */
	ERR_NOTFOUND = 127, /* prog was not found */
};

/* The tool's name, first word of every message; set once at the top of main. */
extern const char *err_prog;

/*
 * For a tool that stands in for another program: what its own failures exit
 * with, whatever the status above (0: as it says), and whether each line is
 * headed by its severity, "<3>" (syslog(3)).
 */
extern int err_status, err_levels;

/*
 * For such a tool, too: what the other program says in place of this message,
 * with the same arguments; or NULL.
 */
extern const char *(*err_words)(const char *fmt) __attribute__((format_arg(1)));

/* For a process that another waits for: what err_exit does first, or NULL. */
extern void (*err_last)(void);

/* Who writes the lines to stderr, each whole; NULL: a single write(2). */
extern void (*err_write)(const char *line, size_t n);

/* Writes "prog: message\n" to stderr. */
void err_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Writes "hint: message\n": what the reader can do about the line before. */
void err_hint(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* _exit(status), or err_status. */
_Noreturn void err_exit(int status);

/* err_warn, then err_exit(status). */
_Noreturn void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* die(ERR_TOOL, …) with a hint line after the message; hint may be NULL. */
_Noreturn void die_hint(const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Copies the n bytes of src to dst so that a terminal shows them and does not
 * obey them; always ends dst with NUL and cuts what does not fit in size.
 * Returns dst.
 */
char *err_visible(char *dst, size_t size, const char *src, size_t n);

#endif
