/*
 * world: what there is to be attacked, made anew outside and inside: a
 * directory in the home with a project, keys and a sibling, processes and
 * servers.
 */
#ifndef PEN_ATTACK_WORLD_H
#define PEN_ATTACK_WORLD_H

#include <stdint.h>
#include <sys/types.h>

#define WORLD_PATH 512
#define WORLD_PLACES 12
#define WORLD_KEEPS 16
#define WORLD_ATTACKS 512

/* An address of the host with a TCP and an UDP server that say REACHED. */
struct world_place {
	char name[16], address[46];
	uint16_t tcp, udp;
};

/* A file or directory of the user's, and what it is outside. */
struct world_keep {
	char path[WORLD_PATH];
	uint64_t inode;
	int64_t born; /* nanoseconds, or 0 where it is not known */
};

/* Plain bytes: it is written to a file of the project, and read inside. */
struct world {
	char base[WORLD_PATH];	  /* this side's directory */
	char project[WORLD_PATH]; /* base/project */
	char home[WORLD_PATH], runtime[WORLD_PATH];
	char nonce[16], hostname[80];
	uint32_t inside; /* not the control */

	/* processes and what they hold */
	pid_t victim, server;
	int32_t nice, cpus, policy; /* the victim's, at first */
	uint64_t secret;	    /* address of a secret in the victim */
	int32_t shm, sem, msg;
	char terminal[64]; /* another one of the user's */

	/* servers */
	struct world_place places[WORLD_PLACES];
	uint16_t dns, tls, http;
	char resolver[64]; /* the host's */

	struct world_keep keeps[WORLD_KEEPS];
	uint64_t tmp, shm_dev; /* st_dev of /tmp and /dev/shm */

	/* what a run on a terminal left, for judges */
	uint32_t nonblock, modes, exclusive;

	unsigned char selected[WORLD_ATTACKS];
};

/*
 * Writes text to path with @B base, @P project, @H home, @R runtime, @V the
 * victim's pid, @N nonce.  Returns path.
 */
char *world_path(const struct world *w, const char *text,
		 char path[WORLD_PATH]);

/* Makes it below base/side, but for its processes.  Fatal. */
void world_make(struct world *w, const char *base, const char *side);

/* Writes it to base/project/FILE and reads it there.  Fatal. */
void world_save(const struct world *w);
void world_load(struct world *w, const char *file);

/* The inode of an open file in k, and its birth.  0, or -1 with errno. */
int world_identify(int fd, struct world_keep *k);

/* The file that world_save writes; static storage. */
const char *world_file(const struct world *w);

/* Removes what it left outside base. */
void world_end(struct world *w);

/* Writes text to a new file, path as of world_path.  Fatal. */
void world_write(const struct world *w, const char *path, const char *text);

#endif
