#include "lib/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "lib/err.h"

/* How long a terminal that is ready but takes nothing is left alone. */
#define PAUSE_MS 10

/* How long an answer may take. */
#define ANSWER_MS 1000

/*
 * ECMA-48 and xterm's ctlseqs.  The alternate screen comes first: leaving it
 * restores the attributes that the cursor was saved with.
 */
#define RIGHT                                                                \
	"\030\033\\"	    /* CAN and ST: no sequence, no string is open */ \
	"\033<"		    /* not a VT52 */                                 \
	"\033[4i"	    /* text goes to the screen, not to a printer */  \
	"\0337\033[?1049l"  /* the main screen; or else the cursor stays */  \
	"\017\033(B\033)B"  /* ASCII */                                      \
	"\033[m"	    /* not concealed, no colours */                  \
	"\033[4l"	    /* text replaces text */                         \
	"\033[?7h\033[?25h" /* long lines wrap, the cursor is shown */       \
	"\033[?69l"	    /* no left and right margins */                  \
	"\0337\033[r\0338"  /* all of the screen scrolls */

/* Linux' own console would print some of these. */
#define RIGHT_EMULATOR                                                    \
	"\033[?2026l"	 /* the screen is updated */                      \
	"\033[0$}"	 /* and it is not the status line */              \
	"\033]8;;\033\\" /* no link */                                    \
	"\033]110\033\\" /* text and background have different colours */ \
	"\033]111\033\\"

/* The terminal at standard error, once something was written. */
static struct {
	enum { UNKNOWN, TERMINAL, OTHER } kind;
	int fd;	      /* where to write */
	int own;      /* fd is an open file of our own, and does not block */
	int utf8;     /* bytes above 0x7f are characters, and no controls */
	int returns;  /* a newline needs a carriage return */
	int64_t left; /* milliseconds to wait */
} to;

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
terminal_release(int tty)
{
	tcflow(tty, TCOON);
	ioctl(tty, TIOCNXCL);
}

/* Reads "CSI rows ; columns R".  0, or -1 when it does not come. */
static int
read_place(int tty, struct winsize *size)
{
	struct pollfd p = {.fd = tty, .events = POLLIN};
	char text[64] = "", *at;
	unsigned rows, cols;
	size_t n = 0;

	while (poll(&p, 1, ANSWER_MS) > 0) {
		if (n + 1 == sizeof(text))
			n = 0;
		if (read(tty, text + n, 1) != 1)
			return -1;
		text[++n] = '\0';
		at = strrchr(text, '\033');
		if (!at || text[n - 1] != 'R' ||
		    sscanf(at, "\033[%5u;%5uR", &rows, &cols) != 2)
			continue;
		*size = (struct winsize){.ws_row = (unsigned short)rows,
					 .ws_col = (unsigned short)cols};
		return 0;
	}
	return -1;
}

void
terminal_check_size(int tty, const struct winsize *before)
{
	static const char ask[] = "\0337\033[r\033[9999;9999H\033[6n\0338";
	struct termios modes, raw;
	struct winsize now, size = *before;
	struct pollfd p = {.fd = tty, .events = POLLOUT};
	int asked;

	if (ioctl(tty, TIOCGWINSZ, &now) < 0 ||
	    (now.ws_row == before->ws_row && now.ws_col == before->ws_col) ||
	    tcgetattr(tty, &modes) < 0)
		return;
	raw = modes;
	cfmakeraw(&raw);
	if (tcsetattr(tty, TCSANOW, &raw) < 0)
		return;
	asked = poll(&p, 1, ANSWER_MS) > 0 &&
		write(tty, ask, sizeof(ask) - 1) == sizeof(ask) - 1;
	if (!asked || read_place(tty, &size) < 0 ||
	    (size.ws_row == before->ws_row && size.ws_col == before->ws_col))
		size = *before;
	if (size.ws_row != now.ws_row || size.ws_col != now.ws_col)
		ioctl(tty, TIOCSWINSZ, &size);
	tcsetattr(tty, TCSANOW, &modes);
}

const char *
terminal_right(const char *term)
{
	if (term && strcmp(term, "dumb") == 0)
		return "";
	if (term && strncmp(term, "linux", 5) == 0)
		return RIGHT;
	return RIGHT RIGHT_EMULATOR;
}

/* Whether the user's locale has UTF-8, by its name (locale(7)). */
static int
locale_is_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *value = NULL;

	for (int i = 0; i < 3 && (!value || !*value); i++)
		value = getenv(names[i]);
	value = value ? strchr(value, '.') : NULL;
	return value && (strncasecmp(value, ".utf-8", 6) == 0 ||
			 strncasecmp(value, ".utf8", 5) == 0);
}

