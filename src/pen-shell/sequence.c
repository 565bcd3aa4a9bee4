#include "pen-shell/sequence.h"

#include <string.h>

#include "pen-shell/title.h"

static int
begins_with(const unsigned char *p, size_t n, const char *with)
{
	return n >= strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

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

/* The focus, the colour scheme and the size may be told when that begins. */
static int
tells_at_once(unsigned mode)
{
	return mode == 1004 || mode == 2031 || mode == 2048;
}

/* "CSI ? Pm h" and "l": all of them, or none. */
static int
private_modes(struct switched *w, const struct csi *c)
{
	int on = c->final == 'h';

	if (c->odd || w->modes_n + c->n > SCREEN_MODES)
		return 0;
	for (unsigned i = 0; i < c->n; i++)
		/* 2 reset: VT52, another language; 1048: the cursor alone */
		if (c->p[i] == 2 || c->p[i] > 65535)
			return 0;
	for (unsigned i = 0; i < c->n; i++) {
		if (on && tells_at_once(c->p[i]))
			w->asked++;
		if (switched_alternate(c->p[i]))
			w->alternate = on ? c->p[i] : 0;
		else if (c->p[i] != 1048)
			switched_mode(w, c->p[i], on);
	}
	return 1;
}

/* "CSI Pm h" and "l".  2 locks the keyboard; 34 is a cursor of terminfo(5). */
static int
ansi_modes(struct switched *w, const struct csi *c)
{
	int on = c->final == 'h';

	for (unsigned i = 0; i < c->n; i++)
		if (c->p[i] != 4 && c->p[i] != 12 && c->p[i] != 20 &&
		    c->p[i] != 34)
			return 0;
	for (unsigned i = 0; i < c->n && !c->odd; i++) {
		if (c->p[i] == 4)
			switched_note(w, DIRTY_INSERT, on);
		else if (c->p[i] == 12)
			switched_note(w, DIRTY_ECHO, !on);
		else if (c->p[i] == 20)
			switched_note(w, DIRTY_NEWLINE, on);
	}
	return !c->odd;
}

/* Reports of size pass; 20 and 21 make the terminal type its title. */
static int
window_passes(struct switched *w, const struct csi *c, struct text *o)
{
	switch (c->p[0]) {
	case 11:
	case 13:
	case 14:
	case 15:
	case 16:
	case 18:
	case 19:
		w->asked++;
		return 1;
	case 22:
		if (w->policy.title == SCREEN_TITLE_DENY || w->titles >= 8)
			return 0;
		title_save(w, o);
		w->titles++;
		return 1;
	case 23: /* what lies below is the user's */
		if (w->titles == 0)
			return 0;
		w->titles--;
		return 1;
	default:
		return 0;
	}
}

static struct screen_kitty *
kitty_now(struct switched *w)
{
	return &w->kitty[w->alternate != 0];
}

/* The kitty keyboard protocol: push, pop, set, query. */
static int
kitty_passes(struct switched *w, const struct csi *c, struct text *o)
{
	struct screen_kitty *k = kitty_now(w);
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
			text_print(o, "\033[<%uu", n);
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
		w->asked++;
		return 1;
	}
}

static int
set_region(struct switched *w, const struct csi *c)
{
	if (c->odd || c->p[0] > 9999 || c->p[1] > 9999)
		return 0;
	w->top = c->p[0];
	w->bottom = c->p[1];
	return 1;
}

static int
modify_keys(struct switched *w, const struct csi *c)
{
	if (c->odd || c->p[0] != 4 || c->p[1] > 9)
		return 0;
	w->modify = c->final == 'm' && c->n > 1 ? c->p[1] : 0;
	switched_note(w, DIRTY_MODIFY, 1);
	return 1;
}

