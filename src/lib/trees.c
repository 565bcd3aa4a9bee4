#include "lib/trees.h"

#include <stddef.h>

const char *const trees_system[] = {
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/opt",
    "/usr/local", /* where it is a link */
    "/nix/store",
    "/nix/var/nix/profiles",
    "/gnu/store",
    "/var/guix/profiles",
    "/run/current-system",
    "/run/booted-system",
    "/run/opengl-driver",
    "/run/wrappers",
    "/snap",
    "/sys/devices/system", /* node, the JVM and glibc count processors */
    NULL};

/*
 * What programs read.  What only packages' own scripts read when root installs
 * them is left out: each directory is a mount more in every start.
 */
const char *const trees_data[] = {
    "/var/lib/alternatives", /* RPM's update-alternatives */
    "/var/lib/apt",
    "/var/lib/aspell",
    "/var/lib/ca-certificates", /* openSUSE: /etc/ssl/certs points here */
    "/var/lib/dpkg",
    "/var/lib/emacs",
    "/var/lib/fonts",
    "/var/lib/gems",
    "/var/lib/ghc",
    "/var/lib/ghostscript",
    "/var/lib/ieee-data",
    "/var/lib/ispell",
    "/var/lib/man-db",
    "/var/lib/mecab",
    "/var/lib/octave",
    "/var/lib/pacman",
    "/var/lib/pciutils",
    "/var/lib/php",
    "/var/lib/portage",
    "/var/lib/rpm",
    "/var/lib/sgml-base",
    "/var/lib/snapd/snap", /* Fedora: /snap points here */
    "/var/lib/texmf",
    "/var/lib/usbutils",
    "/var/lib/vim",
    "/var/lib/xfonts",
    "/var/cache/apt",
    "/var/cache/fontconfig",
    "/var/cache/fonts",
    "/var/cache/man",
    "/var/db/pkg", /* Gentoo */
    "/var/db/repos",
    "/var/db/xbps", /* Void */
    NULL};

const char *const trees_links[] = {"/home",  "/root", "/mnt",
				   "/media", "/srv",  NULL};
