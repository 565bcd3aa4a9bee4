#include "pen-check/refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "pen-check/try.h"

/* musl has the call without its newer bits */
#ifndef STATX_ATTR_MOUNT_ROOT
#define STATX_ATTR_MOUNT_ROOT 0x2000
#endif

#define PROFILE "/etc/apparmor.d/pen"
#define INSTALL "sudo ./install.sh --prefix /usr/local --apparmor"
#define SHIPPED "/usr/share/pen/apparmor/pen"
#define SWITCH "kernel.apparmor_restrict_unprivileged_userns"

/* Does the first line of the file begin with c? */
static int
begins(const char *path, char c)
{
	char *line = try_read(path);
	int yes = line && *line == c;

	free(line);
	return yes;
}

/* The number behind "name:" in /proc/self/status, or 0. */
static long
status_number(const char *name)
{
	FILE *f = fopen("/proc/self/status", "re");
	char line[4096];
	size_t n = strlen(name);
	long number = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, n) == 0 && line[n] == ':')
			number = strtol(line + n + 1, NULL, 10);
	if (f)
		fclose(f);
	return number;
}

/*
 * AppArmor's label of this process, "NAME (MODE)" or "unconfined", or NULL
 * where there is no AppArmor.  Since Linux 5.8 the directory is its own, also
 * where another module has the file above it.
 */
static char *
read_label(void)
{
	return try_read("/proc/self/attr/apparmor/current");
}

/* A profile that was written to confine; pen's own only has a name. */
static int
profile_confines(const char *label)
{
	return label && strcmp(label, "unconfined") != 0 &&
	       !strstr(label, " (unconfined)");
}

/* May only root change the file at the path, and the directories above it? */
static int
is_of_root(char *path)
{
	for (;;) {
		char *slash = strrchr(path, '/');
		struct stat st;

		if (stat(path, &st) < 0 || st.st_uid != 0 ||
		    st.st_mode & (S_IWGRP | S_IWOTH))
			return 0;
		if (!slash || !slash[1])
			return 1;
		slash[slash == path] = '\0';
	}
}

/*
 * Where this program is, with a slash behind, of the places that the profile
 * names, or NULL.  One for what a user can change would be everyone's.
 */
static const char *
find_place(void)
{
	static const char *const places[] = {"/usr/bin/", "/usr/local/bin/",
					     "/opt/pen/bin/"};
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0)
		return NULL;
	path[n] = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (strncmp(path, places[i], strlen(places[i])) == 0)
			return is_of_root(path) ? places[i] : NULL;
	return NULL;
}

/* The commands that give pen a profile of its own. */
static const char *
profile_command(void)
{
	const char *place = find_place();
	int there = access(PROFILE, R_OK) == 0;

	if (!place && there)
		return PROFILE " is for root's copy of pen; remove this one, "
			       "which comes first: ./install.sh --uninstall";
	if (!place)
		return "root's copy of pen gets a profile, in the place of "
		       "this one: ./install.sh --uninstall; " INSTALL;
	if (there)
		return "sudo apparmor_parser -r " PROFILE;
	if (strcmp(place, "/usr/bin/") == 0 && access(SHIPPED, R_OK) == 0)
		return "sudo cp " SHIPPED " " PROFILE
		       " && sudo apparmor_parser -r " PROFILE;
	return INSTALL;
}

/*
 * The runtime whose container this is, by the file that it makes, or NULL. Such
 * a file is also left in virtual machines that were made of a container's
 * image.
 */
static const char *
find_runtime(void)
{
	if (access("/run/.containerenv", F_OK) == 0)
		return "podman";
	return access("/.dockerenv", F_OK) == 0 ? "docker" : NULL;
}

/* A profile that docker, podman, containerd or CRI-O gives its containers. */
static int
is_of_runtime(const char *label)
{
	static const char *const names[] = {"docker-default",
					    "containers-default",
					    "cri-containerd", "crio-default"};

	for (size_t i = 0; label && i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(label, names[i], strlen(names[i])) == 0)
			return 1;
	return 0;
}

