/* Directories, files and addresses of a world. */
#include "pen-attack/world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/beneath.h"
#include "lib/err.h"
#include "lib/fd.h"
#include "lib/mem.h"

#define PLANTED "PLANTED\n"

char *
world_path(const struct world *w, const char *text, char path[WORLD_PATH])
{
	size_t n = 0;

	for (; *text && n + 1 < WORLD_PATH; text++) {
		char victim[16];
		const char *part = NULL;

		snprintf(victim, sizeof(victim), "%d", (int)w->victim);
		if (*text == '@')
			switch (text[1]) {
			case 'B':
				part = w->base;
				break;
			case 'P':
				part = w->project;
				break;
			case 'H':
				part = w->home;
				break;
			case 'R':
				part = w->runtime;
				break;
			case 'N':
				part = w->nonce;
				break;
			case 'V':
				part = victim;
				break;
			}
		if (!part) {
			path[n++] = *text;
			continue;
		}
		n += (size_t)snprintf(path + n, WORLD_PATH - n, "%s", part);
		if (n >= WORLD_PATH)
			die(ERR_TOOL, "the path of the home is too long");
		text++;
	}
	path[n] = '\0';
	return path;
}

void
world_write(const struct world *w, const char *path, const char *text)
{
	char full[WORLD_PATH];
	int fd = open(world_path(w, path, full),
		      O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, text, strlen(text)) < 0)
		die(ERR_TOOL, "cannot write '%s': %m", full);
	close(fd);
}

static void
make_directory(const struct world *w, const char *path)
{
	char full[WORLD_PATH];

	if (mkdir(world_path(w, path, full), 0700) < 0 && errno != EEXIST)
		die(ERR_TOOL, "cannot make '%s': %m", full);
}

/* This program, where every launcher that shows the project shows it. */
static void
copy_program(const struct world *w)
{
	char path[WORLD_PATH], buf[65536];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int to = open(world_path(w, "@P/pen-attack", path),
		      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	ssize_t n;

	if (from < 0 || to < 0)
		die(ERR_TOOL, "cannot copy to '%s': %m", path);
	while ((n = read(from, buf, sizeof(buf))) > 0)
		if (fd_write_all(to, buf, (size_t)n) < 0)
			die(ERR_TOOL, "cannot write '%s': %m", path);
	close(from);
	close(to);
}

static void
make_files(struct world *w)
{
	static const char *const directories[] = {
	    "@B",	"@P",	     "@B/keys", "@B/sibling", "@B/claude",
	    "@B/codex", "@B/gemini", "@B/here", "@B/aside"};
	static const char *const secrets[] = {"@B/keys/id",
					      "@B/sibling/secret",
					      "@B/claude/.credentials.json",
					      "@B/codex/auth.json",
					      "@B/gemini/oauth_creds.json",
					      "@B/open",
					      "@B/aside/file",
					      "@B/sibling/file"};

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		make_directory(w, directories[i]);
	for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++)
		world_write(w, secrets[i], PLANTED);
	world_write(w, "@P/id", "harmless\n");
	world_write(w, "@B/here/id", "harmless\n");
	copy_program(w);
}

/* What the home may have that is nobody's business inside. */
static void
note_keeps(struct world *w)
{
	static const char *const paths[WORLD_KEEPS] = {
	    "@H/.ssh",
	    "@H/.gnupg",
	    "@H/.aws",
	    "@H/.kube",
	    "@H/.docker",
	    "@H/.netrc",
	    "@H/.git-credentials",
	    "@H/.config/gh",
	    "@H/.mozilla",
	    "@H/.config/google-chrome",
	    "@H/.bash_history",
	    "@H/.zsh_history",
	    "@H/.local/share/keyrings",
	    "@H/.password-store",
	    "@H/.config/pen",
	    "@R"};

	for (size_t i = 0; i < WORLD_KEEPS; i++) {
		struct world_keep *k = &w->keeps[i];
		int fd =
		    open(world_path(w, paths[i], k->path), O_PATH | O_CLOEXEC);

		if (fd < 0)
			continue;
		world_identify(fd, k);
		close(fd);
	}
}

static void
note_host(struct world *w)
{
	char line[256];
	struct stat st;
	FILE *f = fopen("/etc/resolv.conf", "re");

	while (f && !*w->resolver && fgets(line, sizeof(line), f))
		sscanf(line, "nameserver %63s", w->resolver);
	if (f)
		fclose(f);

	w->tmp = stat("/tmp", &st) < 0 ? 0 : st.st_dev;
	w->shm_dev = stat("/dev/shm", &st) < 0 ? 0 : st.st_dev;
	if (gethostname(w->hostname, sizeof(w->hostname) - 1) < 0)
		die(ERR_TOOL, "cannot get the host's name: %m");
}

