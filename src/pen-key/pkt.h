/*
 * pkt: what a push begins with: git's pkt-lines that say which refs become
 * what.  Pure: the bytes are a hostile program's.
 *
 * They are read as git-receive-pack(1) reads them.  What another server could
 * read in another way is refused: lines behind the first with capabilities, an
 * empty line, a delimiter, a name that git would not take, capabilities that
 * have the server read more than this does, and signed pushes, whose commands
 * are in a certificate.
 */
#ifndef KEY_PKT_H
#define KEY_PKT_H

#include <stddef.h>
#include <stdint.h>

/* Of all commands; a line has at most 65520. */
#define PKT_PUSH_MAX 65536
#define PKT_UPDATES_MAX 128
#define PKT_REF_MAX 200

/* Offsets in the text. */
struct pkt_update {
	uint32_t oid, ref, ref_n; /* the old object, and behind it the new */
	int deletes;
};

/* Begin with all zero. */
struct pkt_push {
	char text[PKT_PUSH_MAX]; /* the commands as they came */
	size_t n, line;		 /* of it; where the line begins */
	size_t oid_n;		 /* of SHA-1 or SHA-256, in hexadecimal */
	struct pkt_update update[PKT_UPDATES_MAX];
	size_t updates;
	int reports, banded; /* the answer: report-status, side-band-64k */
	const char *why;     /* static */
};

enum pkt_state { PKT_MORE, PKT_DONE, PKT_BAD };

/*
 * Takes *used of the n bytes at data, which follow those that it had.  With
 * PKT_DONE the commands are complete, and the rest is the pack.
 */
enum pkt_state pkt_scan(struct pkt_push *p, const void *data, size_t n,
			size_t *used);

/*
 * Writes the answer that git shows when nothing of a push was done, with why[i]
 * for each update, to out; at most size bytes.  Returns its length.
 */
size_t pkt_refuse(const struct pkt_push *p, const char *const *why, char *out,
		  size_t size);

#endif
