#include "pen-shell/screen.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ECMA-48, section 5; the names are those of xterm's ctlseqs. */
enum { GROUND, ESCAPE, ESCAPE_MID, CSI, CSI_SKIP, STRING, STRING_ESCAPE };

/* What becomes of a string: kept until its end is seen, or known before. */
enum { HOLDING, PASSING, DROPPING };

enum {
	BEL = 0x07,
	ENQ = 0x05,
	SO = 0x0e,
	SI = 0x0f,
	CAN = 0x18,
	SUB = 0x1a,
	ESC = 0x1b,
	DEL = 0x7f
};

enum {
	DIRTY_INSERT = 1 << 0,
	DIRTY_ECHO = 1 << 1,
	DIRTY_NEWLINE = 1 << 2,
	DIRTY_KEYPAD = 1 << 3,
	DIRTY_MODIFY = 1 << 4,
	DIRTY_TABS = 1 << 5,
	DIRTY_PROTECT = 1 << 6,
	DIRTY_LINK = 1 << 7,
	DIRTY_PROGRESS = 1 << 8,
	DIRTY_TITLE = 1 << 9, /* the user's own is on the title stack */
	DIRTY_SETS = 1 << 10,
	DIRTY_CURSOR = 1 << 11,
	DIRTY_TEXT = 1 << 12, /* colours and attributes of characters */
	DIRTY_COLOR_4 = 1 << 13,
	DIRTY_COLOR_5 = 1 << 14,
	DIRTY_COLOR_10 = 1 << 15, /* to 19 */
};

/* What is written: to the terminal, behind what is there. */
struct text {
	unsigned char *p;
	size_t n, max;
};

/*
 * Every byte that is written goes through here.  The bounds are proven
 * (tests/unit/screen.c); were they wrong the relay would end, and the leader
 * puts the terminal right.
 */
