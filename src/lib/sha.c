#include "lib/sha.h"

#include <string.h>

static const uint32_t start1[] = {0x67452301, 0xefcdab89, 0x98badcfe,
				  0x10325476, 0xc3d2e1f0};
static const uint32_t start256[] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372,
				    0xa54ff53a, 0x510e527f, 0x9b05688c,
				    0x1f83d9ab, 0x5be0cd19};

/* The first bits of the cube roots of the first 64 primes. */
static const uint32_t k256[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t
rotate_left(uint32_t v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static uint32_t
rotate_right(uint32_t v, unsigned n)
{
	return v >> n | v << (32 - n);
}

static void
load_block(uint32_t *w, const uint8_t *p)
{
	for (int i = 0; i < 16; i++, p += 4)
		w[i] = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
		       (uint32_t)p[2] << 8 | p[3];
}

static void
add_block1(uint32_t *h, const uint8_t *p)
{
	uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];

	load_block(w, p);
	for (int i = 16; i < 80; i++)
		w[i] =
		    rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
			     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
			     : i < 60
				 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
				 : (b ^ c ^ d) + 0xca62c1d6;
		uint32_t t = rotate_left(a, 5) + f + e + w[i];

		e = d;
		d = c;
		c = rotate_left(b, 30);
		b = a;
		a = t;
	}
	h[0] += a;
	h[1] += b;
	h[2] += c;
	h[3] += d;
	h[4] += e;
}

static void
add_block256(uint32_t *h, const uint8_t *p)
{
	uint32_t w[64], v[8];

	load_block(w, p);
	for (int i = 16; i < 64; i++) {
		uint32_t x = w[i - 15], y = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] +
		       (rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3) +
		       (rotate_right(y, 17) ^ rotate_right(y, 19) ^ y >> 10);
	}
	memcpy(v, h, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t e = v[4], a = v[0];
		uint32_t t = v[7] + k256[i] + w[i] +
			     ((e & v[5]) ^ (~e & v[6])) +
			     (rotate_right(e, 6) ^ rotate_right(e, 11) ^
			      rotate_right(e, 25));
		uint32_t u = ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2])) +
			     (rotate_right(a, 2) ^ rotate_right(a, 13) ^
			      rotate_right(a, 22));

		memmove(v + 1, v, 7 * sizeof(*v));
		v[4] += t;
		v[0] = t + u;
	}
	for (int i = 0; i < 8; i++)
		h[i] += v[i];
}

static void
add_block(struct sha *s, const uint8_t *p)
{
	if (s->size == SHA1_SIZE)
		add_block1(s->h, p);
	else
		add_block256(s->h, p);
}

void
sha_start(struct sha *s, size_t size)
{
	s->n = 0;
	s->size = size;
	if (size == SHA1_SIZE)
		memcpy(s->h, start1, sizeof(start1));
	else
		memcpy(s->h, start256, sizeof(start256));
}

void
sha_add(struct sha *s, const void *p, size_t n)
{
	const uint8_t *from = p;

	while (n > 0) {
		size_t used = s->n % 64, take = 64 - used;

		if (used == 0 && n >= 64) {
			add_block(s, from);
			take = 64;
		} else {
			take = take < n ? take : n;
			memcpy(s->block + used, from, take);
			if (used + take == 64)
				add_block(s, s->block);
		}
		s->n += take;
		from += take;
		n -= take;
	}
}

void
sha_end(struct sha *s, uint8_t *out)
{
	static const uint8_t pad[64] = {0x80};
	uint64_t bits = s->n * 8;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha_add(s, pad, (s->n % 64 < 56 ? 56 : 120) - s->n % 64);
	sha_add(s, length, sizeof(length));
	for (size_t i = 0; i < s->size; i++)
		out[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
}

void
sha256_text(const void *p, size_t n, char out[2 * SHA256_SIZE + 1])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t digest[SHA256_SIZE];
	struct sha s;

	sha_start(&s, SHA256_SIZE);
	sha_add(&s, p, n);
	sha_end(&s, digest);
	explicit_bzero(&s, sizeof(s)); /* it may be of a secret */
	for (size_t i = 0; i < SHA256_SIZE; i++) {
		out[2 * i] = hex[digest[i] >> 4];
		out[2 * i + 1] = hex[digest[i] & 15];
	}
	out[2 * SHA256_SIZE] = '\0';
}
