// needs: pen-shell/screen pen-shell/sequence pen-shell/switched
// needs: pen-shell/title pen-shell/restore pen-shell/text
/* screen CASE, or screen FILE… to replay the fuzzer's corpus. */
#include "pen-shell/screen.h"

#include <stddef.h>
#include <string.h>

#include "../fuzz/screen.h"
#include "../lib/sni_check.h"

/* A string and its length: some have NUL in them. */
#define S(s) s, sizeof(s) - 1

static struct screen screen;

static void
start(int clipboard, enum screen_title title)
{
	struct screen_policy p = {clipboard, title, clipboard, 1};

	screen_init(&screen, &p);
}

/* Feeds in, and compares what comes out. */
static void
shows(const char *in, size_t n, const char *want, size_t want_n)
{
	static char out[SCREEN_ROOM(16384)];
	size_t len = screen_filter(&screen, in, n, out, sizeof(out));

	CHECK(len == want_n && memcmp(out, want, len) == 0,
	      "'%s' became '%.*s'", in + 1, (int)len, out);
}

static void
leaves(const char *want)
{
	char out[SCREEN_TEXT];
	size_t n = screen_leave(&screen, out);

	CHECK(n == strlen(want) && memcmp(out, want, n) == 0,
	      "leaves '%.*s', not '%s'", (int)n - 1, out + 1, want + 1);
}

static void
is(const char *what, const char *out, size_t n, const char *want)
{
	CHECK(n == strlen(want) && memcmp(out, want, n) == 0,
	      "%s: '%.*s', not '%s'", what, (int)n, out, want);
}

/* What any program draws with. */
static void
passes(void)
{
	static const char *const same[] = {
	    "plain\ttext\r\nand more\b\a\f\v",
	    "\033[1;31mred\033[38:2::1:2:3m\033[m",
	    "\033[2J\033[H\033[3;4H\033[K\033[2K\033[5A\033[10X\033[P",
	    "\0337\0338\033M\033D\033E\033#8\033\\",
	    "\033[c\033[>c\033[6n\033[5n\033[?6n\033[>q\033[?1$p\033[18t",
	    "\033[?2026h\033[?2026l\033[?25l\033[?25h\033[4h\033[4l",
	    "\033(0lqk\033(B\016\017\033)A\033%G",
	    "\033[3;10r\033[r\033[2 q\033[!p",
	    "\033]8;id=1;https://example.org/\033\\link\033]8;;\033\\",
	    "\033]11;?\033\\\033]4;1;rgb:ff/00/00\a\033]104\a",
	    "\033]9;4;1;50\a\033]133;A\a",
	    "\033P1;2q#0;2;0;0;0~~@@\r\n-\033\\\033P$qm\033\\",
	    "\033P+q544e\033\\\033P=1s\033\\\033_Ga=T,f=100;AAAA\033\\",
	    "\033[>1u\033[?u\033[<1u\033[=5;1u\033[>4;2m\033[>4m",
	    "gr\xc3\xbc\xc3\x9f \xe2\x9d\xaf \xf0\x9f\x90\x91 \xe2\x94\x80",
	};

	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		start(0, SCREEN_TITLE_MARK);
		shows(same[i], strlen(same[i]), same[i], strlen(same[i]));
	}
	start(1, SCREEN_TITLE_MARK);
	shows(S("\033]52;c;aGk=\a"), S("\033]52;c;aGk=\a"));
	shows(S("\033]9;done\a\033]777;notify;a;b\a"),
	      S("\033]9;done\a\033]777;notify;a;b\a"));
}

