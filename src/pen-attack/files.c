/* Attacks on files of the host: by path, by link, by another process. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/mem.h"
#include "pen-attack/attack.h"

#define NR_OPENAT2 437
#define NR_FCHMODAT2 452

/* Does the descriptor, which is closed, begin with what was planted? */
static long
is_planted(int fd)
{
	char text[7] = "";
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int error = errno;

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return failed_by(error);
	return memcmp(text, "PLANTED", sizeof(text)) == 0 ? 0
							  : failed_by(ENODATA);
}

TRY(read_planted)
{
	char path[WORLD_PATH];

	return is_planted(
	    open(world_path(w, arg, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

/* arg below a name of /proc of each process, as "root@B/keys/id". */
TRY(read_by_process)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	long r = -1;
	int error = ENOENT;

	while (d && r < 0 && (e = readdir(d))) {
		char *name, path[WORLD_PATH];

		if (*e->d_name < '1' || *e->d_name > '9')
			continue;
		name = mem_printf("/proc/%s/%s", e->d_name, arg);
		r = is_planted(open(world_path(w, name, path),
				    O_RDONLY | O_CLOEXEC | O_NONBLOCK));
		error = r < 0 && errno == EACCES ? EACCES : error;
	}
	return r < 0 ? failed_by(error) : r;
}

/* Makes a symbolic link to arg in the project and reads id behind it. */
TRY(read_by_link)
{
	char target[WORLD_PATH], link[WORLD_PATH];

	world_path(w, "@P/link", link);
	unlink(link);
	if (symlink(world_path(w, arg, target), link) < 0)
		return -1;
	return is_planted(
	    open(world_path(w, "@P/link/id", link), O_RDONLY | O_CLOEXEC));
}

TRY(link_hard)
{
	char from[WORLD_PATH], to[WORLD_PATH];

	return link(world_path(w, arg, from), world_path(w, "@P/hard", to));
}

TRY(rename_in)
{
	char from[WORLD_PATH], to[WORLD_PATH];

	return rename(world_path(w, arg, from), world_path(w, "@P/moved", to));
}

/* A name that is there outside. */
TRY(list_name)
{
	char path[WORLD_PATH];
	DIR *d = opendir(world_path(w, "@B", path));
	struct dirent *e;

	if (!d)
		return -1;
	while ((e = readdir(d)))
		if (strcmp(e->d_name, arg) == 0)
			return 0;
	return failed_by(ENOENT);
}

/* A file or directory of the user's, the one that is outside, with content. */
TRY(look)
{
	char path[WORLD_PATH], byte;
	const struct world_keep *k = w->keeps;
	struct world_keep is;
	struct dirent *e;
	struct stat st;
	DIR *d;
	int fd;

	world_path(w, arg, path);
	while (k < w->keeps + WORLD_KEEPS && strcmp(k->path, path) != 0)
		k++;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (k == w->keeps + WORLD_KEEPS || fd < 0 || fstat(fd, &st) < 0 ||
	    world_identify(fd, &is) < 0)
		return -1;
	if (is.inode != k->inode || is.born != k->born)
		return failed_by(ENOENT);
	if (!S_ISDIR(st.st_mode))
		return read(fd, &byte, 1) == 1 ? 0 : failed_by(ENODATA);
	d = fdopendir(fd);
	while (d && (e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			return 0;
	return failed_by(ENODATA);
}

/* Makes a file in the directory arg; the host has it or not. */
TRY(plant)
{
	char path[WORLD_PATH], *name = mem_join(arg, "/.pen-attack-@N");
	int fd = open(world_path(w, name, path),
		      O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd;
}

TRY(is_there)
{
	char path[WORLD_PATH], *name = mem_join(arg, "/.pen-attack-@N");

	return unlink(world_path(w, name, path));
}

/* Writes where something is, which has to stay as it was. */
TRY(overwrite)
{
	char path[WORLD_PATH];
	int fd = open(world_path(w, arg, path), O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : write(fd, "CHANGED", 7);
}

TRY(is_changed)
{
	char path[WORLD_PATH], text[7] = "";
	int fd = open(world_path(w, arg, path), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (n < 0)
		return -1;
	close(fd);
	return memcmp(text, "CHANGED", 7) == 0 ? 0 : failed_by(ENODATA);
}

/* The file of the set-ID attack arg, which begins with its octal mode. */
static char *
name_set_id(const struct world *w, const char *arg, char path[WORLD_PATH])
{
	return world_path(w, mem_join("@P/", arg), path);
}

/* O_TMPFILE has no name; it is given one, as a program would. */
static long
link_temporary(const char *path, mode_t mode)
{
	char *dir = mem_part(path, (size_t)(strrchr(path, '/') - path));
	char name[64];
	int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0)
		return -1;
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, name, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

TRY(set_id)
{
	char path[WORLD_PATH];
	mode_t mode = arg[0] == '4' ? 04711 : 02711;
	uint64_t how[3] = {O_CREAT | O_WRONLY, mode, 0};
	const char *call = arg + 2;
	int fd = -1;

	umask(0);
	name_set_id(w, arg, path);
	if (strcmp(call, "open") == 0)
		return open(path, O_CREAT | O_WRONLY | O_CLOEXEC, mode);
	if (strcmp(call, "openat2") == 0)
		return syscall(NR_OPENAT2, AT_FDCWD, path, how, sizeof(how));
	if (strcmp(call, "openat") == 0)
		return syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY,
			       mode);
	if (strcmp(call, "creat") == 0)
		return creat(path, mode);
	if (strcmp(call, "tmpfile") == 0)
		return link_temporary(path, mode);
	if (strcmp(call, "mknod") == 0)
		return mknod(path, S_IFREG | mode, 0);
	if (strcmp(call, "mknodat") == 0)
		return syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | mode, 0);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	if (strcmp(call, "chmod") == 0)
		return chmod(path, mode);
	if (strcmp(call, "fchmodat") == 0)
		return syscall(SYS_fchmodat, AT_FDCWD, path, mode);
	if (strcmp(call, "fchmod") == 0)
		return fchmod(fd, mode);
	if (strcmp(call, "fchmodat2") == 0)
		return syscall(NR_FCHMODAT2, AT_FDCWD, path, mode, 0);
	return failed_by(EINVAL);
}

TRY(has_set_id)
{
	char path[WORLD_PATH];
	struct stat st;

	if (stat(name_set_id(w, arg, path), &st) < 0)
		return -1;
	return st.st_mode & 06000 ? 0 : failed_by(EPERM);
}

/* EXT4_IOC_MOVE_EXT changes both files and no time stamp. */
TRY(move_block)
{
	struct {
		uint32_t reserved, donor;
		uint64_t from, to, blocks, moved;
	} move = {.blocks = 1};
	char path[WORLD_PATH], block[8192];
	int fds[2];

	for (int i = 0; i < 2; i++) {
		memset(block, 'a' + i, sizeof(block));
		fds[i] = open(world_path(w, i ? "@P/to" : "@P/from", path),
			      O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fds[i] < 0 || write(fds[i], block, sizeof(block)) < 0 ||
		    fsync(fds[i]) < 0)
			return -1;
	}
	move.donor = (uint32_t)fds[1];
	return ioctl(fds[0], _IOWR('f', 15, move), &move);
}

/* A mount that can be written, of what arg names. */
TRY(make_device)
{
	char path[WORLD_PATH];

	return mknod(world_path(w, arg, path), S_IFCHR | 0600, 1 << 8 | 3);
}

/* The host's own node is touched by what changes a bind of it. */
TRY(touch_device)
{
	struct stat st;

	if (stat(arg, &st) < 0)
		return -1;
	return access(arg, F_OK) < 0 ? -1 : chmod(arg, st.st_mode & 07777);
}

TRY(open_device)
{
	return open(arg, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

/* The name of a file of the host in the list of mounts. */
TRY(read_mounts)
{
	char line[4096], path[WORLD_PATH];
	FILE *f = fopen("/proc/self/mountinfo", "re");

	world_path(w, arg, path);
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, path))
			return 0;
	return failed_by(ENOENT);
}
