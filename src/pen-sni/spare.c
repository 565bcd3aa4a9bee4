/*
 * Of the 1.1 MB that are mapped once connections have come and gone, 0.8 are
 * the program's own: the kernel maps sixteen pages around each that is touched
 * (fault-around), and what only the start, c-ares' reading of its files or a
 * log line needed stays, too.  A process that waits uses a quarter of that.
 * The pages are the file's, unchanged, in the page cache or on the disk: they
 * cost nothing to give back, and a minor fault for sixteen of them to have
 * again.  What can be written is left alone; it holds what relocation made.
 *
 * free(3) gives back no more than the top of the heap, and of that all but
 * 128 KB: the rest, below what stays, is malloc_trim(3)'s.
 */
#include "pen-sni/spare.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

static int
spare_image(struct dl_phdr_info *image, size_t size, void *page)
{
	(void)size;
	for (int i = 0; i < image->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &image->dlpi_phdr[i];
		uintptr_t at = image->dlpi_addr + p->p_vaddr;
		uintptr_t from = at & ~(*(uintptr_t *)page - 1);

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W))
			madvise((void *)from, at + p->p_memsz - from,
				MADV_DONTNEED);
	}
	return 0;
}

void
spare_memory(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

#ifdef __GLIBC__ /* musl's free(3) does it */
	malloc_trim(0);
#endif
	dl_iterate_phdr(spare_image, &page);
}