/* Waits until the descriptor takes something.  0, or -1 with errno. */
static int
await_room(int pause)
{
	struct pollfd p = {.fd = to.fd, .events = POLLOUT};
	int64_t start = now_ms();
	int limit = to.kind == TERMINAL ? (int)to.left : -1;
	int n;

	if (limit == 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	n = poll(&p, pause ? 0 : 1, pause ? PAUSE_MS : limit);
	if (to.kind == TERMINAL) {
		to.left -= now_ms() - start;
		if (to.left < 0)
			to.left = 0;
	}
	return n < 0 && errno != EINTR ? -1 : 0;
}

/* Where a write could block for ever, one byte has room. */
static ssize_t
write_some(const char *p, size_t n)
{
	if (to.kind == TERMINAL && !to.own)
		n = 1;
	return write(to.fd, p, n);
}

static int
write_all(const char *p, size_t n)
{
	int ready = to.kind != TERMINAL;

	while (n > 0) {
		ssize_t k;

		if (!ready && await_room(0) < 0)
			return -1;
		k = write_some(p, n);
		if (k < 0 && errno == EAGAIN && to.kind == TERMINAL &&
		    await_room(1) < 0)
			return -1;
		if (k < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		ready = k > 0 && to.kind != TERMINAL;
		if (k > 0)
			p += k, n -= (size_t)k;
	}
	return 0;
}

/*
 * An open file of our own, that does not block: O_NONBLOCK on the one that is
 * shared would last longer than this process.
 */
static void
open_terminal(void)
{
	const char *term = getenv("TERM"), *right = terminal_right(term);
	struct termios modes;

	terminal_release(STDERR_FILENO);
	to.kind = TERMINAL;
	to.left = TERMINAL_MS;
	to.fd = open("/proc/self/fd/2",
		     O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	to.own = to.fd >= 0;
	if (!to.own)
		to.fd = STDERR_FILENO;
	to.utf8 = locale_is_utf8();
	to.returns = tcgetattr(STDERR_FILENO, &modes) < 0 ||
		     !(modes.c_oflag & OPOST) || !(modes.c_oflag & ONLCR);
	write_all(right, strlen(right));
	if (to.utf8 && *right)
		write_all("\033%G", 3);
}

static void
open_standard_error(void)
{
	if (to.kind != UNKNOWN)
		return;
	if (isatty(STDERR_FILENO)) {
		open_terminal();
		return;
	}
	to.kind = OTHER;
	to.fd = STDERR_FILENO;
	to.utf8 = 1;
}

/* The lines as this terminal needs them, in pieces. */
static int
write_lines(const char *p, size_t n)
{
	char buf[4096];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '\n' && to.returns)
			buf[used++] = '\r';
		if (c >= 0x80 && !to.utf8)
			used += (size_t)snprintf(buf + used, 8, "\\x%02x", c);
		else
			buf[used++] = (char)c;
		if (used + 8 < sizeof(buf) && i + 1 < n)
			continue;
		if (write_all(buf, used) < 0)
			return -1;
		used = 0;
	}
	return 0;
}

/*
 * Signals that a write can raise: the reader is gone, we are in the background
 * (stty tostop), a file is as large as it may be.
 */
static void
block_signals(sigset_t *set, sigset_t *old, sigset_t *pending)
{
	sigemptyset(set);
	sigaddset(set, SIGPIPE);
	sigaddset(set, SIGTTOU);
	sigaddset(set, SIGXFSZ);
	sigpending(pending);
	sigprocmask(SIG_BLOCK, set, old);
}

/* Those that came of it are forgotten; a pending one is not ours. */
static void
restore_signals(sigset_t *set, const sigset_t *old, const sigset_t *pending)
{
	static const struct timespec at_once;

	for (int sig = 1; sig < NSIG; sig++)
		if (sigismember(set, sig) == 1 &&
		    sigismember(pending, sig) == 1)
			sigdelset(set, sig);
	while (sigtimedwait(set, NULL, &at_once) > 0)
		;
	sigprocmask(SIG_SETMASK, old, NULL);
}

int
terminal_write(const char *lines, size_t n)
{
	sigset_t set, old, pending;
	int r, saved;

	block_signals(&set, &old, &pending);
	open_standard_error();
	r = write_lines(lines, n);
	saved = errno;
	restore_signals(&set, &old, &pending);
	errno = saved;
	return r;
}

static void
write_message(const char *line, size_t n)
{
	terminal_write(line, n);
}

void
terminal_take_messages(void)
{
	err_write = write_message;
}

int
terminal_say(const char *fmt, ...)
{
	char raw[4096], line[sizeof(raw) * 4 + 1];
	va_list ap;
	size_t n;
	int k;

	va_start(ap, fmt);
	k = vsnprintf(raw, sizeof(raw), fmt, ap);
	va_end(ap);
	if (k < 0)
		return -1;
	n = (size_t)k < sizeof(raw) ? (size_t)k : sizeof(raw) - 1;
	err_visible(line, sizeof(line) - 1, raw, n);
	n = strlen(line);
	line[n++] = '\n';
	return terminal_write(line, n);
}

void
terminal_fence(unsigned columns, char *text, char *answer)
{
	unsigned char chance[8] = {0};
	size_t t = 0, a = 0;

	if (getrandom(chance, sizeof(chance), GRND_NONBLOCK) < 0)
		chance[0] = (unsigned char)now_ms();
	if (columns == 0 || columns > 80)
		columns = 80;
	for (size_t i = 0; i < sizeof(chance); i++) {
		unsigned column = 1 + chance[i] % columns;

		t += (size_t)snprintf(text + t, TERMINAL_FENCE - t,
				      "\033[1;%uH\033[6n", column);
		a += (size_t)snprintf(answer + a, TERMINAL_FENCE - a,
				      "\033[1;%uR", column);
	}
}
