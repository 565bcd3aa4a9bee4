#include "lib/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

const char *err_prog = "pen";
int err_status, err_levels;
void (*err_last)(void);
const char *(*err_words)(const char *fmt);
void (*err_write)(const char *line, size_t n);

/*
 * Length of the well-formed UTF-8 sequence of a printable character at s, or 0
 * (Unicode 15, table 3-7; U+0080–U+009F are C1 controls, U+202A–U+202E and
 * U+2066–U+2069 reorder what follows and are made visible too).
 */
static size_t
utf8_printable(const unsigned char *s, size_t n)
{
	size_t len;
	unsigned long c;

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	len = s[0] >= 0xc2 && s[0] < 0xe0   ? 2
	      : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
	      : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
					    : 0;
	if (len == 0 || len > n)
		return 0;
	c = s[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000))
		return 0;
	if (c < 0xa0 || (c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;
	if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
		return 0;
	return len;
}

char *
err_visible(char *dst, size_t size, const char *src, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)src;
	size_t o = 0;

	while (n > 0) {
		size_t len = utf8_printable(s, n);

		if (o + (len ? len : 4) >= size)
			break;
		if (len) {
			memcpy(dst + o, s, len);
			o += len;
		} else {
			dst[o++] = '\\';
			dst[o++] = 'x';
			dst[o++] = hex[*s >> 4];
			dst[o++] = hex[*s & 15];
			len = 1;
		}
		s += len;
		n -= len;
	}
	dst[o] = '\0';
	return dst;
}

__attribute__((format(printf, 3, 0))) static void
write_message(int level, const char *who, const char *fmt, va_list ap)
{
	char raw[4096], line[sizeof(raw) * 4 + 64];
	int n, o;

	n = vsnprintf(raw, sizeof(raw), err_words ? err_words(fmt) : fmt, ap);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(raw))
		n = sizeof(raw) - 1;
	o = err_levels ? snprintf(line, 64, "<%d>%s: ", level, who)
		       : snprintf(line, 64, "%s: ", who);
	err_visible(line + o, sizeof(line) - (size_t)o - 1, raw, (size_t)n);
	o = (int)strlen(line);
	line[o++] = '\n';
	if (err_write)
		err_write(line, (size_t)o);
	else if (write(STDERR_FILENO, line, (size_t)o) < 0)
		return; /* nobody left to tell */
}

void
err_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_message(LOG_WARNING, err_prog, fmt, ap);
	va_end(ap);
}

void
err_hint(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_message(LOG_INFO, "hint", fmt, ap);
	va_end(ap);
}

void
err_exit(int status)
{
	void (*last)(void) = err_last;

	err_last = NULL;
	if (last)
		last();
	_exit(err_status ? err_status : status);
}

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_message(LOG_ERR, err_prog, fmt, ap);
	va_end(ap);
	err_exit(status);
}

void
die_hint(const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_message(LOG_ERR, err_prog, fmt, ap);
	va_end(ap);
	if (hint)
		err_hint("%s", hint);
	err_exit(ERR_TOOL);
}
