/* A query is read and answered; the answer is no query. */
#include "lib/dns.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum dns_rcode
found(void *arg, const struct dns_question *q, uint32_t *address)
{
	(void)arg;
	*address = 0xc6120001;
	return q->canonical ? DNS_NOERROR : DNS_NXDOMAIN;
}

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
	len = dns_reply(data, n, found, NULL, out);
	if (len == 0 || len > sizeof(out) ||
	    dns_parse(out, len, &q) != DNS_DROP)
		abort();
	return 0;
}
