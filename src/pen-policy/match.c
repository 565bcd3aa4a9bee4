#include "pen-policy/match.h"

static int
test_holds(const struct policy_test *t, const uint64_t args[6])
{
	uint32_t value = (uint32_t)args[t->arg] & t->mask;
	int found = 0;

	for (size_t i = 0; i < t->count; i++)
		found |= t->values[i] == value;
	switch (t->op) {
	case POLICY_ALWAYS:
		return 1;
	case POLICY_IN:
		return found;
	case POLICY_NOT_IN:
		return !found;
	case POLICY_ANY:
		return value != 0;
	}
	return 1;
}

int
match_row(const struct policy_row *row, const uint64_t args[6])
{
	for (size_t i = 0; i < POLICY_TESTS; i++)
		if (!test_holds(&row->tests[i], args))
			return 0;
	return 1;
}
