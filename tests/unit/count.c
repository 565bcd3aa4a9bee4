// needs: pen-key/count pen-key/budget
/*
 * count CASE FILE: the file of the day's budgets, which does not exist; or
 * count corpus FILE… to replay the fuzzer's.
 */
#include "pen-key/count.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/sni_check.h"
#include "pen-key/budget.h"

#define TODAY 20261231
#define ROUNDS 500

static const char *path;

static void
open_as(struct count_file *f, const char *secret)
{
	CHECK(count_open(f, path, secret, strlen(secret)) == 0, "%m");
}

/* Counts n requests of the credential on that day; returns how many there are.
 */
static uint64_t
add(struct count_file *f, unsigned day, uint64_t n)
{
	struct count c;

	CHECK(count_begin(f, day, &c) == 0, "%s", f->why);
	c.used[COUNT_REQUESTS] += n;
	CHECK(count_end(f, &c) == 0, "%s", f->why);
	return c.used[COUNT_REQUESTS];
}

static pid_t
start(void)
{
	pid_t pid = fork();

	CHECK(pid >= 0, "%m");
	return pid;
}

static void
reap(pid_t pid)
{
	CHECK(waitpid(pid, NULL, 0) == pid, "%m");
}

static void
lines(void)
{
	static const struct count c = {.id = "0123456789abcdef0123456789abcdef",
				       .day = TODAY,
				       .used = {1, UINT64_MAX, 3},
				       .held = 4};
	char line[COUNT_LINE], bad[COUNT_LINE];
	struct count got = {.day = 4711};
	int taken = 0;

	count_format(&c, line);
	CHECK(line[COUNT_LINE - 1] == '\n', "its end");
	CHECK(count_parse(line, &got) == 0, "its own line");
	CHECK(strcmp(got.id, c.id) == 0 && got.day == c.day &&
		  got.held == c.held && got.used[COUNT_UP] == UINT64_MAX,
	      "%s %u", got.id, got.day);
	/* a byte that is no digit, anywhere */
	for (size_t i = 0; i < COUNT_LINE; i++) {
		memcpy(bad, line, COUNT_LINE);
		bad[i] = '-';
		got.day = 4711;
		taken += count_parse(bad, &got) == 0 || got.day != 4711;
	}
	memset(bad, 0, COUNT_LINE);
	taken += count_parse(bad, &got) == 0;
	memset(bad, '9', COUNT_LINE);
	taken += count_parse(bad, &got) == 0;
	CHECK(taken == 0, "%d damaged lines were taken", taken);
}

/* Two processes, each of its own descriptor. */
static void
shared(void)
{
	struct count_file f;
	struct stat st;
	pid_t pid[2];

	for (int i = 0; i < 2; i++) {
		pid[i] = start();
		if (pid[i] == 0) {
			open_as(&f, "secret");
			for (int k = 0; k < ROUNDS; k++)
				add(&f, TODAY, 1);
			_exit(0);
		}
	}
	reap(pid[0]);
	reap(pid[1]);
	open_as(&f, "secret");
	CHECK(add(&f, TODAY, 0) == (uint64_t)2 * ROUNDS, "%llu",
	      (unsigned long long)add(&f, TODAY, 0));
	CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "%o",
	      st.st_mode);
	/* the control: another credential has a count of its own */
	open_as(&f, "another");
	CHECK(add(&f, TODAY, 0) == 0, "the other's");
}

/* One that is killed with the lock changes nothing, and keeps nobody out. */
static void
killed(void)
{
	struct count_file f;
	struct count c;
	int ready[2];
	char byte;
	pid_t pid;

	open_as(&f, "secret");
	add(&f, TODAY, 7);
	CHECK(count_is_alone(&f), "alone");
	CHECK(pipe(ready) == 0, "%m");
	pid = start();
	if (pid == 0) {
		struct count_file own;

		open_as(&own, "secret");
		count_begin(&own, TODAY, &c);
		c.used[COUNT_REQUESTS] = 1000;
		CHECK(write(ready[1], "", 1) == 1, "%m");
		pause();
		_exit(0);
	}
	CHECK(read(ready[0], &byte, 1) == 1, "%m");
	CHECK(!count_is_alone(&f), "the other one runs");
	kill(pid, SIGKILL);
	reap(pid);
	CHECK(count_is_alone(&f), "it does not any more");
	CHECK(add(&f, TODAY, 0) == 7, "its change");
}

