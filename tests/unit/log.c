// needs: pen-sni/log pen-sni/line pen-sni/rate
/* log: which events are in its files, and what counts those that are not. */
#include "pen-sni/log.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/sni_check.h"

#define PART (2LL << 20)

static struct log log_;

static void
refuse(const char *name, int64_t now)
{
	log_event(&log_, now,
		  &(struct event){.kind = "dns",
				  .verdict = "refused",
				  .always = 1,
				  .name = name,
				  .allow = name,
				  .why = "not allowed"});
}

/* A canonical name of 250 octets that ends in a number. */
static const char *
long_name(unsigned i)
{
	static char name[256];

	snprintf(name, sizeof(name), "%060u.%060u.%060u.%060u.test", 0, 0, 0,
		 i);
	return name;
}

static long long
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) < 0 ? -1 : (long long)st.st_size;
}

/* The bytes that a file takes on the disk, the reserved ones too. */
static long long
room_of(const char *path)
{
	struct stat st;

	CHECK(stat(path, &st) == 0, "%s: %m", path);
	return (long long)st.st_blocks * 512;
}

/* Fills all three files more than once. */
static void
beginning(void)
{
	log_init(&log_, "log");
	refuse("the-first.test", 1);
	for (unsigned i = 0; i < 20000; i++)
		refuse(long_name(i), 2);
	refuse("the-last.test", 3);
	log_close(&log_, 3);
	CHECK(size_of("log") >= PART && size_of("log") < PART + 4096, "log");
	CHECK(size_of("log.1") > 0 && size_of("log.1") < PART + 4096, "log.1");
	CHECK(size_of("log.2") > 0 && size_of("log.2") < PART + 4096, "log.2");
	CHECK(size_of("log.3") < 0, "a fourth");
}

/* The file may not grow any more, as if the disk was full, and then may. */
static void
limit(rlim_t n)
{
	struct rlimit r;

	CHECK(getrlimit(RLIMIT_FSIZE, &r) == 0, "getrlimit");
	r.rlim_cur = n;
	CHECK(setrlimit(RLIMIT_FSIZE, &r) == 0, "setrlimit");
}

static void
full(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGXFSZ, &ignore, NULL);
	log_init(&log_, "log");
	refuse("before.test", 1000);
	/* half of the next line has room */
	limit((rlim_t)size_of("log") + 50);
	for (unsigned i = 0; i < 7; i++)
		refuse("lost.test", 2000 + i);
	CHECK(log_retry(&log_, 4000) == 2000, "since the first that was lost");
	CHECK(log_.unwritten.events == 7 && log_.unwritten.refused == 7,
	      "counted");
	limit(RLIM_INFINITY);
	CHECK(log_retry(&log_, 5000) == 0, "written again");
	CHECK(log_retry(&log_, 6000) == 0, "once");
	refuse("after.test", 7000);
	log_close(&log_, 7000);
}

/* What is in the file's place goes away after a while. */
static void
in_the_way(void)
{
	CHECK(mkdir("log", 0700) == 0, "mkdir");
	log_init(&log_, "log");
	refuse("lost.test", 1000);
	CHECK(log_retry(&log_, 1500) == 500, "it is still there");
	CHECK(rmdir("log") == 0, "rmdir");
	refuse("after.test", 2000);
	log_close(&log_, 2000);
}

static void
reserved(void)
{
	log_init(&log_, "log");
	refuse("a.test", 1);
	CHECK(room_of("log") >= PART, "%lld", room_of("log"));
	log_close(&log_, 2);
	CHECK(room_of("log") < PART / 4, "%lld", room_of("log"));
}

static void
odd_names(void)
{
	char name[255];

	log_init(&log_, "log");
	memset(name, 1, sizeof(name));
	log_event(&log_, 1,
		  &(struct event){.kind = "dns",
				  .name = name,
				  .name_len = sizeof(name),
				  .always = 1});
	CHECK(size_of("log") < 400, "%lld", size_of("log"));
	refuse(long_name(7), 1);
	log_close(&log_, 1);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} tests[] = {{"beginning", beginning},
		     {"full", full},
		     {"in-the-way", in_the_way},
		     {"reserved", reserved},
		     {"odd-names", odd_names}};

	for (size_t i = 0; i < sizeof(tests) / sizeof(*tests); i++)
		if (argc == 2 && strcmp(argv[1], tests[i].name) == 0) {
			tests[i].run();
			return 0;
		}
	return 2;
}
