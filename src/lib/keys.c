#include "lib/keys.h"

#include <string.h>

enum { GROUND, STRING, STRING_ESCAPE };

enum { BEL = 0x07, CAN = 0x18, SUB = 0x1a, ESC = 0x1b };

/* The control character of "^]"; a letter, "@[\]^_" or "?" has one. */
int
keys_parse(const char *text)
{
	unsigned char c;

	if (strcmp(text, "none") == 0)
		return -1;
	if (strlen(text) != 2 || text[0] != '^')
		return -2;
	c = (unsigned char)text[1];
	if (c >= 'a' && c <= 'z')
		c = (unsigned char)(c - 'a' + 'A');
	/* not what is typed all the time: ^H ^I ^J ^M, and ^[ begins keys */
	if (c < 'A' || c > '_' || strchr("HIJM[", c))
		return -2;
	return c & 0x1f;
}

void
keys_init(struct keys *k, int escape)
{
	memset(k, 0, sizeof(*k));
	k->escape = escape;
}

size_t
keys_rest(struct keys *k, void *out)
{
	size_t n = k->held;

	memcpy(out, k->hold, n);
	k->held = 0;
	k->state = GROUND;
	return n;
}

/*
 * The length of "CSI parameters intermediates final" at p, 0 where n ends in
 * it, and 1 where it is none.
 */
static size_t
csi_length(const unsigned char *p, size_t n)
{
	for (size_t i = 2; i < n; i++) {
		if (p[i] >= 0x40 && p[i] < 0x7f)
			return i + 1;
		if (p[i] < 0x20 || p[i] >= 0x40 || i + 1 >= KEYS_HOLD)
			return 1;
	}
	return 0;
}

/* The parameters of a sequence: fields, and their first parts. */
struct fields {
	unsigned v[4][3];
	unsigned n;
};

static void
parse_fields(const unsigned char *p, size_t n, struct fields *f)
{
	unsigned part = 0;

	memset(f, 0, sizeof(*f));
	for (size_t i = 0; i < n && f->n < 4; i++) {
		if (p[i] == ';') {
			f->n++;
			part = 0;
		} else if (p[i] == ':') {
			part++;
		} else if (p[i] >= '0' && p[i] <= '9' && part < 3 &&
			   f->v[f->n][part] < 100000) {
			f->v[f->n][part] = f->v[f->n][part] * 10 + p[i] - '0';
		}
	}
	f->n++;
}

/* Control, and whatever of Caps Lock and Num Lock. */
static int
is_control(unsigned modifiers)
{
	return modifiers > 0 && ((modifiers - 1) & ~(64u | 128u)) == 4;
}

/*
 * Whether the sequence is the escape key as the kitty keyboard protocol or
 * modifyOtherKeys write it: "CSI 93 ; 5 u", "CSI 27 ; 5 ; 93 ~".  *kind says
 * 1: pressed or repeated, 3: released.
 */
static int
is_escape_key(const struct keys *k, const unsigned char *p, size_t n,
	      unsigned *event)
{
	struct fields f;
	unsigned c, mods;

	if (k->escape < 0)
		return 0;
	parse_fields(p + 2, n - 3, &f);
	*event = 1;
	if (p[n - 1] == 'u' && f.n >= 2) {
		c = f.v[0][0];
		mods = f.v[1][0];
		*event = f.v[1][1];
	} else if (p[n - 1] == '~' && f.n == 3 && f.v[0][0] == 27) {
		c = f.v[2][0];
		mods = f.v[1][0];
	} else {
		return 0;
	}
	return is_control(mods) && c >= 0x40 && c < 0x7f &&
	       (c & 0x1f) == (unsigned)k->escape;
}

/* What of the bytes at p is the escape key: its length, or 0. */
static size_t
escape_key(const struct keys *k, const unsigned char *p, size_t n, int *release)
{
	unsigned event;
	size_t len;

	*release = 0;
	if (k->escape >= 0 && p[0] == k->escape)
		return 1;
	if (n < 4 || p[0] != ESC || p[1] != '[')
		return 0;
	len = csi_length(p, n);
	if (len < 4 || !is_escape_key(k, p, len, &event))
		return 0;
	*release = event == 3;
	return len;
}

static int
is_string(unsigned char c)
{
	return c == ']' || c == 'P' || c == '_' || c == '^' || c == 'X';
}