/* What makes a terminal do more than draw. */
static void
dropped(void)
{
	static const char *const none[] = {
	    "\033]52;c;aGk=\a",
	    "\033]52;c;?\a",
	    "\033]52;p;?\033\\",
	    "\033]1337;CopyToClipboard=\a",
	    "\033]1337;File=:aGk=\a",
	    "\033]5522;type=write\033\\",
	    "\033]50;?\a",
	    "\033]51;[\"call\",\"f\",[]]\a",
	    "\033]633;E;ls\a",
	    "\033]7;file://host/etc\a",
	    "\033]9;9;/etc\a",
	    "\033]99;;a\a",
	    "\033]8;;ssh://-oProxyCommand=x\a",
	    "\033]8;;javascript:x\a",
	    "\033]l title\033\\",
	    "\033]R",
	    "\033]P0ff00ff",
	    "\033];\a",
	    "\033[20t",
	    "\033[21t",
	    "\033[8;1;1t",
	    "\033[2t",
	    "\033[23t",
	    "\033[i",
	    "\033[5i",
	    "\033[?5i",
	    "\033[1;1;1;1;9;9*y",
	    "\033[1#y",
	    "\033[2h",
	    "\033[?2l",
	    "\033[62\"p",
	    "\033[1$}",
	    "\033[>2p",
	    "\033[>1t",
	    "\033[1;2'z",
	    "\033[?1r",
	    "\033[?1s",
	    "\033[<9u",
	    "\033[5?h",
	    "\033[1$ p",
	    "\033 G",
	    "\033%@",
	    "\033l",
	    "\033`",
	    "\005",
	    "\033[4y",
	    "\033[1q",
	    "\033[12;2]",
	    "\033[[",
	    "\033[1;1;1;1;1T",
	    "\033[2v",
	    "\033P1;1|17/1d616c6c6f770d\033\\",
	    "\033P1!uA\033\\",
	    "\033_Gt=f,a=T;L2V0Yy9wYXNzd2Q=\033\\",
	    "\033_Ga=T,t=t;L3RtcC94\033\\",
	    "\033_x\033\\",
	    "\033^x\033\\",
	    "\033Xx\033\\",
	    "\302\23552;c;aGk=\a",
	    "\033]52;c;aGk=\302\234",
	    "\033[?1\030",
	    "\033]9;done\a",
	    "\033]9;4x\a",
	    "\033]777;notify;a;b\a",
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		start(0, SCREEN_TITLE_DENY);
		shows(none[i], strlen(none[i]), "", 0);
		CHECK(screen_idle(&screen), "'%s'", none[i] + 1);
	}
	/* tmux' envelope ends for us where for others its content begins */
	shows(S("\033Ptmux;\033\033]52;c;aGk=\a\033\\"), S("\033\\"));
	start(1, SCREEN_TITLE_DENY);
	shows(S("\033]52;c;?\a"), S("")); /* never read */
}

/* Bytes that are no characters, and controls above 0x7f. */
static void
bytes(void)
{
#define BAD "\xef\xbf\xbd"
	struct screen_policy latin = {0, SCREEN_TITLE_MARK, 0, 0};

	start(0, SCREEN_TITLE_MARK);
	shows(S("\x9d"), S(BAD));
	shows(S("\x9b"
		"1m"),
	      S(BAD "1m"));
	shows(S("\xff\xc0\xaf"), S(BAD BAD BAD));
	shows(S("\xed\xa0\x80"), S(BAD BAD BAD));
	shows(S("\xe2\x9d\033[m"), S(BAD "\033[m"));
	shows(S("\xe2\x9d"), S(""));
	shows(S("\xaf"), S("\xe2\x9d\xaf"));
	shows(S("\xc2\x9b"
		"1m"),
	      S("\033[1m"));
	shows(S("\xc2\x85"), S("\033E"));
	shows(S("\033[3\xc3\xa9m"), S("\xc3\xa9m"));
	shows(S("\033[3\005\r1m"), S("\r\033[31m"));
	shows(S("a\0b"), S("a\0b"));
	screen_init(&screen, &latin);
	shows(S("\xe9\xe4"), S("\xe9\xe4"));
	shows(S("\x9b"
		"1m\x9d"
		"52;c;x\a"),
	      S("\033[1m"));
#undef BAD
}

static void
titles(void)
{
	start(0, SCREEN_TITLE_MARK);
	shows(S("\033]2;vim\a"), S("\033[22;0t\033]2;[pen] vim\033\\"));
	shows(S("\033kscreen\033\\"), S("\033k[pen] screen\033\\"));
	leaves("\033[23;0t");
	start(0, SCREEN_TITLE_ALLOW);
	shows(S("\033]0;a\xe2\x9c\x9cz\033\\"),
	      S("\033[22;0t\033]0;a\xe2\x9c\x9cz\033\\"));
}