/* Objects of System V, which anybody with the uid can open by number. */
static void
make_ipc(struct world *w)
{
	w->shm = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	w->sem = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
	w->msg = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
}

static const char *
name_address(const struct sockaddr *a)
{
	const unsigned char *b;

	if (a->sa_family == AF_INET) {
		b = (const void *)&((const struct sockaddr_in *)a)->sin_addr;
		if (b[0] == 127)
			return NULL;
		if (b[0] == 169 && b[1] == 254)
			return "metadata";
		if (b[0] == 10 || (b[0] == 192 && b[1] == 168) ||
		    (b[0] == 172 && b[1] >> 4 == 1))
			return "private";
		return "public";
	}
	if (a->sa_family != AF_INET6)
		return NULL;
	b = (const void *)&((const struct sockaddr_in6 *)a)->sin6_addr;
	if (b[0] == 0xfe || b[0] == 0)
		return NULL;
	return b[0] >> 1 == 0xfc >> 1 ? "unique-v6" : "public-v6";
}

static void
add_place(struct world *w, const char *name, const char *address)
{
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		struct world_place *p = &w->places[i];

		if (*p->name && strcmp(p->name, name) != 0)
			continue;
		if (*p->name)
			return;
		snprintf(p->name, sizeof(p->name), "%s", name);
		snprintf(p->address, sizeof(p->address), "%s", address);
		return;
	}
}

/* One address of each kind that the host has. */
static void
note_places(struct world *w)
{
	struct ifaddrs *all, *i;
	char text[INET6_ADDRSTRLEN];

	add_place(w, "loopback", "127.0.0.1");
	add_place(w, "loopback-other", "127.1.2.3");
	add_place(w, "loopback-v6", "::1");
	if (getifaddrs(&all) < 0)
		return;
	for (i = all; i; i = i->ifa_next) {
		const char *name =
		    i->ifa_addr ? name_address(i->ifa_addr) : NULL;
		const void *from;

		if (!name)
			continue;
		from =
		    i->ifa_addr->sa_family == AF_INET
			? (void *)&((struct sockaddr_in *)i->ifa_addr)->sin_addr
			: (void *)&((struct sockaddr_in6 *)i->ifa_addr)
			      ->sin6_addr;
		if (inet_ntop(i->ifa_addr->sa_family, from, text, sizeof(text)))
			add_place(w, name, text);
	}
	freeifaddrs(all);
}

static void
set_text(char *to, size_t size, const char *text)
{
	if (snprintf(to, size, "%s", text) >= (int)size)
		die(ERR_TOOL, "'%s' is too long", text);
}

void
world_make(struct world *w, const char *base, const char *side)
{
	const char *home = getenv("HOME"), *runtime = getenv("XDG_RUNTIME_DIR");
	char path[WORLD_PATH];

	snprintf(w->nonce, sizeof(w->nonce), "%d%s", (int)getpid(),
		 w->inside ? "i" : "o");
	set_text(w->home, sizeof(w->home), home);
	set_text(w->runtime, sizeof(w->runtime),
		 runtime ? runtime : "/nowhere");
	set_text(path, sizeof(path), base);
	if (snprintf(w->base, sizeof(w->base), "%s/%s", path, side) >
		WORLD_PATH - 100 ||
	    snprintf(w->project, sizeof(w->project), "%s/%s/project", path,
		     side) >= WORLD_PATH)
		die(ERR_TOOL, "'%s' is too long", base);
	make_files(w);
	note_keeps(w);
	note_host(w);
	note_places(w);
	make_ipc(w);
}

const char *
world_file(const struct world *w)
{
	static char path[WORLD_PATH];

	return world_path(w, "@P/world", path);
}

void
world_save(const struct world *w)
{
	int fd =
	    open(world_file(w), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || fd_write_all(fd, w, sizeof(*w)) < 0)
		die(ERR_TOOL, "cannot write '%s': %m", world_file(w));
	close(fd);
}

void
world_load(struct world *w, const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, w, sizeof(*w)) != (ssize_t)sizeof(*w))
		die(ERR_TOOL, "cannot read '%s': %m", file);
	close(fd);
}

void
world_end(struct world *w)
{
	char path[WORLD_PATH];

	shmctl(w->shm, IPC_RMID, NULL);
	semctl(w->sem, 0, IPC_RMID);
	msgctl(w->msg, IPC_RMID, NULL);
	unlink(world_path(w, "@R/pen-attack-@N", path));
	unlink(world_path(w, "/tmp/pen-attack-@N.sock", path));
}
