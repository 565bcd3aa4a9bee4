#include "pen-review/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/mem.h"
#include "pen-review/keep.h"
#include "pen-review/show.h"
#include "pen-review/undo.h"

static const char help[] = "y - keep it: the host gets it\n"
			   "n - leave it held back\n"
			   "d - drop it\n"
			   "a - keep it and all that follow\n"
			   "q - leave it and all that follow held back\n"
			   "? - print this\n";

/* The first letter of a line; 'q' at the end of input. */
static int
read_answer(void)
{
	char line[256];
	int c;

	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		return 'q';
	if (!strchr(line, '\n'))
		while ((c = getchar()) != '\n' && c != EOF)
			;
	return line[0];
}

/* What is to become of the draft, or of a key of it. */
static int
ask(const char *shown, const char *key)
{
	size_t n = strlen(shown);
	char *seen = mem_alloc(4 * n + 5);
	size_t k = key ? strlen(key) : 0;
	char *what = mem_alloc(4 * k + 5);
	int answer;

	err_visible(seen, 4 * n + 5, shown, n);
	err_visible(what, 4 * k + 5, key ? key : "", k);
	for (;;) {
		printf("Keep %s%s%s [y,n,d,a,q,?]? ", seen, key ? "#" : "",
		       what);
		answer = read_answer();
		if (answer && strchr("yndaq", answer))
			break;
		fputs(help, stdout);
	}
	free(seen);
	free(what);
	return answer;
}

/* 0, or 1 where it could not be done. */
static int
apply_answer(struct drafts *d, struct draft *draft, const char *key, int answer,
	     struct undo *u)
{
	if (answer == 'd')
		return keep_drop(d, draft, key, u) < 0;
	if (answer == 'y' || answer == 'a')
		return keep_draft(d, draft, key, 1, u) < 0;
	return 0;
}

int
ask_drafts(struct drafts *d)
{
	struct undo u;
	int answer = 0, bad = 0, colours;

	undo_begin(&u, d->p);
	for (size_t i = 0; i < d->n && answer != 'q'; i++) {
		struct draft *draft = &d->v[i];
		FILE *out;

		if (draft->quiet || (draft->aside && answer == 'a'))
			continue;
		if (answer != 'a') {
			out = show_begin(&colours);
			show_draft(out, d, draft, colours);
			show_end(out);
		}
		if (!draft->rules) {
			if (answer != 'a')
				answer = ask(draft->shown, NULL);
			bad += apply_answer(d, draft, NULL, answer, &u);
			continue;
		}
		for (size_t k = 0; k < draft->keys.n && answer != 'q'; k++) {
			const char *key = draft->keys.v[k].name;

			if (draft->keys.v[k].own)
				continue;
			if (answer != 'a')
				answer = ask(draft->shown, key);
			bad += apply_answer(d, draft, key, answer, &u);
		}
	}
	undo_end(&u);
	drafts_save(d);
	return bad;
}
