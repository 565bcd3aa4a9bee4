/* names DIR: a line for each name on stdin, "lacks" or "may", and how often in
 * 1000 a name that is not there is told so */
#include "lib/names.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../lib/sni_check.h"

int
main(int argc, char **argv)
{
	static struct names n;
	char name[512];
	int dir, told = 0;

	CHECK(argc == 2, "which directory?");
	dir = open(argv[1], O_PATH | O_DIRECTORY);
	CHECK(dir >= 0, "cannot open %s", argv[1]);
	/* the first few are not worth the reading */
	CHECK(!names_lack(&n, dir, "none"), "it was read for one question");
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "none-%d", i);
		told += names_lack(&n, dir, name);
	}
	while (fgets(name, sizeof(name), stdin)) {
		name[strcspn(name, "\n")] = '\0';
		printf("%s %s\n", names_lack(&n, dir, name) ? "lacks" : "may",
		       name);
	}
	printf("%d\n", told);
	close(dir);
	return 0;
}
