#include "pen-shell/screen.h"

#include <string.h>

#include "pen-shell/restore.h"
#include "pen-shell/sequence.h"
#include "pen-shell/title.h"

/* ECMA-48, section 5; the names are those of xterm's ctlseqs. */
enum { GROUND, ESCAPE, ESCAPE_MID, CSI, CSI_SKIP, STRING, STRING_ESCAPE };

/* What becomes of a string: kept until its end is seen, or known before. */
enum { HOLDING, PASSING, DROPPING };

enum { BEL = 0x07, ENQ = 0x05, CAN = 0x18, SUB = 0x1a, ESC = 0x1b, DEL = 0x7f };

void
screen_init(struct screen *s, const struct screen_policy *policy)
{
	memset(s, 0, sizeof(*s));
	s->now.policy = *policy;
}

int
screen_idle(const struct screen *s)
{
	return s->state < STRING || s->flow != PASSING;
}

static void
flush_hold(struct screen *s, struct text *o)
{
	text_bytes(o, s->hold, s->held);
	s->held = 0;
}

/* The string has come to its end, by BEL or ST. */
static void
end_string(struct screen *s, int bel, struct text *o)
{
	size_t text;

	s->state = GROUND;
	if (s->flow == HOLDING &&
	    sequence_is_title(s->kind, s->hold, s->held, &text)) {
		title_set(&s->now, s->hold, s->held, text, o);
	} else if (s->flow == PASSING ||
		   (s->flow == HOLDING &&
		    sequence_string(&s->now, s->kind, s->hold, s->held))) {
		flush_hold(s, o);
		text_string(o, bel ? "\a" : "\033\\");
	}
	s->held = 0;
}

/* The string was cut short.  Whatever a terminal takes for its end is sent. */
static void
cut_string(struct screen *s, struct text *o)
{
	if (s->flow == PASSING)
		text_string(o, "\030\033\\");
	s->held = 0;
	s->state = GROUND;
}

static void
string_byte(struct screen *s, unsigned char c, struct text *o)
{
	size_t text;

	if (s->flow == PASSING) {
		text_byte(o, c);
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
	if (!sequence_is_title(s->kind, s->hold, s->held, &text) &&
	    sequence_string(&s->now, s->kind, s->hold, s->held)) {
		s->flow = PASSING;
		flush_hold(s, o);
	}
	s->held = 0;
}

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
	if (c == SHIFT_OUT || c == SHIFT_IN) {
		s->now.shift = c;
		switched_note(&s->now, DIRTY_SETS, 1);
	}
	if (c != ENQ) /* the terminal would type its answerback */
		text_byte(o, c);
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
	if (s->state == ESCAPE ? sequence_escape(&s->now, c)
			       : sequence_escape_mid(&s->now, s->hold, s->held))
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
	if (s->state == CSI && sequence_csi(&s->now, s->hold, s->held, o))
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
			text_byte(o, s->utf[i]);
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
		text_string(o, "\xef\xbf\xbd");
	}
}

static void
take_high(struct screen *s, unsigned char c, struct text *o)
{
	if (!s->now.policy.utf8) {
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
		text_byte(o, c);
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
		text_bytes(&o, p, run);
		p += run;
		if (p < end)
			take_byte(s, *p++, &o);
	}
	return o.n;
}

size_t
screen_mark(struct screen *s, const char *news, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	title_mark(&s->now, news, &o);
	return o.n;
}

/* Whatever a terminal takes for the end of the string that is on its way. */
static void
put_end(const struct screen *s, struct text *o)
{
	if (!screen_idle(s))
		text_string(o, "\030\033\\");
}

size_t
screen_leave(const struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	put_end(s, &o);
	restore_leave(&s->now, &o);
	return o.n;
}

size_t
screen_enter(const struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	restore_enter(&s->now, &o);
	return o.n;
}

size_t
screen_cover(struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	put_end(s, &o);
	if (!screen_idle(s))
		s->flow = DROPPING;
	restore_cover(&s->now, &o);
	return o.n;
}

size_t
screen_uncover(const struct screen *s, char *out)
{
	struct text o = {(unsigned char *)out, 0, SCREEN_TEXT};

	restore_uncover(&s->now, &o);
	return o.n;
}
