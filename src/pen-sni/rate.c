#include "pen-sni/rate.h"

void
rate_init(struct rate *r, unsigned burst, unsigned every_ms)
{
	*r = (struct rate){burst, every_ms, burst, 0};
}

int
rate_take(struct rate *r, int64_t now)
{
	int64_t fresh = (now - r->filled) / r->every_ms;

	if (fresh > 0) {
		int64_t sum = r->tokens + fresh;

		r->tokens = sum > r->burst ? r->burst : (unsigned)sum;
		r->filled += fresh * r->every_ms;
	}
	if (r->tokens == 0)
		return -1;
	r->tokens--;
	return 0;
}
