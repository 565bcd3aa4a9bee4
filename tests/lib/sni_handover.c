/*
 * sni_handover RESOLV prog…: plays pen-net for pen-sni's tests, without rules:
 * enters a user, network and mount namespace with 198.18.0.1/15 on lo and the
 * file RESOLV in place of /etc/resolv.conf, makes the sockets that pen-sni asks
 * for, hands them over, and becomes prog.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(125, "%s", path);
	close(fd);
}

static void
enter(void)
{
	char uid[64], gid[64];

	snprintf(uid, sizeof(uid), "%u %u 1", getuid(), getuid());
	snprintf(gid, sizeof(gid), "%u %u 1", getgid(), getgid());
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) < 0)
		err(125, "unshare");
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", uid);
	write_file("/proc/self/gid_map", gid);
}

static void
loopback(void)
{
	struct ifreq up = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	struct ifreq addr = {.ifr_name = "lo:1"}, mask;
	struct sockaddr_in in = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	mask = addr;
	in.sin_addr.s_addr = inet_addr("198.18.0.1");
	memcpy(&addr.ifr_addr, &in, sizeof(in));
	in.sin_addr.s_addr = inet_addr("255.254.0.0");
	memcpy(&mask.ifr_netmask, &in, sizeof(in));
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &up) < 0 ||
	    ioctl(fd, SIOCSIFADDR, &addr) < 0 ||
	    ioctl(fd, SIOCSIFNETMASK, &mask) < 0)
		err(125, "lo");
	close(fd);
}

static int
bound(int type, const char *address, unsigned port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_port = htons((unsigned short)port)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	in.sin_addr.s_addr = inet_addr(address);
	if (fd < 0 || bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 1024) < 0))
		err(125, "bind %s:%u", address, port);
	return fd;
}

static void
hand_over(int sock, const char *ports)
{
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(64 * sizeof(int))];
	} c = {0};
	char text[2048];
	int fds[64], n = 0;
	size_t len;
	struct iovec iov = {text, 0};
	struct msghdr m = {
	    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = c.room};

	fds[n++] = bound(SOCK_DGRAM, "127.0.0.1", 53);
	fds[n++] = bound(SOCK_STREAM, "127.0.0.1", 53);
	len = (size_t)snprintf(text, sizeof(text), "dns-udp 53\ndns-tcp 53\n");
	while (*ports >= '0' && n < 64) {
		char *end;
		unsigned port = (unsigned)strtoul(ports, &end, 10);

		fds[n++] = bound(SOCK_STREAM, "0.0.0.0", port);
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"tcp %u\n", port);
		ports = *end ? end + 1 : end;
	}
	iov.iov_len = len;
	m.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
	c.hdr.cmsg_level = SOL_SOCKET;
	c.hdr.cmsg_type = SCM_RIGHTS;
	c.hdr.cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	memcpy(CMSG_DATA(&c.hdr), fds, (size_t)n * sizeof(int));
	if (sendmsg(sock, &m, 0) < 0)
		err(125, "sendmsg");
	close(sock);
}

int
main(int argc, char **argv)
{
	const char *fd = getenv("PEN_SNI_FD");
	char ports[512] = "";
	int sock;

	if (argc < 3 || !fd)
		errx(125, "sni_handover RESOLV prog, after pen-sni");
	sock = (int)strtoul(fd, NULL, 10);
	if (recv(sock, ports, sizeof(ports) - 1, 0) <= 0)
		err(125, "recv");
	enter();
	loopback();
	if (mount(argv[1], "/etc/resolv.conf", NULL, MS_BIND, NULL) < 0)
		err(125, "mount %s", argv[1]);
	hand_over(sock, ports);
	unsetenv("PEN_SNI_FD");
	execvp(argv[2], argv + 2);
	err(errno == ENOENT ? 127 : 126, "%s", argv[2]);
}
