#include "pen-report/draft_note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/beneath.h"
#include "lib/sha.h"

int
draft_note_is_newer(const struct drafts *d, const char *path, const char *run,
		    const struct timespec *time)
{
	const json_t *note = json_object_get(d->base, path);
	const char *by = json_string_value(json_object_get(note, "run"));
	json_int_t sec = json_integer_value(json_object_get(note, "sec"));
	json_int_t nsec = json_integer_value(json_object_get(note, "nsec"));

	if (!by || strcmp(by, run) == 0)
		return 0;
	return sec != time->tv_sec ? sec > time->tv_sec : nsec >= time->tv_nsec;
}

void
draft_note_set(struct drafts *d, const char *path,
	       const struct draft_note *note)
{
	char sha[2 * SHA256_SIZE + 1], mode[16];
	struct stat st;
	struct timespec now;
	size_t n;
	char *text = beneath_read(d->host, path + 1, DRAFT_MAX, &n, &st);
	json_t *o = json_pack("{s:s, s:s, s:b, s:b}", "by", note->by, "merge",
			      note->merge, "tracked", note->tracked, "quiet",
			      note->quiet);

	if (text) {
		sha256_text(text, n, sha);
		snprintf(mode, sizeof(mode), "%o",
			 (unsigned)st.st_mode & 07777);
		json_object_set_new(o, "mode", json_string(mode));
	}
	json_object_set_new(o, "sha256", text ? json_string(sha) : json_null());
	/* the clock that file systems take their times from */
	if (note->run && clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0) {
		json_object_set_new(o, "run", json_string(note->run));
		json_object_set_new(o, "sec", json_integer(now.tv_sec));
		json_object_set_new(o, "nsec", json_integer(now.tv_nsec));
	}
	if (note->own) {
		json_t *own = json_array();

		for (size_t i = 0; i < note->own->n; i++)
			json_array_append_new(own,
					      json_string(note->own->v[i]));
		json_object_set_new(o, "own", own);
	}
	/* a name that is not UTF-8 has no note, and is compared with nothing */
	json_object_set_new(d->base, path, o);
	free(text);
}
