/*
 * sequence: which control sequences of the inside pass to the user's terminal.
 * Pure.  Each function is told a complete sequence of n bytes, says whether it
 * passes, and notes what it switches.  What a terminal must be told in its
 * place, or before it, is written to o.
 */
#ifndef SHELL_SEQUENCE_H
#define SHELL_SEQUENCE_H

#include "pen-shell/switched.h"
#include "pen-shell/text.h"

/* "ESC [ … final". */
int sequence_csi(struct switched *w, const unsigned char *h, size_t n,
		 struct text *o);

/* "ESC final". */
int sequence_escape(struct switched *w, unsigned char final);

/* "ESC intermediate final". */
int sequence_escape_mid(struct switched *w, const unsigned char *h, size_t n);

/* "ESC kind …", a string without its end, or the beginning of a long one. */
int sequence_string(struct switched *w, unsigned char kind,
		    const unsigned char *h, size_t n);

/* Whether the string is a title; its text begins at h[*text]. */
int sequence_is_title(unsigned char kind, const unsigned char *h, size_t n,
		      size_t *text);

#endif
