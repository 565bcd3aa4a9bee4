/*
 * bpf: seccomp programs made by libseccomp while pen is built.  No program of
 * pen links libseccomp.  All are fatal when they fail.
 */
#ifndef PEN_GEN_BPF_H
#define PEN_GEN_BPF_H

#include <linux/filter.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Begins a program for the architecture (SCMP_ARCH_*), which does otherwise
 * where no rule matches.  A call of another ABI kills the process.
 */
scmp_filter_ctx bpf_begin(uint32_t arch, uint32_t otherwise);

/* The program of n instructions, which the caller frees; ends ctx. */
struct sock_filter *bpf_end(scmp_filter_ctx ctx, size_t *n);

/* Writes the instructions to stdout as the inside of an initializer. */
void bpf_print(const struct sock_filter *code, size_t n);

#endif