/* Sequences without prefix and intermediate, which draw but for these. */
static int
plain_csi(struct switched *w, const struct csi *c, struct text *o)
{
	switch (c->final) {
	case 'h':
	case 'l':
		return ansi_modes(w, c);
	case 'r':
		return set_region(w, c);
	case 't':
		return window_passes(w, c, o);
	case 'g':
		w->dirty |= DIRTY_TABS;
		return 1;
	case 'm':
		switched_note(w, DIRTY_TEXT, c->n > 1 || c->p[0] > 0);
		return 1;
	case 'c':
	case 'n':
	case 'x':
		w->asked++;
		return 1;
	default: /* not "]": Linux' console shows another one, or beeps */
		return strchr("@ABCDEFGHIJKLMPSTXZ`abdefjksu", c->final) !=
			   NULL &&
		       (c->final != 'T' || c->n == 1);
	}
}

/* Those with an intermediate, by it and the final byte. */
static int
mid_csi(struct switched *w, const struct csi *c)
{
	if (c->odd)
		return 0;
	switch (c->prefix << 16 | c->mid << 8 | c->final) {
	case ' ' << 8 | 'q':
		w->cursor = c->p[0] < 100 ? c->p[0] : 0;
		w->dirty |= DIRTY_CURSOR;
		return 1;
	case ' ' << 8 | '@':
	case ' ' << 8 | 'A':
	case '\'' << 8 | '}':
	case '\'' << 8 | '~':
		return 1;
	case '$' << 8 | 'p':
	case '?' << 16 | '$' << 8 | 'p':
		w->asked++;
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
		switched_soft_reset(w);
		return 1;
	case '"' << 8 | 'q':
		switched_note(w, DIRTY_PROTECT, c->p[0] == 1);
		return 1;
	default: /* "*y" and "#y" tell what is on the screen */
		return 0;
	}
}

/* Whether the complete sequence h passes; what it sets is noted. */
int
sequence_csi(struct switched *w, const unsigned char *h, size_t n,
	     struct text *o)
{
	struct csi c;

	parse_csi(h, n, &c);
	if (c.mid)
		return mid_csi(w, &c);
	switch (c.prefix << 8 | c.final) {
	case '?' << 8 | 'h':
	case '?' << 8 | 'l':
		return private_modes(w, &c);
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
		w->asked++;
		return 1;
	case '?' << 8 | 'u':
	case '>' << 8 | 'u':
	case '<' << 8 | 'u':
	case '=' << 8 | 'u':
		return kitty_passes(w, &c, o);
	case '>' << 8 | 'm':
	case '>' << 8 | 'n':
		return modify_keys(w, &c);
	default:
		return !c.prefix && plain_csi(w, &c, o);
	}
}

/* "ESC final". */
int
sequence_escape(struct switched *w, unsigned char final)
{
	switch (final) {
	case '=':
	case '>':
		switched_note(w, DIRTY_KEYPAD, final == '=');
		return 1;
	case 'H':
		w->dirty |= DIRTY_TABS;
		return 1;
	case 'c':
		switched_hard_reset(w);
		return 1;
	case 'Z': /* DECID: as CSI c */
		w->asked++;
		return 1;
	case 'n':
	case 'o':
	case '|':
	case '}':
	case '~':
		w->shift = final;
		w->dirty |= DIRTY_SETS;
		return 1;
	default:
		return strchr("6789DEMNOVW\\", final) != NULL && final != '\0';
	}
}

/* "ESC intermediate final". */
int
sequence_escape_mid(struct switched *w, const unsigned char *h, size_t n)
{
	unsigned char mid = h[1], c = h[n - 1];
	const char *sets = "()*+-./", *g = strchr(sets, mid);

	if (n != 3)
		return 0;
	if (mid == '#')
		return strchr("34568", c) != NULL && c != '\0';
	if (mid == ' ') /* not G: replies of single bytes above 0x7f */
		return c == 'F';
	if (mid == '%') /* not @: the terminal would leave UTF-8 */
		return c == 'G' && w->policy.utf8;
	if (!g || !mid)
		return 0;
	w->sets[(g - sets) < 4 ? g - sets : g - sets - 3][0] = mid;
	w->sets[(g - sets) < 4 ? g - sets : g - sets - 3][1] = c;
	w->dirty |= DIRTY_SETS;
	return 1;
}

