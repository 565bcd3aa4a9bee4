/* A query is read and answered; the answer is no query. */
#include "pen-sni/dns.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const uint8_t address[16] = {198, 18, 0, 2};
	uint8_t out[DNS_MAX];
	struct dns_question q;
	enum dns_rcode code = dns_parse(data, n, &q);
	size_t len;

	if (code == DNS_DROP)
		return 0;
	len = dns_answer(data, &q, code, address, 16, out);
	if (len > sizeof(out) || dns_parse(out, len, &q) != DNS_DROP)
		abort();
	return 0;
}