/* In a container: what the outer one has to be started with. */
static char *
blame_runtime(const char *runtime, const char *label)
{
	int filtered = status_number("Seccomp") == 2;

	if (!filtered && !is_of_runtime(label))
		return NULL;
	return mem_printf("the container refuses it: %s run%s%s", runtime,
			  filtered ? " --security-opt seccomp=unconfined" : "",
			  profile_confines(label)
			      ? " --security-opt apparmor=unconfined"
			      : "");
}

static char *
blame_apparmor(const char *label)
{
	static const char stuck[] =
	    "no_new_privs keeps pen from a profile of its own: start it from "
	    "a process without (systemd: NoNewPrivileges=no; docker: without "
	    "no-new-privileges)";

	if (profile_confines(label))
		return mem_printf("AppArmor's profile %s refuses it: %s", label,
				  status_number("NoNewPrivs") == 1
				      ? stuck
				      : profile_command());
	if (label && begins("/proc/sys/kernel/"
			    "apparmor_restrict_unprivileged_userns",
			    '1'))
		return mem_printf(SWITCH " refuses it to programs without a "
					 "profile of AppArmor's: %s",
				  profile_command());
	return NULL;
}

/* SELinux says EACCES; the audit log has the rule that is missing. */
static char *
blame_selinux(int error)
{
	char *context;

	if (error != EACCES || !begins("/sys/fs/selinux/enforce", '1'))
		return NULL;
	context = try_read("/proc/self/attr/current");
	return mem_printf(
	    "SELinux refuses it to %s: sudo ausearch -m avc -ts recent | "
	    "audit2allow -M pen && sudo semodule -i pen.pp",
	    context ? context : "this process");
}

static char *
blame_sysctl(int error)
{
	if (begins("/proc/sys/kernel/unprivileged_userns_clone", '0'))
		return mem_copy("kernel.unprivileged_userns_clone refuses it: "
				"sudo sysctl "
				"kernel.unprivileged_userns_clone=1");
	if (begins("/proc/sys/user/max_user_namespaces", '0'))
		return mem_copy(
		    "user.max_user_namespaces is 0: sudo sysctl "
		    "user.max_user_namespaces=10000; inside a pen, nesting "
		    "allows them");
	if (error == ENOSPC)
		return mem_copy(
		    "the limit user.max_user_namespaces is reached; inside a "
		    "pen they are refused unless nesting is allowed");
	return NULL;
}

static char *
blame_rest(void)
{
	struct statx sx;

	if (status_number("Seccomp") == 2)
		return mem_copy(
		    "a seccomp filter of what pen was started by refuses it: "
		    "systemd: RestrictNamespaces=no; a container: "
		    "--security-opt seccomp=unconfined; a pen: --nested");
	/* unshare(2) since Linux 3.9 */
	if (statx(AT_FDCWD, "/", 0, 0, &sx) == 0 &&
	    sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT &&
	    !(sx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return mem_copy("the kernel refuses it in a chroot: enter it "
				"with pivot_root(2), as systemd-nspawn does");
	return mem_copy(
	    "no switch, profile or filter that pen knows of refuses "
	    "it here; pen-check tries the rest");
}

char *
refusal_of_namespace(int error)
{
	char *label = read_label(), *said = blame_sysctl(error);
	const char *runtime = find_runtime();

	if (!said && runtime)
		said = blame_runtime(runtime, label);
	if (!said)
		said = blame_apparmor(label);
	if (!said)
		said = blame_selinux(error);
	if (!said)
		said = blame_rest();
	free(label);
	return said;
}

char *
refusal_of_exec(int error)
{
	char *label = read_label(), *said = NULL;

	if (profile_confines(label) && status_number("NoNewPrivs") == 1)
		said = blame_apparmor(label);
	if (!said)
		said = blame_selinux(error);
	free(label);
	return said ? said
		    : mem_copy("no security module that pen knows of refuses "
			       "it: sudo dmesg may say what does");
}