static void
put_bytes(struct text *o, const void *p, size_t n)
{
	if (n > o->max - o->n)
		__builtin_trap();
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

static void
put_byte(struct text *o, unsigned char c)
{
	put_bytes(o, &c, 1);
}

static void
put_string(struct text *o, const char *s)
{
	put_bytes(o, s, strlen(s));
}

__attribute__((format(printf, 2, 3))) static void
putf(struct text *o, const char *fmt, ...)
{
	char buf[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	put_string(o, buf);
}

void
screen_init(struct screen *s, const struct screen_policy *policy)
{
	memset(s, 0, sizeof(*s));
	s->policy = *policy;
}

int
screen_idle(const struct screen *s)
{
	return s->state < STRING || s->flow != PASSING;
}

/* --- sequences ------------------------------------------------------------ */

struct csi {
	unsigned char prefix, mid, final; /* 0: none */
	unsigned p[32];
	unsigned n;
	int odd; /* more, or other than this has room for */
};

/* Takes apart "ESC [ prefix parameters intermediate final". */
static void
parse_csi(const unsigned char *h, size_t held, struct csi *c)
{
	size_t i = 2;

	memset(c, 0, sizeof(*c));
	c->final = h[held - 1];
	if (h[i] >= '<' && h[i] <= '?')
		c->prefix = h[i++];
	for (; i < held - 1 && h[i] >= 0x30; i++) {
		if (h[i] >= '<') {
			c->odd = 1;
		} else if (h[i] >= ':') {
			if (++c->n >= 32)
				c->n = 31, c->odd = 1;
		} else if (c->p[c->n] < 100000) {
			c->p[c->n] = c->p[c->n] * 10 + h[i] - '0';
		}
	}
	c->n++;
	if (i < held - 1)
		c->mid = h[i++];
	if (i < held - 1)
		c->odd = 1;
}

/* Modes that are on where nobody switched them. */
static int
on_by_default(unsigned mode)
{
	return mode == 7 || mode == 25; /* wrap; the cursor is shown */
}

static size_t
find_mode(const struct screen *s, unsigned number)
{
	size_t i = 0;

	while (i < s->modes_n && s->modes[i].number != number)
		i++;
	return i;
}

static void
set_mode(struct screen *s, unsigned number, int on)
{
	size_t i = find_mode(s, number);

	if (on == on_by_default(number)) {
		if (i < s->modes_n)
			s->modes[i] = s->modes[--s->modes_n];
		return;
	}
	if (i == s->modes_n)
		s->modes_n++;
	s->modes[i].number = (unsigned short)number;
	s->modes[i].on = (unsigned char)on;
}

static int
is_alternate(unsigned mode)
{
	return mode == 47 || mode == 1047 || mode == 1049;
}

/* The focus, the colour scheme and the size may be told when that begins. */
static int
tells_at_once(unsigned mode)
{
	return mode == 1004 || mode == 2031 || mode == 2048;
}

/* "CSI ? Pm h" and "l": all of them, or none. */
static int
private_modes(struct screen *s, const struct csi *c)
{
	int on = c->final == 'h';

	if (c->odd || s->modes_n + c->n > SCREEN_MODES)
		return 0;
	for (unsigned i = 0; i < c->n; i++)
		/* 2 reset: VT52, another language; 1048: the cursor alone */
		if (c->p[i] == 2 || c->p[i] > 65535)
			return 0;
	for (unsigned i = 0; i < c->n; i++) {
		if (on && tells_at_once(c->p[i]))
			s->asked++;
		if (is_alternate(c->p[i]))
			s->alternate = on ? c->p[i] : 0;
		else if (c->p[i] != 1048)
			set_mode(s, c->p[i], on);
	}
	return 1;
}

static void
set_dirty(struct screen *s, unsigned bit, int on)
{
	s->dirty = on ? s->dirty | bit : s->dirty & ~bit;
}

/* "CSI Pm h" and "l".  2 locks the keyboard; 34 is a cursor of terminfo(5). */
static int
ansi_modes(struct screen *s, const struct csi *c)
{
	int on = c->final == 'h';

	for (unsigned i = 0; i < c->n; i++)
		if (c->p[i] != 4 && c->p[i] != 12 && c->p[i] != 20 &&
		    c->p[i] != 34)
			return 0;
	for (unsigned i = 0; i < c->n && !c->odd; i++) {
		if (c->p[i] == 4)
			set_dirty(s, DIRTY_INSERT, on);
		else if (c->p[i] == 12)
			set_dirty(s, DIRTY_ECHO, !on);
		else if (c->p[i] == 20)
			set_dirty(s, DIRTY_NEWLINE, on);
	}
	return !c->odd;
}

/* The user's own title is put on the terminal's stack before it changes. */
static void
save_title(struct screen *s, struct text *o)
{
	if (!(s->dirty & DIRTY_TITLE))
		put_string(o, "\033[22;0t");
	s->dirty |= DIRTY_TITLE;
}

/* Reports of size pass; 20 and 21 make the terminal type its title. */
static int
window_passes(struct screen *s, const struct csi *c, struct text *o)
{
	switch (c->p[0]) {
	case 11:
	case 13:
	case 14:
	case 15:
	case 16:
	case 18:
	case 19:
		s->asked++;
		return 1;
	case 22:
		if (s->policy.title == SCREEN_TITLE_DENY || s->titles >= 8)
			return 0;
		save_title(s, o);
		s->titles++;
		return 1;
	case 23: /* what lies below is the user's */
		if (s->titles == 0)
			return 0;
		s->titles--;
		return 1;
	default:
		return 0;
	}
}

static struct screen_kitty *
kitty_now(struct screen *s)
{
	return &s->kitty[s->alternate != 0];
}

/* The kitty keyboard protocol: push, pop, set, query. */
static int
kitty_passes(struct screen *s, const struct csi *c, struct text *o)
{
	struct screen_kitty *k = kitty_now(s);
	unsigned n = c->p[0] ? c->p[0] : 1;
	unsigned char *top = k->n ? &k->flags[k->n - 1] : &k->base;

	if (c->odd || (c->prefix != '?' && c->prefix != '<' && c->p[0] > 31))
		return 0;
	switch (c->prefix) {
	case '>':
		if (k->n == SCREEN_KITTY)
			return 0;
		k->flags[k->n++] = (unsigned char)c->p[0];
		return 1;
	case '<': /* what lies below is the user's */
		if (n > k->n)
			n = k->n;
		k->n = (unsigned char)(k->n - n);
		if (n > 0)
			putf(o, "\033[<%uu", n);
		return 0;
	case '=':
		if (c->n < 2 || c->p[1] == 1)
			*top = (unsigned char)c->p[0];
		else if (c->p[1] == 2)
			*top |= (unsigned char)c->p[0];
		else if (c->p[1] == 3)
			*top &= (unsigned char)~c->p[0];
		return 1;
	default:
		s->asked++;
		return 1;
	}
}

/* DECSTR: what it sets back, as far as terminals agree. */
static void
soft_reset(struct screen *s)
{
	set_mode(s, 1, 0);
	set_mode(s, 6, 0);
	set_mode(s, 25, 1);
	set_mode(s, 66, 0);
	set_mode(s, 69, 0);
	s->dirty &= ~(unsigned)(DIRTY_INSERT | DIRTY_KEYPAD | DIRTY_PROTECT |
				DIRTY_SETS);
	s->top = s->bottom = 0;
	memset(s->sets, 0, sizeof(s->sets));
	s->shift = 0;
}

/* RIS: all is as at the start, but for the titles. */
static void
hard_reset(struct screen *s)
{
	soft_reset(s);
	s->dirty &= DIRTY_TITLE;
	s->modes_n = 0;
	s->alternate = s->cursor = s->modify = 0;
	memset(s->kitty, 0, sizeof(s->kitty));
}

static int
set_region(struct screen *s, const struct csi *c)
{
	if (c->odd || c->p[0] > 9999 || c->p[1] > 9999)
		return 0;
	s->top = c->p[0];
	s->bottom = c->p[1];
	return 1;
}

static int
modify_keys(struct screen *s, const struct csi *c)
{
	if (c->odd || c->p[0] != 4 || c->p[1] > 9)
		return 0;
	s->modify = c->final == 'm' && c->n > 1 ? c->p[1] : 0;
	set_dirty(s, DIRTY_MODIFY, 1);
	return 1;
}

/* Sequences without prefix and intermediate, which draw but for these. */
static int
plain_csi(struct screen *s, const struct csi *c, struct text *o)
{
	switch (c->final) {
	case 'h':
	case 'l':
		return ansi_modes(s, c);
	case 'r':
		return set_region(s, c);
	case 't':
		return window_passes(s, c, o);
	case 'g':
		s->dirty |= DIRTY_TABS;
		return 1;
	case 'm':
		set_dirty(s, DIRTY_TEXT, c->n > 1 || c->p[0] > 0);
		return 1;
	case 'c':
	case 'n':
	case 'x':
		s->asked++;
		return 1;
	default: /* not "]": Linux' console shows another one, or beeps */
		return strchr("@ABCDEFGHIJKLMPSTXZ`abdefjksu", c->final) !=
			   NULL &&
		       (c->final != 'T' || c->n == 1);
	}
}

/* Those with an intermediate, by it and the final byte. */
static int
mid_csi(struct screen *s, const struct csi *c)
{
	if (c->odd)
		return 0;
	switch (c->prefix << 16 | c->mid << 8 | c->final) {
	case ' ' << 8 | 'q':
		s->cursor = c->p[0] < 100 ? c->p[0] : 0;
		s->dirty |= DIRTY_CURSOR;
		return 1;
	case ' ' << 8 | '@':
	case ' ' << 8 | 'A':
	case '\'' << 8 | '}':
	case '\'' << 8 | '~':
		return 1;
	case '$' << 8 | 'p':
	case '?' << 16 | '$' << 8 | 'p':
		s->asked++;
		return 1;
	case '$' << 8 | 'r': /* rectangles: changed, copied, erased, filled */
	case '$' << 8 | 't':
	case '$' << 8 | 'v':
	case '$' << 8 | 'x':
	case '$' << 8 | 'z':
	case '$' << 8 | '{':
	case '#' << 8 | '{':
	case '#' << 8 | '}':
		return 1;
	case '!' << 8 | 'p':
		soft_reset(s);
		return 1;
	case '"' << 8 | 'q':
		set_dirty(s, DIRTY_PROTECT, c->p[0] == 1);
		return 1;
	default: /* "*y" and "#y" tell what is on the screen */
		return 0;
	}
}

/* Whether the complete sequence in s->hold passes; what it sets is noted. */
static int
csi_passes(struct screen *s, struct text *o)
{
	struct csi c;

	parse_csi(s->hold, s->held, &c);
	if (c.mid)
		return mid_csi(s, &c);
	switch (c.prefix << 8 | c.final) {
	case '?' << 8 | 'h':
	case '?' << 8 | 'l':
		return private_modes(s, &c);
	case '?' << 8 | 'J':
	case '?' << 8 | 'K':
	case '?' << 8 | 'W':
		return 1;
	case '?' << 8 | 'S':
	case '?' << 8 | 'm':
	case '?' << 8 | 'n':
	case '>' << 8 | 'c':
	case '=' << 8 | 'c':
	case '>' << 8 | 'q':
		s->asked++;
		return 1;
	case '?' << 8 | 'u':
	case '>' << 8 | 'u':
	case '<' << 8 | 'u':
	case '=' << 8 | 'u':
		return kitty_passes(s, &c, o);
	case '>' << 8 | 'm':
	case '>' << 8 | 'n':
		return modify_keys(s, &c);
	default:
		return !c.prefix && plain_csi(s, &c, o);
	}
}

/* "ESC final". */
static int
escape_passes(struct screen *s, unsigned char c)
{
	switch (c) {
	case '=':
	case '>':
		set_dirty(s, DIRTY_KEYPAD, c == '=');
		return 1;
	case 'H':
		s->dirty |= DIRTY_TABS;
		return 1;
	case 'c':
		hard_reset(s);
		return 1;
	case 'Z': /* DECID: as CSI c */
		s->asked++;
		return 1;
	case 'n':
	case 'o':
	case '|':
	case '}':
	case '~':
		s->shift = c;
		s->dirty |= DIRTY_SETS;
		return 1;
	default:
		return strchr("6789DEMNOVW\\", c) != NULL && c != '\0';
	}
}

/* "ESC intermediate final". */
static int
escape_mid_passes(struct screen *s)
{
	unsigned char mid = s->hold[1], c = s->hold[s->held - 1];
	const char *sets = "()*+-./", *g = strchr(sets, mid);

	if (s->held != 3)
		return 0;
	if (mid == '#')
		return strchr("34568", c) != NULL && c != '\0';
	if (mid == ' ') /* not G: replies of single bytes above 0x7f */
		return c == 'F';
	if (mid == '%') /* not @: the terminal would leave UTF-8 */
		return c == 'G' && s->policy.utf8;
	if (!g || !mid)
		return 0;
	s->sets[(g - sets) < 4 ? g - sets : g - sets - 3][0] = mid;
	s->sets[(g - sets) < 4 ? g - sets : g - sets - 3][1] = c;
	s->dirty |= DIRTY_SETS;
	return 1;
}

/* --- strings -------------------------------------------------------------- */

static int
begins_with(const unsigned char *p, size_t n, const char *with)
{
	return n >= strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

/* Links that a click may follow: not those that start other programs. */
static int
link_passes(struct screen *s, const unsigned char *p, size_t n)
{
	const unsigned char *uri = memchr(p, ';', n);

	if (!uri)
		return 0;
	uri++;
	n -= (size_t)(uri - p);
	set_dirty(s, DIRTY_LINK, n > 0);
	return n == 0 || begins_with(uri, n, "https://") ||
	       begins_with(uri, n, "http://") ||
	       begins_with(uri, n, "mailto:") ||
	       begins_with(uri, n, "file:///");
}

/* Writes it, never asks for it. */
static int
clipboard_passes(const struct screen *s, const unsigned char *p, size_t n)
{
	const unsigned char *data = memchr(p, ';', n);

	return s->policy.clipboard && data && data + 1 < p + n &&
	       data[1] != '?';
}

/* A notification, or a bar of progress; not ConEmu's numbered others. */
static int
number_9_passes(struct screen *s, const unsigned char *p, size_t n)
{
	size_t digits = 0;

	while (digits < n && p[digits] >= '0' && p[digits] <= '9')
		digits++;
	if (digits == 0 || (digits < n && p[digits] != ';'))
		return s->policy.notifications;
	if (digits != 1 || p[0] != '4')
		return 0;
	s->dirty |= DIRTY_PROGRESS;
	return 1;
}

/*
 * Whether "number ; text" passes.  Among those that do not: 7 (the directory
 * of the next window), 50 (a font that is reported back), 51 (editors run
 * commands from it), 633 and 1337 (so do terminals).
 */
static int
osc_passes(struct screen *s, unsigned number, const unsigned char *p, size_t n)
{
	if (memchr(p, '?', n)) /* for one of several colours, say */
		s->asked++;
	switch (number) {
	case 4:
		s->dirty |= DIRTY_COLOR_4;
		return 1;
	case 5:
		s->dirty |= DIRTY_COLOR_5;
		return 1;
	case 8:
		return link_passes(s, p, n);
	case 9:
		return number_9_passes(s, p, n);
	case 52:
		return clipboard_passes(s, p, n);
	case 66:
	case 104:
	case 105:
	case 133:
		return 1;
	case 777:
		return s->policy.notifications && begins_with(p, n, "notify;");
	default:
		if (number >= 10 && number <= 19)
			s->dirty |= (unsigned)DIRTY_COLOR_10 << (number - 10);
		return (number >= 10 && number <= 19) ||
		       (number >= 110 && number <= 119);
	}
}

/* The number that the string in s->hold begins with, and what follows it. */
static int
osc_number(const struct screen *s, unsigned *number, size_t *text)
{
	size_t i = 2;

	*number = 0;
	while (i < s->held && i < 8 && s->hold[i] >= '0' && s->hold[i] <= '9')
		*number = *number * 10 + s->hold[i++] - '0';
	if (i == 2 || (i < s->held && s->hold[i] != ';'))
		return -1;
	*text = i + (i < s->held);
	return 0;
}

/* Whether a device control string passes: pictures, and questions. */
static int
dcs_passes(struct screen *s, const unsigned char *p, size_t n)
{
	size_t i = 0;

	if (begins_with(p, n, "$q") || begins_with(p, n, "+q")) {
		s->asked++;
		return 1;
	}
	if (begins_with(p, n, "=1s") || begins_with(p, n, "=2s"))
		return 1;
	while (i < n && ((p[i] >= '0' && p[i] <= '9') || p[i] == ';'))
		i++;
	return i < n && p[i] == 'q';
}

/* kitty's pictures, if they are in the sequence and not in a file. */
static int
apc_passes(const unsigned char *p, size_t n)
{
	const unsigned char *end = memchr(p, ';', n);

	if (end)
		n = (size_t)(end - p);
	if (n == 0 || p[0] != 'G')
		return 0;
	for (size_t i = 1; i + 1 < n; i++)
		if (p[i] == 't' && p[i + 1] == '=' &&
		    (p[i - 1] == 'G' || p[i - 1] == ',') &&
		    (i + 2 >= n || p[i + 2] != 'd'))
			return 0;
	return 1;
}

/* Whether it passes, going by what is in s->hold, which may be a beginning. */
static int
string_passes(struct screen *s)
{
	const unsigned char *p = s->hold + 2;
	size_t n = s->held - 2, text;
	unsigned number;

	switch (s->kind) {
	case ']':
		return osc_number(s, &number, &text) == 0 &&
		       osc_passes(s, number, s->hold + text, s->held - text);
	case 'P':
		return dcs_passes(s, p, n);
	case '_': /* which says whether it was good */
		s->asked++;
		return apc_passes(p, n);
	default:
		return 0;
	}
}

/* A title, complete; "ESC k" is screen's own. */
static int
is_title(const struct screen *s, size_t *text)
{
	unsigned number;

	*text = 2;
	if (s->kind == 'k')
		return 1;
	return s->kind == ']' && osc_number(s, &number, text) == 0 &&
	       number <= 2;
}

static void
put_mark(const struct screen *s, struct text *o)
{
	size_t n = strnlen(s->mark, sizeof(s->mark));

	if (n > 0)
		put_bytes(o, s->mark, n);
	else if (s->policy.title == SCREEN_TITLE_MARK)
		put_string(o, "[pen] ");
}

/* The last title, or the mark alone; what the user had is on the stack. */
static void
put_last_title(const struct screen *s, struct text *o)
{
	size_t n = s->title_n < sizeof(s->title) ? s->title_n : 0;
	size_t at = s->title_at < n ? s->title_at : n;

	if (n == 0 && !s->mark[0])
		return;
	if (n > 0)
		put_bytes(o, s->title, at);
	else
		put_string(o, "\033]2;");
	put_mark(s, o);
	put_bytes(o, s->title + at, n - at);
	put_string(o, "\033\\");
}

static void
put_title(struct screen *s, size_t text, struct text *o)
{
	if (s->policy.title == SCREEN_TITLE_DENY)
		return;
	save_title(s, o);
	put_bytes(o, s->hold, text);
	put_mark(s, o);
	put_bytes(o, s->hold + text, s->held - text);
	put_string(o, "\033\\");
	s->title_n = s->held < sizeof(s->title) ? s->held : 0;
	s->title_at = text;
	memcpy(s->title, s->hold, s->title_n);
}

static void
flush_hold(struct screen *s, struct text *o)
{
	put_bytes(o, s->hold, s->held);
	s->held = 0;
}

/* The string has come to its end, by BEL or ST. */
static void
end_string(struct screen *s, int bel, struct text *o)
{
	size_t text;

	s->state = GROUND;
	if (s->flow == HOLDING && is_title(s, &text)) {
		put_title(s, text, o);
	} else if (s->flow == PASSING ||
		   (s->flow == HOLDING && string_passes(s))) {
		flush_hold(s, o);
		put_string(o, bel ? "\a" : "\033\\");
	}
	s->held = 0;
}

/* The string was cut short.  Whatever a terminal takes for its end is sent. */
static void
cut_string(struct screen *s, struct text *o)
{
	if (s->flow == PASSING)
		put_string(o, "\030\033\\");
	s->held = 0;
	s->state = GROUND;
}

static void
string_byte(struct screen *s, unsigned char c, struct text *o)
{
	size_t text;

	if (s->flow == PASSING) {
		put_byte(o, c);
		return;
	}
	if (s->flow == DROPPING)
		return;
	s->hold[s->held++] = c;
	/* Linux' own console: its palette, without an end */
	if (s->kind == ']' && ((s->held == 3 && c == 'R') ||
			       (s->held == 10 && s->hold[2] == 'P'))) {
		s->held = 0;
		s->state = GROUND;
		return;
	}
	if (s->held < SCREEN_HOLD)
		return;
	s->flow = DROPPING;
	if (!is_title(s, &text) && string_passes(s)) {
		s->flow = PASSING;
		flush_hold(s, o);
	}
	s->held = 0;
}

/* --- bytes ---------------------------------------------------------------- */

static void take_byte(struct screen *s, unsigned char c, struct text *o);

static void
begin_escape(struct screen *s)
{
	s->hold[0] = ESC;
	s->held = 1;
	s->state = ESCAPE;
}

/* A control of one byte, which also counts in the middle of a sequence. */
static void
put_control(struct screen *s, unsigned char c, struct text *o)
{
	if (c == SO || c == SI) {
		s->shift = c;
		set_dirty(s, DIRTY_SETS, 1);
	}
	if (c != ENQ) /* the terminal would type its answerback */
		put_byte(o, c);
}

static void
take_control(struct screen *s, unsigned char c, struct text *o)
{
	if (c == ESC) {
		begin_escape(s);
	} else if (s->state != GROUND && (c == CAN || c == SUB)) {
		s->held = 0;
		s->state = GROUND;
	} else if (c != DEL || s->state == GROUND) {
		put_control(s, c, o);
	}
}

static void
take_escape(struct screen *s, unsigned char c, struct text *o)
{
	s->hold[s->held++] = c;
	if (c < 0x30) {
		s->state = ESCAPE_MID;
		if (s->held > 8)
			s->held = 8; /* no such sequence: it does not pass */
		return;
	}
	if (s->state == ESCAPE && c == '[') {
		s->state = CSI;
		return;
	}
	if (s->state == ESCAPE && strchr("]P_^Xk", c)) {
		s->state = STRING;
		s->flow = HOLDING;
		s->kind = c;
		return;
	}
	if (s->state == ESCAPE ? escape_passes(s, c) : escape_mid_passes(s))
		flush_hold(s, o);
	s->held = 0;
	s->state = GROUND;
}

static void
take_csi(struct screen *s, unsigned char c, struct text *o)
{
	if (s->held >= 256)
		s->state = CSI_SKIP;
	else
		s->hold[s->held++] = c;
	if (c < 0x40)
		return;
	if (s->state == CSI && csi_passes(s, o))
		flush_hold(s, o);
	s->held = 0;
	s->state = GROUND;
}

static void
take_string(struct screen *s, unsigned char c, struct text *o)
{
	if (s->state == STRING_ESCAPE) {
		if (c == '\\') {
			end_string(s, 0, o);
			return;
		}
		cut_string(s, o);
		begin_escape(s);
		take_byte(s, c, o);
	} else if (c == ESC) {
		s->state = STRING_ESCAPE;
	} else if (c == CAN || c == SUB) {
		cut_string(s, o);
	} else if (c == BEL && s->kind == ']') {
		end_string(s, 1, o);
	} else if ((c >= 0x20 && c != DEL) || c == '\r' || c == '\n') {
		string_byte(s, c, o);
	}
}

/* One of the controls above 0x7f: as "ESC c - 0x40", which all understand. */
static void
take_c1(struct screen *s, unsigned char c, struct text *o)
{
	if (s->state >= STRING)
		return; /* nowhere legitimate, and ambiguous */
	begin_escape(s);
	take_byte(s, (unsigned char)(c - 0x40), o);
}

/* A character above ASCII, complete and valid, in s->utf. */
static void
take_character(struct screen *s, struct text *o)
{
	int in_string;

	if (s->utf_n == 2 && s->utf[0] == 0xc2 && s->utf[1] < 0xa0) {
		take_c1(s, s->utf[1], o);
		return;
	}
	if (s->state == STRING_ESCAPE)
		cut_string(s, o);
	if (s->state < STRING) { /* in a sequence: that is none, then */
		s->state = GROUND;
		s->held = 0;
	}
	in_string = s->state == STRING;
	for (unsigned i = 0; i < s->utf_n; i++) {
		if (!in_string)
			put_byte(o, s->utf[i]);
		else if (s->state == STRING) /* a byte may be its last */
			string_byte(s, s->utf[i], o);
	}
}

/* Whether c may come next in the character that s->utf begins (table 3-7). */
static int
continues(const struct screen *s, unsigned char c)
{
	if ((c & 0xc0) != 0x80)
		return 0;
	if (s->utf_n > 1)
		return 1;
	switch (s->utf[0]) {
	case 0xe0:
		return c >= 0xa0;
	case 0xed:
		return c < 0xa0;
	case 0xf0:
		return c >= 0x90;
	case 0xf4:
		return c < 0x90;
	default:
		return 1;
	}
}

/* What is no character is shown as U+FFFD: no terminal obeys that. */
static void
take_garbage(struct screen *s, struct text *o)
{
	s->utf_n = s->utf_need = 0;
	if (s->state < STRING) {
		s->state = GROUND;
		s->held = 0;
		put_string(o, "\xef\xbf\xbd");
	}
}

static void
take_high(struct screen *s, unsigned char c, struct text *o)
{
	if (!s->policy.utf8) {
		s->utf[0] = c;
		s->utf_n = 1;
		if (c < 0xa0)
			take_c1(s, c, o);
		else
			take_character(s, o);
		s->utf_n = 0;
		return;
	}
	if (s->utf_need == 0) {
		s->utf_need = c >= 0xc2 && c < 0xe0   ? 2
			      : c >= 0xe0 && c < 0xf0 ? 3
			      : c >= 0xf0 && c < 0xf5 ? 4
						      : 0;
		s->utf[0] = c;
		s->utf_n = 1;
		if (s->utf_need == 0)
			take_garbage(s, o);
		return;
	}
	s->utf[s->utf_n++] = c;
	if (s->utf_n == s->utf_need) {
		s->utf_need = 0;
		take_character(s, o);
		s->utf_n = 0;
	}
}

static void
take_byte(struct screen *s, unsigned char c, struct text *o)
{
	if (s->utf_need > 0 && !continues(s, c))
		take_garbage(s, o);
	if (c >= 0x80)
		take_high(s, c, o);
	else if (s->state >= STRING)
		take_string(s, c, o);
	else if (c < 0x20 || c == DEL)
		take_control(s, c, o);
	else if (s->state == GROUND)
		put_byte(o, c);
	else if (s->state == CSI || s->state == CSI_SKIP)
		take_csi(s, c, o);
	else
		take_escape(s, c, o);
}

/* What most output is made of passes by the run. */
static size_t
plain_run(const unsigned char *p, size_t n)
{
	size_t i = 0;

	while (i < n &&
	       ((p[i] >= 0x20 && p[i] < DEL) || (p[i] >= 0x07 && p[i] <= 0x0d)))
		i++;
	return i;
}

size_t
screen_filter(struct screen *s, const void *in, size_t n, void *out,
	      size_t room)
{
	const unsigned char *p = in, *end = p + n;
	struct text o = {out, 0, room};

	if (room < SCREEN_ROOM(n))
		__builtin_trap();

	while (p < end) {
		size_t run = 0;

		if (s->state == GROUND && s->utf_need == 0)
			run = plain_run(p, (size_t)(end - p));
		put_bytes(&o, p, run);
		p += run;
		if (p < end)
			take_byte(s, *p++, &o);
	}
	return o.n;
}

/* --- there and back ------------------------------------------------------- */

/* The scrolling region moves the cursor, which is put back. */
static void
put_region(unsigned top, unsigned bottom, struct text *o)
{
	if (top || bottom)
		putf(o, "\0337\033[%u;%ur\0338", top, bottom);
	else
		put_string(o, "\0337\033[r\0338");
}

static size_t
count_modes(const struct screen *s)
{
	return s->modes_n < SCREEN_MODES ? s->modes_n : SCREEN_MODES;
}

/* All that changes what typing and drawing do, as at the start. */
static void
put_neutral(const struct screen *s, struct text *o)
{
	if (!screen_idle(s))
		put_string(o, "\030\033\\");
	for (size_t i = 0; i < count_modes(s); i++)
		putf(o, "\033[?%u%c", s->modes[i].number,
		     on_by_default(s->modes[i].number) ? 'h' : 'l');
	if (s->dirty & DIRTY_INSERT)
		put_string(o, "\033[4l");
	if (s->dirty & DIRTY_ECHO)
		put_string(o, "\033[12h");
	if (s->dirty & DIRTY_NEWLINE)
		put_string(o, "\033[20l");
	if (s->dirty & DIRTY_KEYPAD)
		put_string(o, "\033>");
	if (s->dirty & DIRTY_MODIFY)
		put_string(o, "\033[>4m");
	if (s->dirty & DIRTY_PROTECT)
		put_string(o, "\033[0\"q");
	if (s->dirty & DIRTY_SETS)
		put_string(o, "\017\033(B\033)B");
	if (s->dirty & DIRTY_LINK)
		put_string(o, "\033]8;;\033\\");
	if (s->dirty & DIRTY_CURSOR)
		put_string(o, "\033[0 q");
	if (s->dirty & DIRTY_TEXT)
		put_string(o, "\033[m");
}

/* And as the inside has them. */
static void
put_switched(const struct screen *s, struct text *o)
{
	if (s->dirty & DIRTY_SETS) {
		for (unsigned i = 0; i < 4; i++)
			if (s->sets[i][0])
				putf(o, "\033%c%c", s->sets[i][0],
				     s->sets[i][1]);
		if (s->shift == SO || s->shift == SI)
			put_byte(o, s->shift);
		else if (s->shift)
			putf(o, "\033%c", s->shift);
	}
	if (s->top || s->bottom)
		put_region(s->top, s->bottom, o);
	if (s->dirty & DIRTY_INSERT)
		put_string(o, "\033[4h");
	if (s->dirty & DIRTY_ECHO)
		put_string(o, "\033[12l");
	if (s->dirty & DIRTY_NEWLINE)
		put_string(o, "\033[20h");
	if (s->dirty & DIRTY_KEYPAD)
		put_string(o, "\033=");
	if (s->dirty & DIRTY_MODIFY)
		putf(o, "\033[>4;%um", s->modify);
	if (s->dirty & DIRTY_CURSOR)
		putf(o, "\033[%u q", s->cursor);
	for (size_t i = 0; i < count_modes(s); i++)
		putf(o, "\033[?%u%c", s->modes[i].number,
		     s->modes[i].on ? 'h' : 'l');
}

size_t
screen_mark(struct screen *s, const char *news, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	s->mark[0] = '\0';
	if (news) {
		save_title(s, &o);
		snprintf(s->mark, sizeof(s->mark), "[pen: %.*s] ",
			 SCREEN_MARK - 10, news);
	}
	if (news || s->title_n > 0)
		put_last_title(s, &o);
	else if (s->dirty & DIRTY_TITLE)
		put_string(&o, "\033[23;0t\033[22;0t");
	return o.n;
}

static unsigned
count_pushed(const struct screen_kitty *k)
{
	return k->n < SCREEN_KITTY ? k->n : SCREEN_KITTY;
}

static void
leave_kitty(const struct screen_kitty *k, struct text *o)
{
	if (count_pushed(k))
		putf(o, "\033[<%uu", count_pushed(k));
	if (k->base)
		put_string(o, "\033[=0u");
}

static void
enter_kitty(const struct screen_kitty *k, struct text *o)
{
	if (k->base)
		putf(o, "\033[=%uu", k->base);
	for (unsigned i = 0; i < count_pushed(k); i++)
		putf(o, "\033[>%uu", k->flags[i]);
}

size_t
screen_leave(const struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	put_neutral(s, &o);
	if (s->alternate) {
		leave_kitty(&s->kitty[1], &o);
		putf(&o, "\033[?%ul",
		     is_alternate(s->alternate) ? s->alternate : 1049);
	}
	leave_kitty(&s->kitty[0], &o);
	if (s->top || s->bottom)
		put_region(0, 0, &o);
	if (s->dirty & DIRTY_TABS)
		put_string(&o, "\033[?5W");
	if (s->dirty & DIRTY_COLOR_4)
		put_string(&o, "\033]104\033\\");
	if (s->dirty & DIRTY_COLOR_5)
		put_string(&o, "\033]105\033\\");
	for (unsigned i = 0; i < 10; i++)
		if (s->dirty & (unsigned)DIRTY_COLOR_10 << i)
			putf(&o, "\033]%u\033\\", 110 + i);
	if (s->dirty & DIRTY_PROGRESS)
		put_string(&o, "\033]9;4;0\033\\");
	if (s->dirty & DIRTY_TITLE)
		for (unsigned i = 0; i <= (s->titles < 8 ? s->titles : 8); i++)
			put_string(&o, "\033[23;0t");
	return o.n;
}

size_t
screen_enter(const struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	if (s->dirty & DIRTY_TITLE) {
		for (unsigned i = 0; i <= (s->titles < 8 ? s->titles : 8); i++)
			put_string(&o, "\033[22;0t");
		put_last_title(s, &o);
	}
	enter_kitty(&s->kitty[0], &o);
	if (s->alternate) {
		putf(&o, "\033[?%uh",
		     is_alternate(s->alternate) ? s->alternate : 1049);
		enter_kitty(&s->kitty[1], &o);
	}
	put_switched(s, &o);
	return o.n;
}

static int
uses_kitty(const struct screen *s)
{
	const struct screen_kitty *k = &s->kitty[s->alternate != 0];

	return k->n || k->base;
}

/*
 * Each of the two screens is restored by what it has: the main one is there
 * again when the alternate one is left, with cursor and colours; a program on
 * the alternate one has to draw itself anew.
 */
size_t
screen_cover(struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	if (!screen_idle(s)) {
		put_string(&o, "\030\033\\");
		s->flow = DROPPING;
	}
	put_string(&o, s->alternate ? "\0337" : "\033[?1049h");
	put_neutral(s, &o);
	if (uses_kitty(s))
		put_string(&o, s->alternate ? "\033[>0u" : "");
	if (s->top || s->bottom)
		put_string(&o, "\033[r");
	put_string(&o, "\033[m\033[H\033[2J");
	return o.n;
}

size_t
screen_uncover(const struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	put_string(&o, "\033[m\033[H\033[2J");
	if (uses_kitty(s))
		put_string(&o, s->alternate ? "\033[<u" : "");
	put_string(&o, s->alternate ? "\0338" : "\033[?1049l");
	put_switched(s, &o);
	if (s->alternate)
		put_string(&o, "\0338");
	return o.n;
}