/* News stay in the mark, whatever titles come, until somebody has looked. */
static void
marks(void)
{
	char out[SCREEN_TEXT];

	start(0, SCREEN_TITLE_MARK);
	is("before any title", out, screen_mark(&screen, "asks a.org ^]", out),
	   "\033[22;0t\033]2;[pen: asks a.org ^]] \033\\");
	shows(S("\033]0;Code\a"), S("\033]0;[pen: asks a.org ^]] Code\033\\"));
	shows(S("\033]2;more\a"), S("\033]2;[pen: asks a.org ^]] more\033\\"));
	is("the next", out, screen_mark(&screen, "refused b.org ^]", out),
	   "\033]2;[pen: refused b.org ^]] more\033\\");
	is("looked at", out, screen_mark(&screen, NULL, out),
	   "\033]2;[pen] more\033\\");
	shows(S("\033]2;on\a"), S("\033]2;[pen] on\033\\"));
	start(0, SCREEN_TITLE_ALLOW);
	screen_mark(&screen, "asks a.org ^]", out);
	shows(S("\033]2;x\a"), S("\033]2;[pen: asks a.org ^]] x\033\\"));
	is("looked at", out, screen_mark(&screen, NULL, out), "\033]2;x\033\\");
	start(0, SCREEN_TITLE_DENY);
	screen_mark(&screen, "asks a.org ^]", out);
	shows(S("\033]2;x\a"), S(""));
	is("the user's", out, screen_mark(&screen, NULL, out),
	   "\033[23;0t\033[22;0t");
}

static void
long_strings(void)
{
	static char in[12000], out[SCREEN_ROOM(sizeof(in))];
	size_t n;

	memset(in, '~', sizeof(in));
	memcpy(in, "\033Pq", 3);
	start(0, SCREEN_TITLE_MARK);
	n = screen_filter(&screen, in, sizeof(in), out, sizeof(out));
	CHECK(n == sizeof(in) && memcmp(in, out, n) == 0, "a picture passes");
	CHECK(!screen_idle(&screen), "and is on its way");
	leaves("\030\033\\");
	n = screen_filter(&screen, "\033[m", 3, out, sizeof(out));
	CHECK(n == 6 && memcmp(out, "\030\033\\\033[m", 6) == 0, "cut");
	memcpy(in, "\033]2;", 4);
	start(0, SCREEN_TITLE_MARK);
	n = screen_filter(&screen, in, sizeof(in), out, sizeof(out));
	CHECK(n == 0 && screen_idle(&screen), "a title of 12000 bytes is none");
	shows(S("\aok"), S("ok"));
}

/* Everything that is switched on is switched off again. */
static void
restores(void)
{
	static const struct {
		const char *in, *out;
	} each[] = {
	    {"text\033[31mred\033[m", ""},
	    {"\033[1m", "\033[m"},
	    {"\033[?1000;1006h", "\033[?1000l\033[?1006l"},
	    {"\033[?1000l", ""},
	    {"\033[?2004h\033[?2004l", ""},
	    {"\033[?25l", "\033[?25h"},
	    {"\033[?7l\033[?7h", ""},
	    {"\033[?1049h", "\033[?1049l"},
	    {"\033[?47h\033[?25l", "\033[?25h\033[?47l"},
	    {"\033[>1u\033[>5u", "\033[<2u"},
	    {"\033[?1049h\033[>1u", "\033[<1u\033[?1049l"},
	    {"\033[>1u\033[<9u", ""},
	    {"\033[=3u", "\033[=0u"},
	    {"\033=", "\033>"},
	    {"\033(0", "\017\033(B\033)B"},
	    {"\016", "\017\033(B\033)B"},
	    {"\033[2;5r", "\0337\033[r\0338"},
	    {"\033[4 q", "\033[0 q"},
	    {"\033[>4;2m", "\033[>4m"},
	    {"\033]11;red\a", "\033]111\033\\"},
	    {"\033]4;1;red\a", "\033]104\033\\"},
	    {"\033]8;;http://a\a", "\033]8;;\033\\"},
	    {"\033]9;4;3\a", "\033]9;4;0\033\\"},
	    {"\033[?1000h\033c", ""},
	    {"\033H", "\033[?5W"},
	};

	for (size_t i = 0; i < sizeof(each) / sizeof(*each); i++) {
		static char out[SCREEN_ROOM(256)];

		start(0, SCREEN_TITLE_MARK);
		screen_filter(&screen, each[i].in, strlen(each[i].in), out,
			      sizeof(out));
		leaves(each[i].out);
	}
}

