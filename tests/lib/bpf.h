/* bpf: a simulator of seccomp's programs, for the unit tests of the tables. */
#ifndef TEST_BPF_H
#define TEST_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t
bpf_word(const struct seccomp_data *d, uint32_t offset)
{
	uint32_t w;

	if (offset % 4 || offset > sizeof(*d) - 4) {
		printf("load at %u\n", offset);
		exit(1);
	}
	memcpy(&w, (const char *)d + offset, sizeof(w));
	return w;
}

/*
 * What the kernel's interpreter would return; *looked is set when an argument
 * was read.  Jumps go forward only, so it ends.
 */
static inline uint32_t
bpf_simulate(const struct sock_fprog *p, const struct seccomp_data *d,
	     int *looked)
{
	uint32_t acc = 0;

	for (unsigned i = 0; i < p->len; i++) {
		const struct sock_filter *f = &p->filter[i];
		int yes = 0;

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			acc = bpf_word(d, f->k);
			if (f->k >= offsetof(struct seccomp_data, args))
				*looked = 1;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			acc &= f->k;
			continue;
		case BPF_RET | BPF_K:
			return f->k;
		case BPF_JMP | BPF_JA:
			i += f->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = acc == f->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = acc > f->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = acc >= f->k;
			break;
		default:
			printf("instruction %u: code %#x\n", i, f->code);
			exit(1);
		}
		i += yes ? f->jt : f->jf;
	}
	printf("ran off the end\n");
	exit(1);
}

#endif
