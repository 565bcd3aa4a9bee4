#!/bin/sh
# install.sh: from a bare machine to a running pen.  Installs the packages that
# are missing, then calls make; a release's tarball of built programs needs neither
# make nor a compiler.  POSIX sh: dash and busybox will do.
set -u

usage() {
	cat <<'END'
usage: ./install.sh [--prefix DIR] [--shell bash,zsh,fish | --no-shell]
                    [--apparmor | --apparmor=stacked]
                                          build pen, if need be, and install it
                                          (~/.local)
       ./install.sh --demo                build it and show what it does
       ./install.sh --check               build it and run every test
       ./install.sh --deps                only install what all of these need
       ./install.sh --uninstall [--prefix DIR]
                                          remove all that was installed

With --shell, agents run in a pen when they are typed by name in these shells, and
when other programs start them: a line is added to their rc files (~/.bashrc, …),
and links are made by pen-shim(1).  Without, it asks on a terminal.  --uninstall
takes both away.

With --apparmor, AppArmor gives pen a profile, for hosts that let named programs
only make user namespaces: /etc/apparmor.d/pen, by root, for a pen that only root
can change (--prefix /usr/local).  --apparmor=stacked confines what runs inside by
AppArmor too, with its parser 4.1 or newer.  Without, it asks on a terminal where
AppArmor is.  --uninstall takes it away.

Packages that are missing are installed by the distribution's own manager (apt,
dnf, pacman, zypper or apk), through sudo unless you are root; nothing else runs
as root.  Called by root, --demo and --check work in a scratch copy of the tree
as the user who called sudo, or as an account 'pen-test' made for it, which
--uninstall removes.
END
}

account=pen-test
account_note='made by install.sh of pen'
manifest=share/pen/manifest

say() {
	printf 'install.sh: %s\n' "$*"
}

fail() {
	printf 'install.sh: %s\n' "$*" >&2
	exit 1
}

have() {
	command -v "$1" >/dev/null 2>&1
}

from=$PWD
cd "$(dirname "$0")" || exit
. ./install/packages.sh
. ./install/build.sh
. ./install/apparmor.sh
. ./install/shells.sh
. ./install/check.sh

# A function, so that all of this file has been read before any of it runs.
main() {
	action=install prefix='' shells=ask apparmor=ask
	while [ $# -gt 0 ]; do
		case $1 in
		--demo | --check | --deps | --uninstall) action=${1#--} ;;
		--prefix)
			[ $# -gt 1 ] || fail "--prefix needs a directory"
			prefix=$2
			shift
			;;
		--prefix=*) prefix=${1#*=} ;;
		--shell)
			[ $# -gt 1 ] || fail "--shell needs bash, zsh or fish"
			shells=$2
			shift
			;;
		--shell=*) shells=${1#*=} ;;
		--no-shell) shells= ;;
		--apparmor) apparmor=pen ;;
		--apparmor=stacked) apparmor=pen.stacked ;;
		--help)
			usage
			exit 0
			;;
		*)
			usage >&2
			exit 2
			;;
		esac
		shift
	done
	case $prefix in
	'' | /*) ;;
	*) prefix=$from/$prefix ;;
	esac
	for sh in $(echo "$shells" | tr ',' ' '); do
		case $sh in
		bash | zsh | fish | ask) ;;
		*) fail "--shell: '$sh' is none of bash, zsh and fish" ;;
		esac
	done
	# nft and capsh are in a place that not every user's PATH has
	PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

	case $action in
	demo | check | deps)
		[ ! -e files ] || fail "--$action needs the source tarball;" \
			"this one holds programs that are built"
		;;
	esac
	case $action in
	install) install_pen ;;
	uninstall) uninstall_pen ;;
	deps)
		packages build run demo check
		packages_more
		;;
	demo)
		packages build run demo
		if [ "$(id -u)" -eq 0 ]; then
			as_user --demo
		else
			build && make demo
		fi
		;;
	check)
		packages build run demo check
		packages_more
		if [ "$(id -u)" -eq 0 ]; then
			tun_device
			as_user --check
		else
			check
		fi
		;;
	esac
}

main "$@"
exit