/* Links that a click may follow: not those that start other programs. */
static int
link_passes(struct switched *w, const unsigned char *p, size_t n)
{
	const unsigned char *uri = memchr(p, ';', n);

	if (!uri)
		return 0;
	uri++;
	n -= (size_t)(uri - p);
	switched_note(w, DIRTY_LINK, n > 0);
	return n == 0 || begins_with(uri, n, "https://") ||
	       begins_with(uri, n, "http://") ||
	       begins_with(uri, n, "mailto:") ||
	       begins_with(uri, n, "file:///");
}

/* Writes it, never asks for it. */
static int
clipboard_passes(const struct switched *w, const unsigned char *p, size_t n)
{
	const unsigned char *data = memchr(p, ';', n);

	return w->policy.clipboard && data && data + 1 < p + n &&
	       data[1] != '?';
}

/* A notification, or a bar of progress; not ConEmu's numbered others. */
static int
number_9_passes(struct switched *w, const unsigned char *p, size_t n)
{
	size_t digits = 0;

	while (digits < n && p[digits] >= '0' && p[digits] <= '9')
		digits++;
	if (digits == 0 || (digits < n && p[digits] != ';'))
		return w->policy.notifications;
	if (digits != 1 || p[0] != '4')
		return 0;
	w->dirty |= DIRTY_PROGRESS;
	return 1;
}

/*
 * Whether "number ; text" passes.  Among those that do not: 7 (the directory
 * of the next window), 50 (a font that is reported back), 51 (editors run
 * commands from it), 633 and 1337 (so do terminals).
 */
static int
osc_passes(struct switched *w, unsigned number, const unsigned char *p,
	   size_t n)
{
	if (memchr(p, '?', n)) /* for one of several colours, say */
		w->asked++;
	switch (number) {
	case 4:
		w->dirty |= DIRTY_COLOR_4;
		return 1;
	case 5:
		w->dirty |= DIRTY_COLOR_5;
		return 1;
	case 8:
		return link_passes(w, p, n);
	case 9:
		return number_9_passes(w, p, n);
	case 52:
		return clipboard_passes(w, p, n);
	case 66:
	case 104:
	case 105:
	case 133:
		return 1;
	case 777:
		return w->policy.notifications && begins_with(p, n, "notify;");
	default:
		if (number >= 10 && number <= 19)
			w->dirty |= (unsigned)DIRTY_COLOR_10 << (number - 10);
		return (number >= 10 && number <= 19) ||
		       (number >= 110 && number <= 119);
	}
}

/* The number that the string begins with, and what follows it. */
static int
osc_number(const unsigned char *h, size_t n, unsigned *number, size_t *text)
{
	size_t i = 2;

	*number = 0;
	while (i < n && i < 8 && h[i] >= '0' && h[i] <= '9')
		*number = *number * 10 + h[i++] - '0';
	if (i == 2 || (i < n && h[i] != ';'))
		return -1;
	*text = i + (i < n);
	return 0;
}

/* Whether a device control string passes: pictures, and questions. */
static int
dcs_passes(struct switched *w, const unsigned char *p, size_t n)
{
	size_t i = 0;

	if (begins_with(p, n, "$q") || begins_with(p, n, "+q")) {
		w->asked++;
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

/* Whether it passes, going by what is there, which may be a beginning. */
int
sequence_string(struct switched *w, unsigned char kind, const unsigned char *h,
		size_t n)
{
	size_t text;
	unsigned number;

	switch (kind) {
	case ']':
		return osc_number(h, n, &number, &text) == 0 &&
		       osc_passes(w, number, h + text, n - text);
	case 'P':
		return dcs_passes(w, h + 2, n - 2);
	case '_': /* which says whether it was good */
		w->asked++;
		return apc_passes(h + 2, n - 2);
	default:
		return 0;
	}
}

/* A title, complete; "ESC k" is screen's own. */
int
sequence_is_title(unsigned char kind, const unsigned char *h, size_t n,
		  size_t *text)
{
	unsigned number;

	*text = 2;
	if (kind == 'k')
		return 1;
	return kind == ']' && osc_number(h, n, &number, text) == 0 &&
	       number <= 2;
}
