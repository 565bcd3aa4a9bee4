// needs: pen-shell/screen
/* screen CASE, or screen FILE… to replay the fuzzer's corpus. */
#include "pen-shell/screen.h"

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
	size_t len = screen_filter(&screen, in, n, out);

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
		"\033]52;c;aGk=\a", "\033]52;c;?\a", "\033]52;p;?\033\\",
		"\033]1337;CopyToClipboard=\a", "\033]1337;File=:aGk=\a",
		"\033]5522;type=write\033\\", "\033]50;?\a",
		"\033]51;[\"call\",\"f\",[]]\a", "\033]633;E;ls\a",
		"\033]7;file://host/etc\a", "\033]9;9;/etc\a", "\033]99;;a\a",
		"\033]8;;ssh://-oProxyCommand=x\a", "\033]8;;javascript:x\a",
		"\033]l title\033\\", "\033]R", "\033]P0ff00ff", "\033];\a",
		"\033[20t", "\033[21t", "\033[8;1;1t", "\033[2t", "\033[23t",
		"\033[i", "\033[5i", "\033[?5i", "\033[1;1;1;1;9;9*y",
		"\033[1#y", "\033[2h", "\033[?2l", "\033[62\"p", "\033[1$}",
		"\033[>2p", "\033[>1t", "\033[1;2'z", "\033[?1r", "\033[?1s",
		"\033[<9u", "\033[5?h", "\033[1$ p", "\033 G", "\033%@",
		"\033l", "\033`", "\005", "\033[4y", "\033[1q",
		"\033[12;2]", "\033[[", "\033[1;1;1;1;1T", "\033[2v",
		"\033P1;1|17/1d616c6c6f770d\033\\", "\033P1!uA\033\\",
		"\033_Gt=f,a=T;L2V0Yy9wYXNzd2Q=\033\\",
		"\033_Ga=T,t=t;L3RtcC94\033\\", "\033_x\033\\", "\033^x\033\\",
		"\033Xx\033\\", "\302\23552;c;aGk=\a",
		"\033]52;c;aGk=\302\234", "\033[?1\030",
		"\033]9;done\a", "\033]9;4x\a", "\033]777;notify;a;b\a",
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
	shows(S("\x9b" "1m"), S(BAD "1m"));
	shows(S("\xff\xc0\xaf"), S(BAD BAD BAD));
	shows(S("\xed\xa0\x80"), S(BAD BAD BAD));
	shows(S("\xe2\x9d\033[m"), S(BAD "\033[m"));
	shows(S("\xe2\x9d"), S(""));
	shows(S("\xaf"), S("\xe2\x9d\xaf"));
	shows(S("\xc2\x9b" "1m"), S("\033[1m"));
	shows(S("\xc2\x85"), S("\033E"));
	shows(S("\033[3\xc3\xa9m"), S("\xc3\xa9m"));
	shows(S("\033[3\005\r1m"), S("\r\033[31m"));
	shows(S("a\0b"), S("a\0b"));
	screen_init(&screen, &latin);
	shows(S("\xe9\xe4"), S("\xe9\xe4"));
	shows(S("\x9b" "1m\x9d" "52;c;x\a"), S("\033[1m"));
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

static void
long_strings(void)
{
	static char in[12000], out[SCREEN_ROOM(sizeof(in))];
	size_t n;

	memset(in, '~', sizeof(in));
	memcpy(in, "\033Pq", 3);
	start(0, SCREEN_TITLE_MARK);
	n = screen_filter(&screen, in, sizeof(in), out);
	CHECK(n == sizeof(in) && memcmp(in, out, n) == 0, "a picture passes");
	CHECK(!screen_idle(&screen), "and is on its way");
	leaves("\030\033\\");
	n = screen_filter(&screen, "\033[m", 3, out);
	CHECK(n == 6 && memcmp(out, "\030\033\\\033[m", 6) == 0, "cut");
	memcpy(in, "\033]2;", 4);
	start(0, SCREEN_TITLE_MARK);
	n = screen_filter(&screen, in, sizeof(in), out);
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
		screen_filter(&screen, each[i].in, strlen(each[i].in), out);
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
		passed += screen_filter(&screen, in, strlen(in), out) > 0;
	}
	CHECK(passed == SCREEN_MODES, "%zu passed", passed);
	CHECK(screen_leave(&screen, text) == passed * 8, "all are left");
}

static void
is(const char *what, const char *out, size_t n, const char *want)
{
	CHECK(n == strlen(want) && memcmp(out, want, n) == 0,
	      "%s: '%.*s', not '%s'", what, (int)n, out, want);
}

/* What a terminal will answer is counted. */
static void
asks(void)
{
	static const char in[] = "\033[c\033[>c\033[6n\033[?1$p\033[>q\033[18t"
				 "\033]11;?\a\033P$qm\033\\\033[?u";
	static char out[SCREEN_ROOM(sizeof(in))];

	start(0, SCREEN_TITLE_MARK);
	screen_filter(&screen, S("text\033[m\033[?25l\033]11;red\a"), out);
	CHECK(screen.asked == 0, "%u", screen.asked);
	screen_filter(&screen, in, sizeof(in) - 1, out);
	CHECK(screen.asked == 9, "%u", screen.asked);
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
	CHECK(screen_full(&screen), "full");
	is("cover", out, screen_cover(&screen, out),
	   "\0337\033[?25h\033[>0u\033[r\033[m\033[H\033[2J");
	is("uncover", out, screen_uncover(&screen, out),
	   "\033[m\033[H\033[2J\033[<u\0338\0337\033[2;9r\0338\033[?25l\0338");
	is("enter", out, screen_enter(&screen, out),
	   "\033[?1049h\033[>1u\0337\033[2;9r\0338\033[?25l");
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
	} cases[] = {{"passes", passes},	 {"dropped", dropped},
		     {"bytes", bytes},		 {"titles", titles},
		     {"long", long_strings},	 {"restores", restores},
		     {"many-modes", many_modes}, {"covers", covers},
		     {"asks", asks}};

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
