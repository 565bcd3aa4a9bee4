// needs: pen-key/pkt pen-key/git
/* pkt CASE: what pen-key reads of a push, byte by byte and at once. */
#include <string.h>

#include "../lib/sni_check.h"
#include "pen-key/git.h"

#define OLD "0123456789012345678901234567890123456789"
#define NEW "abcdefabcdabcdefabcdabcdefabcdabcdefabcd"
#define ZERO "0000000000000000000000000000000000000000"
#define SHA2 "0123456789012345678901234567890123456789012345678901234567890123"

/* Lines end with "|" in cases; "0" is what it is, "$" is a NUL. */
static size_t
make_lines(const char *text, char *out)
{
	size_t n = 0;

	while (*text) {
		size_t len = strcspn(text, "|");

		if (len == 4 && strncmp(text, "000", 3) == 0)
			n += (size_t)snprintf(out + n, 8, "%.4s", text);
		else
			n += (size_t)snprintf(out + n, len + 8, "%04zx%.*s",
					      len + 4, (int)len, text);
		text += len + (text[len] == '|');
	}
	for (size_t i = 0; i < n; i++)
		if (out[i] == '$')
			out[i] = '\0';
	return n;
}

static enum pkt_state
scan(struct pkt_push *p, const char *text, size_t n, size_t step, size_t *taken)
{
	enum pkt_state s = PKT_MORE;

	memset(p, 0, sizeof(*p));
	*taken = 0;
	while (s == PKT_MORE && *taken < n) {
		size_t part = n - *taken < step ? n - *taken : step, used;
		unsigned char *exact = check_exact(text + *taken, part);

		s = pkt_scan(p, exact, part, &used);
		CHECK(used <= part && (s != PKT_MORE || used == part), "%zu",
		      used);
		*taken += used;
		free(exact);
	}
	return s;
}

static void
read_commands(void)
{
	static const struct {
		const char *text;
		enum pkt_state want;
		size_t updates;
	} all[] = {
	    {"0000|", PKT_DONE, 0},
	    {OLD " " NEW " refs/heads/a$ report-status agent=git/2|0000|",
	     PKT_DONE, 1},
	    {OLD " " NEW " refs/heads/a\n|" OLD " " ZERO " refs/b|0000|",
	     PKT_DONE, 2},
	    {"shallow " OLD "|" OLD " " NEW " refs/heads/a$|0000|", PKT_DONE,
	     1},
	    {SHA2 " " SHA2 " refs/heads/a$object-format=sha256|0000|", PKT_DONE,
	     1},
	    {OLD " " NEW " refs/heads/a|", PKT_MORE, 1},
	    {"0001|", PKT_BAD, 0},
	    {"0004|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/a|shallow " OLD "|0000|", PKT_BAD, 1},
	    {OLD " " SHA2 " refs/heads/a|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/a|" SHA2 " " SHA2 " refs/b|0000|", PKT_BAD, 1},
	    {OLD "  " NEW " refs/heads/a|0000|", PKT_BAD, 0},
	    {OLD " " NEW "|0000|", PKT_BAD, 0},
	    {OLD " " NEW " |0000|", PKT_BAD, 0},
	    {OLD " " NEW " HEAD|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/a b|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/a\nb|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/../a|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads//a|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/.a|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/a.lock|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/a@{1}|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/a/|0000|", PKT_BAD, 0},
	    {OLD " " NEW " refs/heads/a$push-options|0000|", PKT_BAD, 1},
	    {OLD " " NEW " refs/heads/a$push-cert=1|0000|", PKT_BAD, 1},
	    {OLD " " NEW " refs/a|" OLD " " NEW " refs/b$atomic|0000|", PKT_BAD,
	     1},
	    {"push-cert$report-status|0000|", PKT_BAD, 0},
	};
	static struct pkt_push p;
	char text[1024];

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (size_t step = 1; step < 200; step += 37) {
			size_t n = make_lines(all[i].text, text), taken;
			enum pkt_state s;

			memcpy(text + n, "PACK", 4);
			s = scan(&p, text, all[i].want == PKT_MORE ? n : n + 4,
				 step, &taken);
			CHECK(s == all[i].want && p.updates == all[i].updates,
			      "%zu: %d, %zu updates: %s", i, s, p.updates,
			      p.why ? p.why : "");
			CHECK(s != PKT_DONE || (taken == n && p.n == n), "%zu",
			      i);
		}
}

