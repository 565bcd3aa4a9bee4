/*
 * sha: SHA-1 and SHA-256 (FIPS 180-4).  SHA-1 is here for git's objects, which
 * are named by it; whoever can choose both of two texts can make them collide.
 * Pure.
 */
#ifndef PEN_SHA_H
#define PEN_SHA_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_SIZE 20
#define SHA256_SIZE 32

struct sha {
	uint32_t h[8];
	uint64_t n;  /* bytes so far */
	size_t size; /* of the digest */
	uint8_t block[64];
};

/* Begins a digest of size bytes, SHA1_SIZE or SHA256_SIZE. */
void sha_start(struct sha *s, size_t size);

/* Adds n bytes. */
void sha_add(struct sha *s, const void *p, size_t n);

/* Writes the digest, s->size bytes, and ends s. */
void sha_end(struct sha *s, uint8_t *out);

/* Writes the SHA-256 of n bytes as 64 hexadecimal digits and a NUL. */
void sha256_text(const void *p, size_t n, char out[2 * SHA256_SIZE + 1]);

#endif
