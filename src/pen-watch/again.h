/* again: what the host's replacing of a file undid is made again. */
#ifndef WATCH_AGAIN_H
#define WATCH_AGAIN_H

/* Descriptors: the run's layer, or -1, and the namespaces that it is in. */
struct again_place {
	int layer, user, mnt;
};

/*
 * Mounts the link of that number, to a file called name, on dest inside, unless
 * it is there: by a process that enters the jail.  0 when it is there, or -1.
 */
int again_mount(const struct again_place *p, unsigned link, const char *name,
		const char *dest);

/*
 * Has the overlay that is mounted on dest inside forget which names its layers
 * have and which they have not.
 */
void again_forget(const struct again_place *p, const char *dest);

/* How the name of a copy begins that is about to replace a file. */
#define AGAIN_COPY ".pen-copy-"

/*
 * Puts a copy of the file name in dir in its place, with its mode and times:
 * nobody has that open, or by another name.  0, or -1 with errno.
 */
int again_copy(int dir, const char *name);

#endif
