/* class PATH… : who obeys each, and how much of the path that is of. */
// needs: pen-report/class
#include "pen-report/class.h"

#include "../lib/sni_check.h"

int
main(int argc, char **argv)
{
	static const char *const words[] = {"not", "asked", "git", "told"};

	for (int i = 1; i < argc; i++) {
		struct obeyer o = class_of(argv[i]);

		printf("%s %s %.*s\n", words[o.obeyed], o.by ? o.by : "-",
		       (int)class_part(argv[i]), argv[i]);
	}
	CHECK(argc > 1, "usage");
	return 0;
}
