/* hosts: names in the text of hosts(5), and whether they count.  Pure. */
#ifndef SNI_HOSTS_H
#define SNI_HOSTS_H

#include <stddef.h>

#include "lib/addr.h"

/*
 * Writes the addresses of name (canonical) in the n bytes at text, in their
 * order, to out, which has room for max; returns their number.
 */
size_t hosts_find(const char *text, size_t n, const char *name, union addr *out,
		  size_t max);

/* When hosts(5) is asked. */
enum hosts_order { HOSTS_FIRST, HOSTS_LAST, HOSTS_NEVER };

/* What the n bytes of an nsswitch.conf(5) say. */
enum hosts_order hosts_order(const char *text, size_t n);

#endif