/* More modes than can be remembered do not pass. */
static void
many_modes(void)
{
	char in[32], out[SCREEN_ROOM(32)], text[SCREEN_TEXT];
	size_t passed = 0;

	start(0, SCREEN_TITLE_MARK);
	for (unsigned i = 3000; i < 3100; i++) {
		snprintf(in, sizeof(in), "\033[?%uh", i);
		passed += screen_filter(&screen, in, strlen(in), out,
					sizeof(out)) > 0;
	}
	CHECK(passed == SCREEN_MODES, "%zu passed", passed);
	CHECK(screen_leave(&screen, text) == passed * 8, "all are left");
}

/* What a terminal will answer is counted. */
static void
asks(void)
{
	static const char in[] = "\033[c\033[>c\033[6n\033[?1$p\033[>q\033[18t"
				 "\033]11;?\a\033P$qm\033\\\033[?u"
				 "\033Z\033]4;1;?;2;red\a\033[?1004h"
				 "\033]10;?;blue;red\033\\\033[?25;2048h"
				 "\033_Gi=1,a=q;AAAA\033\\\033[1$p";
	static char out[SCREEN_ROOM(sizeof(in))];

	start(0, SCREEN_TITLE_MARK);
	screen_filter(&screen, S("text\033[m\033[?25l\033]11;red\a"), out,
		      sizeof(out));
	CHECK(screen.now.asked == 0, "%u", screen.now.asked);
	screen_filter(&screen, in, sizeof(in) - 1, out, sizeof(out));
	CHECK(screen.now.asked == 16, "%u", screen.now.asked);
}

/* A console over each of the two screens, and the way back. */
static void
covers(void)
{
	static char out[SCREEN_ROOM(256)];

	start(0, SCREEN_TITLE_MARK);
	shows(S("$ \033[?2004h"), S("$ \033[?2004h"));
	is("cover", out, screen_cover(&screen, out),
	   "\033[?1049h\033[?2004l\033[m\033[H\033[2J");
	is("uncover", out, screen_uncover(&screen, out),
	   "\033[m\033[H\033[2J\033[?1049l\033[?2004h");
	start(0, SCREEN_TITLE_MARK);
	shows(S("\033[?1049h\033[>1u\033[?25l\033[2;9r"),
	      S("\033[?1049h\033[>1u\033[?25l\033[2;9r"));
	CHECK(screen.now.alternate, "full");
	is("cover", out, screen_cover(&screen, out),
	   "\0337\033[?25h\033[>0u\033[r\033[m\033[H\033[2J");
	is("uncover", out, screen_uncover(&screen, out),
	   "\033[m\033[H\033[2J\033[<u\0338\0337\033[2;9r\0338\033[?25l\0338");
	is("enter", out, screen_enter(&screen, out),
	   "\033[?1049h\033[>1u\0337\033[2;9r\0338\033[?25l");
}

/* --- how much comes out --------------------------------------------------- */

/* How often a sequence is repeated, once what happens but once has happened. */
#define REPEATS 8

struct worst {
	double ratio;
	char text[8];
	size_t n;
};

/* Bytes that come out for one that goes in, of these n again and again. */
static double
ratio(struct screen *s, const void *p, size_t n)
{
	static unsigned char out[SCREEN_ROOM(256)];
	size_t all = 0;

	for (int i = 0; i < 2; i++) /* the first may begin in its middle */
		screen_filter(s, p, n, out, sizeof(out));
	for (int i = 0; i < REPEATS; i++)
		all += screen_filter(s, p, n, out, sizeof(out));
	return (double)all / (double)(n * REPEATS);
}

