// needs: pen-sni/handshake pen-sni/hello
/*
 * handshake CASE: what follows a ClientHello, as programs and attackers send
 * it.
 */
#include "pen-sni/handshake.h"

#include "../lib/sni_check.h"
#include "../lib/sni_hello.h"

static struct buf sent; /* of the client's */

static void
put_hello(const char *name, size_t record)
{
	static struct buf m, exts;
	size_t len = strlen(name);

	exts.n = m.n = 0;
	put_int(&exts, 0, 2);
	put_int(&exts, len + 5, 2);
	put_names(&exts, &name, &len, 1, 0);
	put_int(&m, 1, 1);
	put_int(&m, 2 + 32 + 1 + 2 + 2 + 2 + 2 + exts.n, 3);
	put_int(&m, 0x0303, 2);
	for (int i = 0; i < 32; i++)
		put_int(&m, 7, 1);
	put_int(&m, 0, 1);
	put_int(&m, 2, 2);
	put_int(&m, 0x1301, 2);
	put_int(&m, 1, 1);
	put_int(&m, 0, 1);
	put_int(&m, exts.n, 2);
	put(&m, exts.b, exts.n);
	for (size_t at = 0; at < m.n; at += record)
		put_record(&sent, 22, 0x0301, m.b + at,
			   m.n - at < record ? m.n - at : record);
}

/* A record with n bytes of that value, a message of that type at their head. */
static void
put_some(unsigned type, unsigned first, size_t n)
{
	static uint8_t p[70000];

	memset(p, 0x5a, n);
	if (n > 3) {
		p[0] = (uint8_t)first;
		p[1] = 0;
		p[2] = (uint8_t)((n - 4) >> 8);
		p[3] = (uint8_t)(n - 4);
	}
	put_record(&sent, type, 0x0303, p, n);
}

static const struct {
	const char *name;
	size_t n;
	uint8_t b[64];
} answers[] = {
    {"hello", 43, {22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3, 1, 2, 3}},
    {"retry", 43, {22,	 3,    3,    0,	   88,	 2,    0,    0,	   84,
		   3,	 3,    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61,
		   0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
		   0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07,
		   0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c}},
    {"alert", 7, {21, 3, 3, 0, 2, 2, 40}},
    {"http", 17, "HTTP/1.1 400 Bad"},
    {"nothing", 0, {0}},
};

/*
 * Sends what is in sent in steps of so many bytes, the server's answer once
 * its first ClientHello has gone.  How much of it went.  *why: of a refusal.
 */
static size_t
pass(const char *answer, size_t step, const char **why)
{
	static struct handshake zero, h;
	size_t went = 0;

	h = zero;
	h.look = (struct look){handshake_judge, {[SERVER] = 1}};
	h.name = "allowed.test";
	CHECK(hello_parse(&h.hello, sent.b, sent.n) == HELLO_OK, "%s",
	      h.hello.why);
	*why = NULL;
	went = (size_t)handshake_judge(&h.look, sent.b, sent.n);
	CHECK(h.look.hold[SERVER] && went >= h.hello.at, "the first has gone");
	CHECK(went == sent.n || (sent.b[went] == 22) == h.look.hold[CLIENT],
	      "a message has to wait");
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		if (strcmp(answers[i].name, answer) != 0)
			continue;
		for (size_t n = 0; n < answers[i].n && h.look.hold[SERVER]; n++)
			handshake_answered(&h, answers[i].b, n, 0);
		if (h.look.hold[SERVER])
			handshake_answered(&h, answers[i].b, answers[i].n, 1);
	}
	CHECK(!h.look.hold[SERVER] && !h.look.hold[CLIENT], "no answer '%s'",
	      answer);
	for (size_t have = went; have < sent.n;) {
		unsigned char *exact;
		ssize_t n;

		have = sent.n - have < step ? sent.n : have + step;
		exact = check_exact(sent.b + went, have - went);
		n = handshake_judge(&h.look, exact, have - went);
		free(exact);
		if (n < 0) {
			*why = h.why;
			break;
		}
		CHECK((size_t)n <= have - went, "more than there is");
		went += (size_t)n;
	}
	return went;
}

static void
expect(const char *answer, const char *want)
{
	static const size_t steps[] = {1, 2, 7, 50, 1000, 100000};
	const char *why;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		size_t went = pass(answer, steps[i], &why);

		if (!want)
			CHECK(!why && went == sent.n, "%s: %zu of %zu, %s",
			      answer, went, sent.n, why ? why : "-");
		else
			CHECK(why && strcmp(why, want) == 0, "%s: '%s'", answer,
			      why ? why : "-");
	}
}

static void
start(void)
{
	sent.n = 0;
	put_hello("allowed.test", 16384);
}

/* As browsers and servers do it, in TLS 1.2 and 1.3. */
static void
usual(void)
{
	start();
	put_some(22, 11, 9000); /* Certificate */
	put_some(22, 16, 70);	/* ClientKeyExchange */
	put_some(22, 15, 300);
	put_some(20, 1, 1);
	put_some(22, 1, 40); /* encrypted, whatever it looks like */
	put_some(23, 1, 5000);
	expect("hello", NULL);
	start();
	put_some(20, 1, 1);
	put_some(23, 1, 60);
	expect("hello", NULL);
	start();
	put_some(23, 1, 3000); /* early data */
	put_some(20, 1, 1);
	put_some(23, 1, 60);
	expect("hello", NULL);
	start();
	put_some(21, 2, 2);
	expect("alert", NULL);
	expect("nothing", NULL);
	expect("http", NULL);
	for (size_t n = 1; n < 5; n++) { /* no record waits for its end */
		start();
		put(&sent, "y\3\3\0", n);
		expect("hello", NULL);
		start();
		put(&sent, "\26\2\3\0", n > 1 ? n : 2);
		expect("hello", NULL);
	}
}

static void
retry(void)
{
	for (size_t record = 1; record < 200; record += 40) {
		start();
		put_some(23, 1, 3000); /* early data, in vain */
		put_some(20, 1, 1);
		put_hello("ALLOWED.test.", record);
		put_some(20, 1, 1);
		put_some(23, 1, 60);
		expect("retry", NULL);
		start();
		put_some(20, 1, 1);
		put_hello("evil.test", record);
		put_some(23, 1, 60);
		expect("retry", "a second ClientHello with another name");
		start();
		put_hello("allowed.test", record);
		put_hello("allowed.test", record);
		expect("retry", "a second ClientHello");
	}
	start();
	put_some(22, 16, 70);
	expect("retry", "not a ClientHello");
}

/* Nobody asked for another one. */
static void
uninvited(void)
{
	static const char *const unasked[] = {"hello", "alert", "http",
					      "nothing"};

	for (size_t i = 0; i < sizeof(unasked) / sizeof(*unasked); i++)
		for (size_t record = 1; record < 100; record += 30) {
			start();
			put_hello("evil.test", record);
			expect(unasked[i], "a second ClientHello");
			start();
			put_some(21, 1, 2);
			put_some(22, 11, 3000);
			put_hello("evil.test", record);
			expect(unasked[i], "a second ClientHello");
		}
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {
	    {"usual", usual}, {"retry", retry}, {"uninvited", uninvited}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (argc == 2 && strcmp(argv[1], cases[i].name) == 0) {
			cases[i].run();
			return 0;
		}
	return 2;
}