static void
string_byte(struct keys *k, unsigned char c)
{
	if (k->state == STRING_ESCAPE && c == '\\')
		k->state = GROUND;
	else if (c == BEL || c == CAN || c == SUB)
		k->state = GROUND;
	else
		k->state = c == ESC ? STRING_ESCAPE : STRING;
}

/*
 * The length of what is at p and goes to the program as it is, 0 where it has
 * to be held.  A sequence that may turn out to be the escape key is; "ESC" and
 * "ESC [" alone are keys that are typed.
 */
static size_t
next_length(struct keys *k, const unsigned char *p, size_t n)
{
	size_t len;

	if (k->state != GROUND) {
		string_byte(k, p[0]);
		return 1;
	}
	if (p[0] != ESC || n < 3)
		return 1;
	if (is_string(p[1])) {
		k->state = STRING;
		return 2;
	}
	if (p[1] != '[')
		return 1;
	len = csi_length(p, n);
	if (len == 6 && memcmp(p, "\033[200~", 6) == 0)
		k->paste = 1;
	if (len == 6 && memcmp(p, "\033[201~", 6) == 0)
		k->paste = 0;
	return len;
}

size_t
keys_pass(struct keys *k, const void *in, size_t n, void *out, size_t *used,
	  int *pressed)
{
	unsigned char joined[KEYS_HOLD * 2], *o = out;
	const unsigned char *p = in;
	size_t held = k->held, i = 0, len, room = KEYS_ROOM(n);
	int release;

	*used = 0;
	*pressed = 0;
	if (held > 0) { /* the rest of a sequence, which is short */
		len = n < KEYS_HOLD ? n : KEYS_HOLD;
		memcpy(joined, k->hold, held);
		memcpy(joined + held, p, len);
		p = joined;
		n = held + len;
		k->held = 0;
	}
	while (i < n) {
		len = k->state == GROUND && !k->paste
			  ? escape_key(k, p + i, n - i, &release)
			  : 0;
		if (len > 0 && !release) {
			memcpy(k->key, p + i, len);
			k->key_n = len;
			*pressed = 1;
			i += len;
			break;
		}
		if (len == 0) {
			len = next_length(k, p + i, n - i);
			if (len == 0) {
				k->held = n - i;
				memcpy(k->hold, p + i, k->held);
				i = n;
				break;
			}
			if (len > room - *used)
				__builtin_trap(); /* never: KEYS_ROOM */
			memcpy(o + *used, p + i, len);
			*used += len;
		}
		i += len;
	}
	/* taken of in: a sequence that was held ends behind what was held */
	return i > held ? i - held : 0;
}

/* The length of the string at p, with its end; 0: that is not there yet. */
static size_t
string_length(const unsigned char *p, size_t n)
{
	for (size_t i = 2; i < n; i++) {
		if (p[i] == BEL || p[i] == CAN || p[i] == SUB)
			return i + 1;
		if (p[i] == ESC && i + 1 < n)
			return p[i + 1] == '\\' ? i + 2 : i;
	}
	return 0;
}

/* What a sequence is, by its final byte and prefix. */
static enum keys_kind
csi_kind(const unsigned char *p, size_t len)
{
	unsigned char final = p[len - 1];

	if (p[2] == '<' || final == 'M' || final == 'm' || final == 'I' ||
	    final == 'O')
		return KEYS_NOISE;
	if (final == 'R' && p[2] != '?')
		return KEYS_POSITION;
	if (p[2] >= '=' && p[2] <= '?')
		return KEYS_ANSWER;
	return strchr("cntxy", final) ? KEYS_ANSWER : KEYS_TYPED;
}

size_t
keys_next(const struct keys *k, const void *in, size_t n, enum keys_kind *kind)
{
	const unsigned char *p = in;
	int release;
	size_t len = escape_key(k, p, n, &release);

	*kind = KEYS_ESCAPE;
	if (len > 0) {
		if (release)
			*kind = KEYS_NOISE;
		return len;
	}
	*kind = KEYS_TYPED;
	if (p[0] != ESC || n < 3)
		return 1;
	if (is_string(p[1])) {
		*kind = KEYS_ANSWER;
		return string_length(p, n);
	}
	if (p[1] != '[')
		return 1;
	len = csi_length(p, n);
	if (len > 1)
		*kind = csi_kind(p, len);
	return len;
}
