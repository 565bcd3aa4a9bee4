// needs: pen-shell/screen pen-shell/sequence pen-shell/switched
// needs: pen-shell/title pen-shell/restore pen-shell/text pen-shell/tty
/* relay FILE…: replays the fuzzer's corpus. */
#include "../fuzz/relay.h"

#include <stdio.h>

#include "../lib/sni_check.h"

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		static uint8_t data[65536];
		FILE *f = fopen(argv[i], "r");
		unsigned char *exact;
		size_t n;

		CHECK(f, "cannot read %s", argv[i]);
		n = fread(data, 1, sizeof(data), f);
		fclose(f);
		exact = check_exact(data, n);
		fuzz_relay(exact, n);
		free(exact);
	}
	CHECK(argc > 1, "no file named");
	return 0;
}
