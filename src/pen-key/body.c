#include "pen-key/body.h"

#include <string.h>
#include <zstd.h>

/* 2 MiB is what level 3 uses, and Codex with it. */
#define WINDOW_LOG 21

static unsigned decoders;

int
body_begin(struct body *b, const struct api *api, int zstd)
{
	b->zstd = NULL;
	b->at_end = 0;
	b->why = NULL;
	members_init(&b->members, api);
	if (!zstd)
		return 0;
	if (decoders == BODY_ZSTD_MAX) {
		b->why = "there are too many bodies in zstd at a time";
		return -1;
	}
	b->zstd = ZSTD_createDStream();
	if (!b->zstd) {
		b->why = "there is no memory for zstd";
		return -1;
	}
	decoders++;
	ZSTD_DCtx_setParameter(b->zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
	return 0;
}

static int
scan_zstd(struct body *b, const void *p, size_t n)
{
	ZSTD_inBuffer in = {p, n, 0};
	uint8_t text[16384];

	for (;;) {
		ZSTD_outBuffer out = {text, sizeof(text), 0};
		size_t r;

		/* what is behind a frame would be another, which some read */
		if (b->at_end && in.pos < in.size) {
			b->why = "there is something behind the zstd frame";
			return -1;
		}
		r = ZSTD_decompressStream(b->zstd, &out, &in);
		if (ZSTD_isError(r)) {
			b->why = "the body is not zstd, or has a window of "
				 "more than 2 MiB";
			return -1;
		}
		b->at_end = r == 0;
		if (members_scan(&b->members, text, out.pos) < 0) {
			b->why = b->members.why;
			return -1;
		}
		if (in.pos == in.size && out.pos < out.size)
			return 0;
		if (b->at_end && in.pos == in.size)
			return 0;
	}
}

int
body_scan(struct body *b, const void *p, size_t n)
{
	if (b->members.api == &api_any || n == 0)
		return 0;
	if (b->zstd)
		return scan_zstd(b, p, n);
	if (members_scan(&b->members, p, n) < 0) {
		b->why = b->members.why;
		return -1;
	}
	return 0;
}

int
body_end(struct body *b)
{
	if (b->members.api == &api_any)
		return 0;
	if (b->zstd && !b->at_end)
		b->why = "the body is not whole";
	else if (members_end(&b->members) < 0)
		b->why = b->members.why;
	return b->why ? -1 : 0;
}

void
body_free(struct body *b)
{
	if (!b->zstd)
		return;
	ZSTD_freeDStream(b->zstd);
	b->zstd = NULL;
	decoders--;
}
