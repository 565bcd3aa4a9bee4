/* keys CASE, or keys FILE… to replay the fuzzer's corpus. */
#include "lib/keys.h"

#include <string.h>

#include "../fuzz/keys.h"
#include "../lib/sni_check.h"

#define S(s) s, sizeof(s) - 1

static struct keys keys;

/* Feeds in; out is what the program gets, rest what was not taken. */
static void
types(const char *in, size_t n, const char *want, size_t want_n, int pressed)
{
	char out[KEYS_ROOM(256)];
	size_t used, taken = 0, all = 0;
	int p = 0;

	while (taken < n && !p) {
		taken += keys_pass(&keys, in + taken, n - taken, out + all,
				   &used, &p);
		all += used;
	}
	CHECK(all == want_n && memcmp(out, want, want_n) == 0,
	      "'%.*s' for '%s'", (int)all, out, in);
	CHECK(p == pressed, "'%s'", in);
}

static void
parse(void)
{
	CHECK(keys_parse("^]") == 0x1d && keys_parse("^\\") == 0x1c, "control");
	CHECK(keys_parse("^a") == 1 && keys_parse("^A") == 1, "letters");
	CHECK(keys_parse("none") == -1, "none");
	CHECK(keys_parse("^[") == -2 && keys_parse("^M") == -2 &&
		  keys_parse("^?") == -2 && keys_parse("]") == -2 &&
		  keys_parse("") == -2 && keys_parse("^]]") == -2,
	      "no keys");
}

static void
escape(void)
{
	keys_init(&keys, 0x1d);
	types(S("abc"), S("abc"), 0);
	types(S("ab\035cd"), S("ab"), 1);
	CHECK(keys.key_n == 1 && keys.key[0] == 0x1d, "as it came");
	types(S("\033[93;5u"), S(""), 1);
	CHECK(keys.key_n == 7, "as it came");
	types(S("\033[93;5:1u"), S(""), 1);
	types(S("\033[93;69u"), S(""), 1);    /* Caps Lock */
	types(S("\033[93;133u"), S(""), 1);   /* Num Lock */
	types(S("\033[93:125;5u"), S(""), 1); /* with the shifted key */
	types(S("\033[93;5:3u"), S(""), 0);   /* released: nobody's */
	types(S("\033[27;5;93~"), S(""), 1);
	types(S("\033[93;1u"), S("\033[93;1u"), 0);
	types(S("\033[93;7u"), S("\033[93;7u"), 0); /* with Alt */
	types(S("\033[A\033OA\033[1;5C"), S("\033[A\033OA\033[1;5C"), 0);
	types(S("\033"), S("\033"), 0);
	types(S("\033["), S("\033["), 0);
	types(S("gr\xc3\xbc\x9d"), S("gr\xc3\xbc\x9d"), 0);
	types(S("\033[93"), S(""), 0);
	types(S(";5u"), S(""), 1);
	types(S("\033[9"), S(""), 0);
	types(S("9u\035"), S("\033[99u"), 1);
	keys_init(&keys, -1);
	types(S("a\035b\033[93;5u"), S("a\035b\033[93;5u"), 0);
}

/* Where the inside may have chosen what comes. */
static void
not_a_key(void)
{
	keys_init(&keys, 0x1d);
	types(S("\033]l\035allow\033\\"), S("\033]l\035allow\033\\"), 0);
	types(S("\033P1$r\035\033\\\035"), S("\033P1$r\035\033\\"), 1);
	types(S("\033[200~a\035b"), S("\033[200~a\035b"), 0);
	types(S("c\035\033[93;5ud"), S("c\035\033[93;5ud"), 0);
	types(S("\033[201~\035"), S("\033[201~"), 1);
	/* an answer in two parts; Alt-] is none; time ends one */
	types(S("\033]11;rg"), S("\033]11;rg"), 0);
	types(S("b\035\a"), S("b\035\a"), 0);
	types(S("\033]"), S("\033]"), 0);
	types(S("\035"), S(""), 1);
	types(S("\033]x"), S("\033]x"), 0);
	keys_rest(&keys, (char[KEYS_HOLD]){0});
	types(S("\035"), S(""), 1);
}

static void
next(const char *in, size_t n, size_t want, enum keys_kind kind)
{
	enum keys_kind k = KEYS_TYPED;
	size_t len = keys_next(&keys, in, n, &k);

	CHECK(len == want && (len == 0 || k == kind), "'%s': %zu, %d", in, len,
	      (int)k);
}

static void
console(void)
{
	keys_init(&keys, 0x1d);
	next(S("ab"), 1, KEYS_TYPED);
	next(S("\033[A"), 3, KEYS_TYPED);
	next(S("\033[1;5C"), 6, KEYS_TYPED);
	next(S("\033[200~"), 6, KEYS_TYPED);
	next(S("\033OA"), 1, KEYS_TYPED);
	next(S("\033[?62;c"), 7, KEYS_ANSWER);
	next(S("\033[0n"), 4, KEYS_ANSWER);
	next(S("\033[?2026;2$y"), 11, KEYS_ANSWER);
	next(S("\033[?1u"), 5, KEYS_ANSWER);
	next(S("\033[8;24;80t"), 10, KEYS_ANSWER);
	next(S("\033[3;7R"), 6, KEYS_POSITION);
	next(S("\033]52;c;YWxsb3c=\033\\x"), 17, KEYS_ANSWER);
	next(S("\033P>|tmux\033\\"), 10, KEYS_ANSWER);
	next(S("\033]11;rgb:"), 0, KEYS_ANSWER);
	next(S("\033[<0;1;1M"), 9, KEYS_NOISE);
	next(S("\033[I"), 3, KEYS_NOISE);
	next(S("\033[93;5:3u"), 9, KEYS_NOISE);
	next(S("\035"), 1, KEYS_ESCAPE);
	next(S("\033[93;5u"), 7, KEYS_ESCAPE);
}

static void
replay(const char *path)
{
	static uint8_t data[65536];
	FILE *f = fopen(path, "r");
	unsigned char *exact;
	size_t n;

	CHECK(f, "cannot read %s", path);
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	exact = check_exact(data, n);
	fuzz_keys(exact, n);
	free(exact);
}

int
main(int argc, char **argv)
{
	CHECK(argc > 1, "no case named");
	if (strcmp(argv[1], "parse") == 0)
		parse();
	else if (strcmp(argv[1], "escape") == 0)
		escape();
	else if (strcmp(argv[1], "not-a-key") == 0)
		not_a_key();
	else if (strcmp(argv[1], "console") == 0)
		console();
	else
		for (int i = 1; i < argc; i++)
			replay(argv[i]);
	return 0;
}