static void
days(void)
{
	struct count_file f, other;
	struct stat st;
	struct count c;

	open_as(&f, "secret");
	open_as(&other, "another");
	CHECK(add(&f, TODAY, 5) == 5, "the first");
	CHECK(add(&f, TODAY, 1) == 6, "the same day");
	CHECK(add(&other, TODAY, 1) == 1, "the other");
	CHECK(add(&f, 20270101, 1) == 1, "the next day");
	/* a clock that is set back begins no day */
	CHECK(add(&f, TODAY, 1) == 2, "the day before");
	CHECK(count_begin(&f, TODAY, &c) == 0 && c.day == 20270101, "%u",
	      c.day);
	count_end(&f, NULL);
	/* the line of a day before is another's now */
	open_as(&other, "a third");
	CHECK(add(&other, 20270101, 9) == 9, "the third");
	CHECK(stat(path, &st) == 0 && st.st_size == (off_t)2 * COUNT_LINE,
	      "%lld", (long long)st.st_size);
	open_as(&other, "another");
	CHECK(add(&other, 20270101, 1) == 1, "it is back");
	CHECK(add(&f, 20270101, 0) == 2, "the first is as it was");
	/* the day of a place, not of UTC */
	setenv("TZ", "AAA-14", 1);
	tzset();
	CHECK(count_day(1798718400) == 20270101, "%u", count_day(1798718400));
	setenv("TZ", "AAA12", 1);
	tzset();
	CHECK(count_day(1798718400) == TODAY, "%u", count_day(1798718400));
}

static void
write_file(const char *text, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, text, n) == (ssize_t)n, "%m");
	close(fd);
}

static void
refuses(const char *what)
{
	struct count_file f;
	struct stat before, after;
	struct count c;

	open_as(&f, "secret");
	CHECK(stat(path, &before) == 0, "%m");
	CHECK(count_begin(&f, TODAY, &c) < 0 && f.why, "%s", what);
	CHECK(count_begin(&f, TODAY, &c) < 0, "%s, again", what);
	CHECK(stat(path, &after) == 0 && after.st_size == before.st_size,
	      "%s was written to", what);
}

static void
damaged(void)
{
	static char large[(COUNT_LINES + 1) * COUNT_LINE];
	struct count_file f;
	struct count c;
	char secret[16];

	write_file("what is this", 12);
	refuses("a text");
	write_file(large, COUNT_LINE);
	refuses("a block that was never written");
	unlink(path);
	open_as(&f, "secret");
	add(&f, TODAY, 1);
	CHECK(truncate(path, COUNT_LINE - 1) == 0, "%m");
	refuses("a line that was cut");
	write_file(large, sizeof(large));
	refuses("a large file");
	unlink(path);
	for (int i = 0; i < COUNT_LINES; i++) {
		snprintf(secret, sizeof(secret), "secret %d", i);
		open_as(&f, secret);
		add(&f, TODAY, 1);
		close(f.fd);
	}
	refuses("a full file");
	open_as(&f, "secret 0");
	CHECK(add(&f, TODAY, 1) == 2, "who is in it");
	CHECK(add(&f, 20270101, 1) == 1, "the next day");
	/* two files would be two counts */
	unlink(path);
	CHECK(count_begin(&f, TODAY, &c) < 0, "a file that is gone");
	CHECK(symlink("elsewhere", path) == 0, "%m");
	CHECK(count_open(&f, path, "secret", 6) < 0, "a link");
}

static void
open_budget(struct budget *b, const char *limit)
{
	*b = (struct budget){.per_day = 1};
	CHECK(budget_parse(b, limit) == 0, "%s", limit);
	open_as(&b->file, "secret");
}

/* What a request under way may use is held back from other processes, and is
 * spent where one is killed. */