/* What costs most is news in the mark. */
static void
longest_mark(struct screen *s)
{
	memset(s->now.mark, 'm', sizeof(s->now.mark) - 1);
	s->now.mark[sizeof(s->now.mark) - 1] = '\0';
}

/* As screen_init, but the 8 KB that nobody reads before they are written. */
static void
clear(struct screen *s, const struct screen_policy *policy)
{
	size_t behind = offsetof(struct screen, hold) + sizeof(s->hold);

	memset(s, 0, offsetof(struct screen, hold));
	memset((char *)s + behind, 0, sizeof(*s) - behind);
	s->now.policy = *policy;
	longest_mark(s);
}

/* Every sequence of at most most bytes, each of which stands for a class. */
static void
search(const struct screen_policy *policy, char *text, size_t n, size_t most,
       struct worst *w)
{
	static const char bytes[] =
	    "\033[]Pk_^;0248mqu<>tcZph\a\\\030\005a\r\016?$\177"
	    "\x9b\x9d\x90\x9c\x84\x9a\xa0\xc2\xe2\xff";
	double r;

	for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
		text[n] = bytes[i];
		clear(&screen, policy);
		r = ratio(&screen, text, n + 1);
		if (r > w->ratio) {
			w->ratio = r;
			w->n = n + 1;
			memcpy(w->text, text, n + 1);
		}
		if (n + 1 < most)
			search(policy, text, n + 1, most, w);
	}
}

/* Classes of sequences by their shortest members, longer than are searched. */
static const char *const classes[] = {
    "\033[>1u\033[<u",
    "\x9b>1u\x9b<u",
    "\033[22t\033[23t",
    "\x9b"
    "22t\x9b"
    "23t",
    "\033]2;\a",
    "\xc2\x9d"
    "2\a",
    "\xc2\x9d"
    "2\033\\",
    "\033k\033\\",
    "\x9d"
    "2\033\\",
    "\x90q\033\\",
    "\x90q\030",
    "\033Pq\030",
    "\x9fG\033\\",
    "\x9d"
    "8;;\a",
    "\x9d"
    "4;?\a",
    "\x9d"
    "110\a",
    "\x9d"
    "9;4\a",
    "\xe2\x9d",
    "\xe2\xff",
    "\xf0\x90\xff",
    "\xc2\xc2",
    "\033\xff",
    "\033[?1049h\x9b=1u\x9b?1049l",
    "\033c\x9d"
    "2\a",
    "\033[!p",
    "\x9b?25l\x9b?25h",
    "\x9d"
    "777;notify;\a",
    "\x9d"
    "52;c;a\a",
    "\033(0\016\017",
    "\x8e\x8f",
    "\x84\x85\x88\x8d",
};

/* All that may be there before: each is followed by as much as is read. */
static size_t
begin(unsigned how, unsigned char *in)
{
	static const char *const heads[] = {"",
					    "\033]2;",
					    "\033]4;1;",
					    "\x9d"
					    "2",
					    "\033Pq",
					    "\xf0\x90\x80",
					    "\033["};
	size_t n = strlen(heads[how]);

	memcpy(in, heads[how], n);
	if (how >= 1 && how <= 3) /* as long as what is looked at whole */
		while (n < SCREEN_HOLD - 1)
			in[n++] = '0';
	while (how == 4 && n < SCREEN_HOLD + 1)
		in[n++] = '0';
	return n;
}

#define BEGINNINGS 7

