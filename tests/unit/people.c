// needs: pen/people
/* people: who is left of passwd(5) and group(5) */
#include "pen/people.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/sni_check.h"

static const gid_t groups[] = {1234, 27, 5000};
static struct people p = {.uid = 1234, .groups = groups, .groups_n = 3};

#define ROOT "root:x:0:0:root:/root:/bin/sh\n"
#define NOBODY "nobody:x:65534:65534::/:/bin/false\n"
#define ME "me:x:1234:1234:Me,,,:/home/me:/bin/zsh\n"

static void
passwd(const char *text, const char *own, const char *want)
{
	char *have = people_passwd(&p, text, own);

	CHECK(strcmp(have, want) == 0, "'%s' became '%s'", text, have);
	free(have);
}

static void
group(const char *text, const char *own, const char *want)
{
	char *have = people_group(&p, text, own, ROOT ME);

	CHECK(strcmp(have, want) == 0, "'%s' became '%s'", text, have);
	free(have);
}

int
main(void)
{
	people_ranges(&p, NULL);
	passwd(ROOT "other:x:1000:1000::/home/other:/bin/sh\n" NOBODY ME, "x\n",
	       ROOT NOBODY ME);
	passwd("root:$6$hash:0:0:root:/root:/bin/sh\n"
	       "home:x:60100:60100::/:/bin/sh\nlibvirt:x:64055:108::/:/x\n",
	       ME, ROOT "libvirt:x:64055:108::/:/x\n" ME);
	passwd("+::::::\nbad\n:x:0:0::/:\na:x:-1:0::/:\nb:x:99999999999:0::/:\n"
	       "c:x:1",
	       NULL, "");
	passwd("late:x:2:2::/:/bin/sh", NULL, "late:x:2:2::/:/bin/sh\n");
	group("root:x:0:\nteam:x:5000:other,me\nothers:x:1000:\n"
	      "sudo:x:27:other,me,root\nme:x:1234:\n",
	      "x\n",
	      "root:x:0:\nteam:x:5000:me\nsudo:x:27:me,root\nme:x:1234:\n");
	group("root:!:0:other\n", "me:x:1234:\n", "root:x:0:\nme:x:1234:\n");
	people_ranges(&p, "# UID_MIN 7\nUID_MIN\t500\nUID_MAX x\nGID_MIN  600");
	CHECK(p.uid_min == 500 && p.uid_max == 60000 && p.gid_min == 600 &&
		  p.gid_max == 60000,
	      "login.defs was read wrongly");
	passwd("old:x:501:501::/:/x\nsys:x:499:499::/:/x\n", NULL,
	       "sys:x:499:499::/:/x\n");
	CHECK(people_has(ME, "me") && !people_has(ME, "m") &&
		  people_has_id(ME, 1234) && !people_has_id(ME, 123),
	      "who is there");
	return 0;
}
