#include "pen/quote.h"

#include <stdio.h>
#include <string.h>

#include "lib/mem.h"

#define PLAIN                                                            \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" \
	"_@%+=:,./-"

/* $'…': what is not printable ASCII in octal, always three digits. */
static char *
quote_bytes(const char *word)
{
	char *out = mem_alloc(strlen(word) * 4 + 4), *o = out;

	*o++ = '$';
	*o++ = '\'';
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (c == '\n') {
			*o++ = '\\';
			c = 'n';
		} else if (c < 0x20 || c > 0x7e) {
			*o++ = '\\';
			*o++ = (char)('0' + (c >> 6));
			*o++ = (char)('0' + (c >> 3 & 7));
			*o++ = (char)('0' + (c & 7));
			continue;
		} else if (c == '\'' || c == '\\')
			*o++ = '\\';
		*o++ = (char)c;
	}
	*o++ = '\'';
	return out;
}

char *
quote_word(const char *word)
{
	if (*word && word[strspn(word, PLAIN)] == '\0')
		return mem_copy(word);
	for (const char *s = word; *s; s++)
		if (*s == '\'' || *s < 0x20 || *s == 0x7f)
			return quote_bytes(word);
	return mem_printf("'%s'", word);
}

char *
quote_fish(const char *word)
{
	char *out = mem_alloc(strlen(word) * 2 + 3), *o = out;

	*o++ = '\'';
	for (; *word; word++) {
		if (*word == '\'' || *word == '\\')
			*o++ = '\\';
		*o++ = *word;
	}
	*o++ = '\'';
	return out;
}
