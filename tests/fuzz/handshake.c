/*
 * What a client sends behind its ClientHello, in steps whose size is the first
 * byte; the second chooses the server's answer.
 */
#include "pen-sni/handshake.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct handshake h = {.name = "a.test", .state = HANDSHAKE_WAIT};
	size_t step, went = 0;

	if (n < 2)
		return 0;
	h.state = data[1] % 2 ? HANDSHAKE_RETRY : HANDSHAKE_REST;
	step = (size_t)data[0] + 1;
	data += 2;
	n -= 2;
	for (size_t have = 0; have < n;) {
		ssize_t r;

		have = n - have < step ? n : have + step;
		r = handshake_judge(&h.look, data + went, have - went);
		if (r < 0)
			return 0;
		if ((size_t)r > have - went)
			abort();
		went += (size_t)r;
		if (h.state == HANDSHAKE_DONE && went != have)
			abort();
	}
	return 0;
}
