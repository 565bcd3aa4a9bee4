/* trees: where a system keeps its programs, as pen-ns --system shows it. */
#ifndef PEN_TREES_H
#define PEN_TREES_H

/*
 * Absolute paths without "..", ended by NULL: merged-/usr (links to usr/),
 * split (directories), NixOS and Guix (the store, what /run points to).  /etc
 * is shown as well, without its secrets, and is not among them.  What a link
 * leads to is shown with it (ostree).
 */
extern const char *const trees_system[];

/*
 * What programs of the system keep elsewhere, shown where everybody may read
 * it; and names in "/" that are links on ostree systems and hold no programs.
 */
extern const char *const trees_data[], *const trees_links[];

#endif