/* A client chooses how much there is. */
static void
bound_commands(void)
{
	static struct pkt_push p;
	static char text[2 * PKT_PUSH_MAX];
	size_t n = 0, taken;

	for (int i = 0; i <= PKT_UPDATES_MAX; i++)
		n += make_lines(OLD " " NEW " refs/heads/a|", text + n);
	CHECK(scan(&p, text, n, n, &taken) == PKT_BAD, "too many");
	CHECK(p.updates == PKT_UPDATES_MAX, "%zu", p.updates);
	for (n = 0; n < sizeof(text) - 100;)
		n += make_lines("shallow " OLD "|", text + n);
	CHECK(scan(&p, text, n, 4096, &taken) == PKT_BAD, "too long");
	CHECK(p.n <= PKT_PUSH_MAX, "%zu", p.n);
}

static void
judge_pushes(void)
{
	static const struct {
		const char *text;
		int want;
	} all[] = {
	    {"0000|", 1},
	    {ZERO " " NEW " refs/heads/pen/a|0000|", 1},
	    {OLD " " NEW " refs/heads/pen/a/b|0000|", 1},
	    {OLD " " NEW " refs/tags/v1|0000|", 1},
	    {OLD " " NEW " refs/tags/v10|0000|", 0},
	    {OLD " " NEW " refs/tags/v|0000|", 0},
	    {OLD " " NEW " refs/heads/pen|0000|", 0},
	    {OLD " " NEW " refs/heads/penny|0000|", 0},
	    {OLD " " ZERO " refs/heads/pen/a|0000|", 0},
	    {OLD " " NEW " refs/heads/pen/a|" OLD " " NEW
		 " refs/heads/main|0000|",
	     0},
	};
	struct git g = {0};
	static struct pkt_push p;
	const char *why[PKT_UPDATES_MAX];
	char text[1024], answer[512];
	size_t n, taken;

	strv_push(&g.push, "refs/heads/pen/*");
	strv_push(&g.push, "refs/tags/v1");
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		n = make_lines(all[i].text, text);
		CHECK(scan(&p, text, n, n, &taken) == PKT_DONE, "%zu", i);
		CHECK(git_judge_push(&g, &p, why) == all[i].want, "%zu", i);
	}
	n = pkt_refuse(&p, why, answer, sizeof(answer));
	CHECK(strncmp(answer, "000eunpack ok\n", 14) == 0, "%s", answer);
	CHECK(n < sizeof(answer) && strcmp(answer + n - 4, "0000") == 0, "%s",
	      answer);
}

static void
judge_requests(void)
{
	static const struct {
		int is_post;
		const char *path, *query;
		enum git_part want;
	} all[] = {
	    {0, "/o/r/info/refs", "service=git-upload-pack", GIT_FETCH},
	    {0, "/o/r.git/info/refs", "service=git-upload-pack", GIT_FETCH},
	    {1, "/o/r.git/git-upload-pack", NULL, GIT_FETCH},
	    {0, "/o/r.git/info/refs", "service=git-receive-pack", GIT_PUSH},
	    {1, "/o/r/git-receive-pack", NULL, GIT_COMMANDS},
	    {0, "/o/r/info/refs", NULL, GIT_NONE},
	    {0, "/o/r/info/refs", "service=git-upload-pack&a=b", GIT_NONE},
	    {0, "/o/r/info/refs", "service=git-upload-archive", GIT_NONE},
	    {1, "/o/r/info/refs", "service=git-upload-pack", GIT_NONE},
	    {0, "/o/r/git-upload-pack", NULL, GIT_NONE},
	    {0, "/o/r/HEAD", NULL, GIT_NONE},
	    {0, "/o/rr/info/refs", "service=git-upload-pack", GIT_NONE},
	    {0, "/o/r.gitx/info/refs", "service=git-upload-pack", GIT_NONE},
	    {0, "/o/info/refs", "service=git-upload-pack", GIT_NONE},
	    {0, "/a/o/r/info/refs", "service=git-upload-pack", GIT_NONE},
	    {1, "/o/r.git/info/lfs/objects/batch", NULL, GIT_NONE},
	};
	struct git g = {0};
	char why[256];

	strv_push(&g.repositories, git_repository("o/r.git/"));
	CHECK(strcmp(g.repositories.v[0], "/o/r") == 0, "%s",
	      g.repositories.v[0]);
	for (int push = 0; push < 2; push++) {
		for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
			enum git_part want = all[i].want, is;

			if (!push && want > GIT_FETCH)
				want = GIT_NONE;
			is = git_judge(&g, all[i].is_post, all[i].path,
				       all[i].query, why, sizeof(why));
			CHECK(is == want, "%s: %d", all[i].path, is);
		}
		strv_push(&g.push, "refs/heads/*");
	}
	CHECK(git_check("main") && git_check("refs/*/a") &&
		  !git_check("refs/heads/*"),
	      "patterns");
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {{"commands", read_commands},
		     {"bounds", bound_commands},
		     {"pushes", judge_pushes},
		     {"requests", judge_requests}};

	for (size_t i = 0; argc == 2 && i < 4; i++)
		if (strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			return 0;
		}
	return 2;
}