static void
held(void)
{
	struct budget a, b;
	uint64_t held, other;
	int ready[2], status;
	char byte, text[256];
	pid_t pid;

	open_budget(&a, "tokens=300K");
	CHECK(!budget_begin(&a, 4, &held, &status) && held == 128001, "%llu",
	      (unsigned long long)held);
	CHECK(pipe(ready) == 0, "%m");
	pid = start();
	if (pid == 0) {
		open_budget(&b, "tokens=300K");
		CHECK(!budget_begin(&b, 4, &other, &status), "the second");
		CHECK(write(ready[1], "", 1) == 1, "%m");
		pause();
		_exit(0);
	}
	CHECK(read(ready[0], &byte, 1) == 1, "%m");
	CHECK(budget_begin(&a, 4, &other, &status) && status == 503, "%d",
	      status);
	kill(pid, SIGKILL);
	reap(pid);
	CHECK(strstr(budget_answer(&a, "budget", text, sizeof(text)),
		     " 2 0 0 0 0 300000"),
	      "%s", text);
	/* it is known now, and there is no room all the same */
	CHECK(budget_begin(&a, 4, &other, &status) && status == 503, "%d",
	      status);
	CHECK(strstr(budget_answer(&a, "budget", text, sizeof(text)),
		     " 2 0 0 0 128001 300000"),
	      "%s", text);
	budget_end(&a, 5, &held);
	CHECK(strstr(budget_answer(&a, "budget", text, sizeof(text)),
		     " 2 0 0 0 128006 300000"),
	      "%s", text);
	CHECK(!budget_begin(&a, 4, &held, &status), "%d", status);
	budget_end(&a, 171994, &held);
	CHECK(strstr(budget_begin(&a, 4, &held, &status), "of today") &&
		  status == 429,
	      "%d", status);
}

/* Only what there is can be raised, and it is told of once. */
static void
raised(void)
{
	static const char *const no[] = {"",
					 "raise",
					 "raise ",
					 "raise up=+1",
					 "raise tokens=1",
					 "raise tokens=+0",
					 "raise to=+1",
					 "raise tokens=+",
					 "raise tokens=+1 ",
					 "raise per=day"};
	struct budget b = {.limit = {[COUNT_TOKENS] = 5, [COUNT_REQUESTS] = 1}};
	uint64_t held;
	const char *why;
	char text[256];
	int status;

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		CHECK(strncmp(budget_answer(&b, no[i], text, sizeof(text)),
			      "no ", 3) == 0,
		      "'%s': %s", no[i], text);
	CHECK(!budget_begin(&b, -2, &held, &status), "%d", status);
	why = budget_begin(&b, -2, &held, &status);
	CHECK(strstr(why, "pen-ctl budget requests=+100"), "%s", why);
	CHECK(budget_tell(&b, why) && !budget_tell(&b, why), "once");
	CHECK(!budget_tell(&b, NULL) && !budget_tell(&b, "other"), "another");
	budget_answer(&b, "raise requests=+1K", text, sizeof(text));
	CHECK(strcmp(text, "budget run 1 1001 0 0 0 5") == 0, "%s", text);
	CHECK(!budget_begin(&b, -2, &held, &status), "%d", status);
	CHECK(budget_tell(&b, why), "anew");
}

static void
replay(const char *name)
{
	char line[COUNT_LINE] = "", again[COUNT_LINE];
	FILE *f = fopen(name, "r");
	struct count c;

	CHECK(f, "cannot read %s", name);
	if (fread(line, 1, COUNT_LINE, f) == COUNT_LINE &&
	    count_parse(line, &c) == 0) {
		count_format(&c, again);
		CHECK(memcmp(line, again, COUNT_LINE) == 0, "%s", name);
	}
	fclose(f);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} cases[] = {{"lines", lines},	   {"shared", shared},
		     {"killed", killed},   {"days", days},
		     {"damaged", damaged}, {"held", held},
		     {"raised", raised}};

	CHECK(argc > 2, "no case, or no file");
	for (int i = 2; i < argc && strcmp(argv[1], "corpus") == 0; i++)
		replay(argv[i]);
	path = argv[2];
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (strcmp(argv[1], cases[i].name) == 0)
			cases[i].run();
	return 0;
}
