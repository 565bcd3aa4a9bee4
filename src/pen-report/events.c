#include "pen-report/events.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"
#include "lib/mem.h"

#define EVENTS_MAX ((size_t)16 << 20)

/* Beyond these the account is not whole.  A name that was made and removed a
 * thousand times is one of them. */
#define FOUND_MAX 256

static void
add_found(struct account *a, const char *path, enum account_class class,
	  const char *note, unsigned *found)
{
	struct account_entry *e;
	char *shown = account_shown(a->m, path);

	for (size_t i = 0; i < a->n; i++)
		if (a->v[i].note && strcmp(a->v[i].path, shown) == 0 &&
		    strcmp(a->v[i].note, note) == 0) {
			free(shown);
			return;
		}
	free(shown);
	if (++*found > FOUND_MAX)
		return;
	e = account_add(a, path,
			class == ACCOUNT_HELD ? CHANGE_HELD : CHANGE_CHANGED,
			class, "git");
	e->note = mem_copy(note);
	e->tell = 1;
}

/* Whether it is the last one, without which there is more to know. */
static int
take_event(struct account *a, const json_t *o, unsigned *found,
	   struct strv *limits)
{
	const char *event = json_string_value(json_object_get(o, "event"));
	const char *path = json_string_value(json_object_get(o, "path"));

	if (!event)
		return 0;
	if (path && *path == '/') {
		if (strcmp(event, "moved-away") == 0)
			add_found(a, path, ACCOUNT_HELD,
				  "appeared during the run, and was removed",
				  found);
		else if (strcmp(event, "appeared") == 0)
			add_found(a, path, ACCOUNT_OBEYED,
				  "appeared during the run", found);
		else if (strcmp(event, "mount-lost") == 0)
			add_found(a, path, ACCOUNT_OBEYED,
				  "for a moment the run could write to the "
				  "host's file",
				  found);
		else if (strcmp(event, "full") == 0)
			strv_push(&a->full, account_shown(a->m, path));
		else if (strcmp(event, "mount-gone") == 0)
			add_found(a, path, ACCOUNT_OBEYED,
				  "the host replaced it during the run, which "
				  "could write to it from then on",
				  found);
	}
	if (strcmp(event, "overflow") == 0)
		strv_push(&a->why, mem_copy("too much happened at once for "
					    "the watch"));
	else if (strcmp(event, "clock-set") == 0)
		strv_push(&a->why,
			  mem_copy("the clock was set during the run"));
	else if (strcmp(event, "overlay-full") == 0)
		strv_push(limits,
			  mem_copy("the run was ended: its overlay held more "
				   "than overlay_size; pen.conf raises it"));
	else if (strcmp(event, "disk-full") == 0)
		strv_push(limits,
			  mem_copy("the run was ended: the disk that its "
				   "overlay is on was almost full"));
	else if (strcmp(event, "unmeasured") == 0)
		strv_push(limits,
			  mem_copy("the run was ended: what measures its "
				   "overlay has died"));
	return strcmp(event, "end") == 0;
}

void
events_read(struct account *a, int fd, struct strv *limits)
{
	unsigned found = 0;
	int ended = 0;
	size_t n;
	char *text, *line, *rest;

	lseek(fd, 0, SEEK_SET);
	text = fd_read_all(fd, EVENTS_MAX, &n);
	if (!text) {
		strv_push(&a->why, mem_copy("what the watch saw cannot be "
					    "read"));
		return;
	}
	for (line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		json_t *o = json_loads(line, 0, NULL);

		ended |= take_event(a, o, &found, limits);
		json_decref(o);
	}
	if (found > FOUND_MAX)
		strv_push(&a->why, mem_copy("more names appeared than are "
					    "listed"));
	if (!ended)
		strv_push(&a->why, mem_copy("pen-watch ended before the run "
					    "did"));
	free(text);
}
