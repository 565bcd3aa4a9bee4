#include "pen/comment.h"

#include <string.h>

/* What ends a word that is not quoted. */
#define DELIMITERS " \t\r\n\"'#={}()+,*"

/* Behind the variable at s, "${NAME:-text}", quotes in it or not; or NULL. */
static char *
variable_end(char *s)
{
	char *end = s[0] == '$' && s[1] == '{' ? strchr(s, '}') : NULL;

	return end ? end + 1 : NULL;
}

/* Behind the string that begins at s; the end of the text if it has none. */
static char *
string_end(char *s)
{
	char quote = *s++, *end;

	while (*s && *s != quote) {
		end = quote == '"' ? variable_end(s) : NULL;
		if (end)
			s = end;
		else
			s += *s == '\\' && s[1] ? 2 : 1;
	}
	return *s ? s + 1 : s;
}

/* Behind the comment that begins at s; or NULL when none does. */
static char *
comment_end(char *s)
{
	char *end;

	if (*s == '#' || strncmp(s, "//", 2) == 0)
		return s + strcspn(s, "\n");
	if (strncmp(s, "/*", 2) != 0)
		return NULL;
	end = strstr(s + 2, "*/");
	return end ? end + 2 : NULL;
}

void
comment_blank(char *s)
{
	char *end;

	while (*s) {
		if (*s == '"' || *s == '\'') {
			s = string_end(s);
		} else if ((end = comment_end(s))) {
			for (; s < end; s++)
				if (*s != '\n')
					*s = ' ';
		} else if ((end = variable_end(s))) {
			s = end;
		} else {
			end = s + strcspn(s, DELIMITERS);
			s = end > s ? end : s + 1;
		}
	}
}