/* As much as the relay reads at once, in every mode, in exactly its room. */
static void
fill(const void *text, size_t len, unsigned mode, unsigned how)
{
	unsigned char *out = malloc(SCREEN_ROOM(FUZZ_CHUNK));
	static unsigned char in[FUZZ_CHUNK], head[SCREEN_ROOM(FUZZ_CHUNK)];
	struct screen_policy policy = fuzz_policy(mode);
	size_t n = begin(how, in), got;

	CHECK(out, "no memory");
	screen_init(&screen, &policy);
	longest_mark(&screen);
	got = screen_filter(&screen, in, n, head, sizeof(head));
	CHECK(got <= 4 * n + 8, "%zu", got);
	for (size_t i = 0; i < FUZZ_CHUNK; i++)
		in[i] = ((const unsigned char *)text)[i % len];
	got = screen_filter(&screen, in, FUZZ_CHUNK, out,
			    SCREEN_ROOM(FUZZ_CHUNK));
	CHECK(got <= SCREEN_ROOM(FUZZ_CHUNK), "%zu", got);
	/* and what is held on entry is all that is not by the ratio */
	CHECK(got <= 23 * FUZZ_CHUNK + n + 128, "%zu of %zu", got, n);
	free(out);
}

static void
fill_all(const void *text, size_t n)
{
	for (unsigned mode = 0; mode < FUZZ_POLICIES; mode++)
		for (unsigned how = 0; how < BEGINNINGS; how++)
			fill(text, n, mode, how);
}

static struct worst
worst_of(const struct screen_policy *policy, size_t most)
{
	struct worst w = {0};
	char text[8];

	search(policy, text, 0, most, &w);
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
		double r;

		clear(&screen, policy);
		r = ratio(&screen, classes[i], strlen(classes[i]));
		CHECK(r <= w.ratio || most < 4, "class %zu: %f of %f", i, r,
		      w.ratio);
		if (r > w.ratio)
			w.ratio = r;
	}
	return w;
}

/* What SCREEN_ROOM says: 23 for one is more than the worst that there is. */
static void
room(void)
{
	struct screen_policy utf8 = {1, SCREEN_TITLE_MARK, 1, 1};
	struct screen_policy latin = {1, SCREEN_TITLE_MARK, 1, 0};
	struct worst w;

	w = worst_of(&latin, 4);
	CHECK(w.ratio > 22.6 && w.ratio < 22.7 && w.n == 3, "%f", w.ratio);
	fill_all(w.text, w.n);
	w = worst_of(&utf8, 4);
	CHECK(w.ratio > 16.9 && w.ratio < 17.1, "%f", w.ratio);
	fill_all(w.text, w.n);
	for (unsigned i = 0; i < FUZZ_POLICIES; i++) {
		struct screen_policy policy = fuzz_policy(i);

		w = worst_of(&policy, 3);
		CHECK(w.ratio < 22.7, "%f", w.ratio);
		fill_all(w.text, w.n);
	}
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		fill_all(classes[i], strlen(classes[i]));
}

/* The other functions, whatever is in the memory that the leader is shown. */
static void
text_room(void)
{
	char *out = malloc(SCREEN_TEXT);
	char long_title[201];

	CHECK(out, "no memory");
	memset(long_title, 'x', 200);
	long_title[200] = '\0';
	for (int c = 0; c < 256; c++) {
		memset(&screen, c, sizeof(screen));
		CHECK(screen_leave(&screen, out) < SCREEN_TEXT, "%d", c);
		CHECK(screen_enter(&screen, out) < SCREEN_TEXT, "%d", c);
		CHECK(screen_uncover(&screen, out) < SCREEN_TEXT, "%d", c);
		CHECK(screen_cover(&screen, out) < SCREEN_TEXT, "%d", c);
		CHECK(screen_mark(&screen, long_title, out) < SCREEN_TEXT, "%d",
		      c);
		memset(&screen, c, sizeof(screen));
		CHECK(screen_mark(&screen, NULL, out) < SCREEN_TEXT, "%d", c);
	}
	free(out);
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
	fuzz_screen(exact, n);
	free(exact);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {{"passes", passes},
		     {"dropped", dropped},
		     {"bytes", bytes},
		     {"titles", titles},
		     {"long", long_strings},
		     {"restores", restores},
		     {"many-modes", many_modes},
		     {"covers", covers},
		     {"asks", asks},
		     {"room", room},
		     {"text-room", text_room},
		     {"marks", marks}};

	CHECK(argc > 1, "no case named");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			return 0;
		}
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return 0;
}
