#include "pen-shell/title.h"

#include <stdio.h>
#include <string.h>

void
title_save(struct switched *w, struct text *o)
{
	if (!(w->dirty & DIRTY_TITLE))
		text_string(o, "\033[22;0t");
	w->dirty |= DIRTY_TITLE;
}

static void
put_mark(const struct switched *w, struct text *o)
{
	size_t n = strnlen(w->mark, sizeof(w->mark));

	if (n > 0)
		text_bytes(o, w->mark, n);
	else if (w->policy.title == SCREEN_TITLE_MARK)
		text_string(o, "[pen] ");
}

/* What the user had is on the stack. */
void
title_show(const struct switched *w, struct text *o)
{
	size_t n = w->title_n < sizeof(w->title) ? w->title_n : 0;
	size_t at = w->title_at < n ? w->title_at : n;

	if (n == 0 && !w->mark[0])
		return;
	if (n > 0)
		text_bytes(o, w->title, at);
	else
		text_string(o, "\033]2;");
	put_mark(w, o);
	text_bytes(o, w->title + at, n - at);
	text_string(o, "\033\\");
}

void
title_set(struct switched *w, const unsigned char *h, size_t n, size_t at,
	  struct text *o)
{
	if (w->policy.title == SCREEN_TITLE_DENY)
		return;
	title_save(w, o);
	text_bytes(o, h, at);
	put_mark(w, o);
	text_bytes(o, h + at, n - at);
	text_string(o, "\033\\");
	w->title_n = n < sizeof(w->title) ? n : 0;
	w->title_at = at;
	memcpy(w->title, h, w->title_n);
}

void
title_mark(struct switched *w, const char *news, struct text *o)
{
	w->mark[0] = '\0';
	if (news) {
		title_save(w, o);
		snprintf(w->mark, sizeof(w->mark), "[pen: %.*s] ",
			 SCREEN_MARK - 10, news);
	}
	if (news || w->title_n > 0)
		title_show(w, o);
	else if (w->dirty & DIRTY_TITLE)
		text_string(o, "\033[23;0t\033[22;0t");
}
