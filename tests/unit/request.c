// needs: pen-sni/request
/* request CASE, or request FILE… to replay the fuzzer's corpus. */
#include "pen-sni/request.h"

#include <string.h>

#include "../lib/sni_check.h"

static void
good(const char *text, enum request_verb verb, unsigned seconds,
     const char *rule)
{
	unsigned char *copy = check_exact(text, strlen(text));
	struct request r;
	const char *why = request_parse((char *)copy, strlen(text), &r);

	CHECK(!why, "'%s': %s", text, why);
	CHECK(r.verb == verb && r.seconds == seconds &&
		  strcmp(r.rule, rule) == 0,
	      "'%s' became %d, %u, '%s'", text, (int)r.verb, r.seconds, r.rule);
	free(copy);
}

static void
bad(const char *text, size_t n)
{
	unsigned char *copy = check_exact(text, n);
	struct request r = {.seconds = 4711};

	CHECK(request_parse((char *)copy, n, &r), "'%s' was taken", text);
	CHECK(r.seconds == 4711, "'%s' changed it", text);
	free(copy);
}

static void
requests(void)
{
	good("status", REQUEST_STATUS, 0, "");
	good("denied", REQUEST_DENIED, 0, "");
	good("rules", REQUEST_RULES, 0, "");
	good("events", REQUEST_EVENTS, 0, "");
	good("stop", REQUEST_STOP, 0, "");
	good("ports", REQUEST_PORTS, 0, "");
	good("publish 8080:80", REQUEST_PUBLISH, 0, "8080:80");
	good("reach 5432", REQUEST_REACH, 0, "5432");
	good("unpublish 1-3", REQUEST_UNPUBLISH, 0, "1-3");
	good("unreach 5432", REQUEST_UNREACH, 0, "5432");
	good("allow session a.org", REQUEST_ALLOW, 0, "a.org");
	good("allow 30s a.org", REQUEST_ALLOW, 30, "a.org");
	good("deny 10m *.a.org", REQUEST_DENY, 600, "*.a.org");
	good("deny 24h ssh://a.org", REQUEST_DENY, 86400, "ssh://a.org");
	good("ask", REQUEST_ASK, 0, "");
	good("answer 7 once", REQUEST_ANSWER, 0, "");
	good("answer 7 deny", REQUEST_ANSWER, 0, "");
	good("answer 7 session", REQUEST_ANSWER, 0, "");
	good("answer 7 10m", REQUEST_ANSWER, 600, "");
	good("budget", REQUEST_BUDGET, 0, "");
	good("raise a.org requests=+5", REQUEST_RAISE, 0, "a.org");
	good("undo tcp://a.org:5", REQUEST_UNDO, 0, "tcp://a.org:5");
}

static void
refused(void)
{
	static const char *const texts[] = {
	    "",
	    " ",
	    "status ",
	    " status",
	    "status\n",
	    "Status",
	    "stat",
	    "statusstatus",
	    "status status",
	    "allow",
	    "allow ",
	    "allow session",
	    "allow session ",
	    "allow a.org",
	    "allow  session a.org",
	    "allow session  a.org",
	    "allow session a.org b.org",
	    "allow 0s a.org",
	    "allow m a.org",
	    "allow 10 a.org",
	    "allow 1441m a.org",
	    "allow 25h a.org",
	    "allow 99999999999999999999s a.org",
	    "allow -1s a.org",
	    "answer",
	    "answer 7",
	    "answer 7 ",
	    "answer once",
	    "answer -1 once",
	    "answer 7 always",
	    "answer 7 once ",
	    "answer 7 once x",
	    "answer 99999999999 once",
	    "ask 1",
	    "allow always a.org",
	    "undo",
	    "undo a.org ",
	    "ports 1",
	    "publish",
	    "reach 1 2",
	    "budget a.org",
	    "raise",
	    "raise a.org",
	    "raise a.org ",
	    "raise a.org up=+1 up=+2",
	    "raise a.org 0123456789012345678901234567890123",
	    "allow 1s \x1b[m",
	    "undo \xc3\xa9.org",
	};
	char text[RULE_TEXT + 8];

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		bad(texts[i], strlen(texts[i]));
	bad("status\0", 7);
	bad("undo a\0b", 8);
	memset(text, 'a', sizeof(text));
	memcpy(text, "undo ", 5);
	bad(text, 5 + RULE_TEXT);
	text[4 + RULE_TEXT] = '\0';
	good(text, REQUEST_UNDO, 0, text + 5);
}

static void
replay(const char *path)
{
	char text[4096];
	FILE *f = fopen(path, "r");
	struct request r;
	size_t n;

	CHECK(f, "cannot read %s", path);
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (!request_parse(text, n, &r))
		CHECK(memchr(r.rule, '\0', sizeof(r.rule)), "%s", path);
}

int
main(int argc, char **argv)
{
	CHECK(argc > 1, "no case named");
	if (strcmp(argv[1], "requests") == 0)
		requests();
	else if (strcmp(argv[1], "refused") == 0)
		refused();
	else
		for (int i = 1; i < argc; i++)
			replay(argv[i]);
	return 0;
}
