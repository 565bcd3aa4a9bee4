#include "pen-policy/list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void
print_row(const char *answer, const char *number, const char *name,
	  const char *group, const char *where)
{
	printf("%-12s  %-7s  %-23s  %s%*s%s\n", answer, number, name, group,
	       *where ? 12 - (int)strlen(group) : 0, "", where);
}

static const char *
answer_name(int answer)
{
	switch (answer) {
	case EPERM:
		return "EPERM";
	case ENOSYS:
		return "ENOSYS";
	case ENOTTY:
		return "ENOTTY";
	case EAFNOSUPPORT:
		return "EAFNOSUPPORT";
	}
	return "?";
}

int
list_print(enum policy_arch arch, unsigned relaxed)
{
	const struct policy_arch_info *info = &policy_archs[arch];
	char number[32];

	print_row("ANSWER", "NUMBER", "SYSCALL", "GROUP", "WHERE");
	print_row("KILL_PROCESS", "any", "*", "foreign", info->killed);
	snprintf(number, sizeof(number), "%u-%u", info->first_hole,
		 info->last_hole);
	print_row("ENOSYS", number, "*", "unknown", "");
	snprintf(number, sizeof(number), "%d-", POLICY_CEILING + 1);
	print_row("ENOSYS", number, "*", "unknown", "");
	for (size_t i = 0; i < policy_count; i++) {
		const struct policy_row *row = &policy_rows[i];

		if (policy_numbers[arch][i] < 0 ||
		    !policy_applies(row, relaxed))
			continue;
		snprintf(number, sizeof(number), "%d", policy_numbers[arch][i]);
		print_row(answer_name(row->answer), number, row->syscall,
			  row->group, row->where ? row->where : "");
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : -1;
}
