#!/bin/sh
# install.sh: from a bare machine to a running pen.  Installs the packages that
# are missing, then calls make.  POSIX sh: dash and busybox will do.
set -u

usage() {
	cat <<'END'
usage: ./install.sh [--prefix DIR] [--shell bash,zsh,fish | --no-shell]
                                          build pen and install it (~/.local)
       ./install.sh --demo                build it and show what it does
       ./install.sh --check               build it and run every test
       ./install.sh --deps                only install what all of these need
       ./install.sh --uninstall [--prefix DIR]
                                          remove all that was installed

With --shell, agents run in a pen when they are typed by name in these shells, and
when other programs start them: a line is added to their rc files (~/.bashrc, …),
and links are made by pen-shim(1).  Without, it asks on a terminal.  --uninstall
takes both away.

Packages that are missing are installed by the distribution's own manager (apt,
dnf, pacman, zypper or apk), through sudo unless you are root; nothing else runs
as root.  Called by root, --demo and --check work in a scratch copy of the tree
as the user who called sudo, or as an account 'pen-test' made for it, which
--uninstall removes.
END
}

# One line for each thing needed: when, how to see that it is there (a command,
# pkg:NAME for a library, head:NAME for a header, file:NAME,
# links:COMPILER:SANITIZER), and its package in each distribution; '-' comes with
# another one, or is not to be had; several are joined by commas.  Without what
# is 'more', which not every release of these has, its tests are skipped.
needs() {
	cat <<'END'
#when  shown by         apt             dnf                   pacman         zypper            apk
build  gcc              gcc             gcc                   gcc            gcc               gcc
build  make             make            make                  make           make              make
build  pkg-config       pkg-config      pkgconf-pkg-config    pkgconf        pkg-config        pkgconf
build  head:stdio.h     libc6-dev       glibc-devel           glibc          glibc-devel       musl-dev
build  head:linux/nsfs.h linux-libc-dev kernel-headers        linux-api-headers linux-glibc-devel linux-headers
build  musl-gcc         musl-tools      musl-gcc              musl           -                 -
build  pkg:libseccomp   libseccomp-dev  libseccomp-devel      libseccomp     libseccomp-devel  libseccomp-dev
build  pkg:libconfuse   libconfuse-dev  libconfuse-devel      confuse        libconfuse-devel  confuse-dev
build  pkg:libcares     libc-ares-dev   c-ares-devel          c-ares         c-ares-devel      c-ares-dev
build  pkg:jansson      libjansson-dev  jansson-devel         jansson        libjansson-devel  jansson-dev
build  pkg:readline     libreadline-dev readline-devel        readline       readline-devel    readline-dev
run    pasta            passt           passt                 passt          passt             passt
demo   bash             bash            bash                  bash           bash              bash
demo   openssl          openssl         openssl               openssl        openssl           openssl
demo   curl             curl            curl                  curl           curl              curl
demo   python3          python3         python3               python         python3           python3
check  file:/usr/share/bash-completion/bash_completion bash-completion bash-completion bash-completion bash-completion bash-completion
check  bats             bats            bats                  bats           bats              bats
check  bwrap            bubblewrap      bubblewrap            bubblewrap     bubblewrap        bubblewrap
check  busybox          busybox         busybox               busybox        busybox           -
check  capsh            libcap2-bin     libcap                libcap         libcap-progs      libcap-utils
check  clang            clang           clang                 clang          clang             clang
check  pkg:openssl      libssl-dev      openssl-devel         openssl        libopenssl-devel  openssl-dev
check  links:gcc:address -             libasan,libubsan      -              -                 -
check  links:clang:fuzzer libclang-rt-dev compiler-rt       compiler-rt    -                 compiler-rt
check  dash             dash            dash                  dash           dash              dash
check  fish             fish            fish                  fish           fish              fish
check  git              git             git                   git            git               git
check  groff            groff           groff                 groff          groff             groff
check  ip               iproute2        iproute               iproute2       iproute2          iproute2
check  less             less            less                  less           less              less
check  jq               jq              jq                    jq             jq                jq
check  man              man-db          man-db                man-db         man               mandoc
check  mandoc           mandoc          mandoc                mandoc         mandoc            mandoc
check  nft              nftables        nftables              nftables       nftables          nftables
check  keytool          default-jdk-headless java-latest-openjdk-devel jdk-openjdk java-devel openjdk17-jdk
check  pip3             python3-pip     python3-pip           python-pip     python3-pip       py3-pip
check  psql             postgresql      postgresql-server     postgresql     postgresql-server postgresql
check  sshd             openssh-server  openssh-server        openssh        openssh-server    openssh-server
check  ps               procps          procps-ng             procps-ng      procps            procps-ng
check  shellcheck       shellcheck      ShellCheck            shellcheck     ShellCheck        shellcheck
check  socat            socat           socat                 socat          socat             socat
check  rg               ripgrep         ripgrep               ripgrep        ripgrep           ripgrep
check  aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu -  -  -  -
check  file:/usr/aarch64-linux-gnu/include/stdio.h libc6-dev-arm64-cross - - - -
check  tic              ncurses-bin     ncurses               ncurses        ncurses-utils     ncurses
check  strace           strace          strace                strace         strace            strace
check  tmux             tmux            tmux                  tmux           tmux              tmux
check  vim              vim             vim-enhanced          vim            vim               vim
check  zsh              zsh             zsh                   zsh            zsh               zsh
check  node             nodejs          nodejs                nodejs         nodejs            nodejs
check  npm              npm             nodejs-npm            npm            npm               npm
more   chromium         chromium        -                     chromium       chromium          chromium
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

# present TEST : is what TEST names (see needs) on this machine?
present() {
	case $1 in
	pkg:*) have pkg-config && pkg-config --exists "${1#pkg:}" ;;
	file:*) [ -e "${1#file:}" ] ;;
	head:*)
		have gcc && echo "#include <${1#head:}>" |
			gcc -E -x c - >/dev/null 2>&1
		;;
	links:gcc:*)
		echo 'int main(void) { return 0; }' |
			gcc "-fsanitize=${1##*:}" -o /dev/null -x c - 2>/dev/null
		;;
	links:clang:*)
		echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
			clang "-fsanitize=${1##*:}" -o /dev/null -x c - 2>/dev/null
		;;
	*) have "$1" ;;
	esac
}

# The package managers that the table has a column for, in its order.
managers='apt-get dnf pacman zypper apk'

# manager : the one that this machine has, and its column in $column
manager() {
	column=3
	for m in $managers; do
		have "$m" && return 0
		column=$((column + 1))
	done
	m=none
	column=3
	return 1
}

# missing WHEN… : the packages of the table's rows that are not here yet
missing() {
	needs | while read -r when test row; do
		case " $* " in *" $when "*) ;; *) continue ;; esac
		present "$test" && continue
		# shellcheck disable=SC2086 # the row's columns become arguments
		set_column $row
	done
}

# set_column COLUMN… : prints the packages in the manager's column
set_column() {
	shift $((column - 3))
	[ "$1" = - ] || echo "$1" | tr ',' ' '
}

# add PACKAGE… : runs the package manager, as root
add() {
	case $m in
	apt-get)
		as_root apt-get -qq update &&
			as_root env DEBIAN_FRONTEND=noninteractive \
				apt-get -qq install -y \
				--no-install-recommends "$@" >/dev/null
		;;
	dnf) as_root dnf install -q -y "$@" ;;
	pacman) as_root pacman -S --needed --noconfirm --noprogressbar "$@" ;;
	zypper) as_root zypper -q -n install "$@" ;;
	apk) as_root apk add -q "$@" ;;
	esac
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif have sudo; then
		sudo "$@"
	else
		doas "$@"
	fi
}

# packages WHEN… : installs what is missing, and says what
packages() {
	manager
	want=$(missing "$@" | xargs)
	[ -n "$want" ] || return 0
	[ "$m" != none ] || fail "no package manager known here ($managers):" \
		"install by hand, under Debian's names: $want"
	[ "$(id -u)" -eq 0 ] || have sudo || have doas ||
		fail "neither root nor sudo: have these installed first: $want"
	say "installing with $m: $want"
	# shellcheck disable=SC2086 # a list of packages
	add $want || fail "$m could not install all of these:" \
		"install them by hand, then come back: $want"
	want=$(missing "$@" | xargs)
	[ -z "$want" ] || fail "still missing; install by hand: $want"
}

# packages_more : installs what else there is for --check
packages_more() {
	manager || return 0
	want=$(missing more | xargs)
	[ -n "$want" ] || return 0
	say "installing with $m: $want"
	# shellcheck disable=SC2086 # a list of packages
	add $want || say "$m has no $want here: its tests are skipped"
}

# ordinary_user : names in $user whom root's --demo and --check run as
ordinary_user() {
	user=${SUDO_USER:-root}
	[ "$user" = root ] || return 0
	user=$account
	id "$user" >/dev/null 2>&1 && return 0
	say "adding the account '$user' to run as (--uninstall removes it)"
	if have useradd; then
		useradd -m -d "/var/lib/$user" -s /bin/sh \
			-c "$account_note" "$user"
	else
		adduser -D -h "/var/lib/$user" -s /bin/sh \
			-g "$account_note" "$user"
	fi || fail "cannot add the account '$user'"
}

# tun_device : pasta wants it; distributions for desktops give it to everybody
tun_device() {
	tun=/dev/net/tun
	if [ ! -e $tun ]; then
		say "making $tun (character device 10, 200)"
		mkdir -p /dev/net && mknod -m 0666 $tun c 10 200
	elif [ "$(stat -c %a $tun)" != 666 ]; then
		say "chmod 0666 $tun, as desktop distributions have it"
		chmod 0666 $tun
	fi || say "cannot; open networks will not be tried"
}

# copy_tree DIR : this tree, without git's files and without what was built
copy_tree() {
	for f in * .[!.]*; do
		case $f in .git | build | build-*) continue ;; esac
		cp -RP "./$f" "$1/" || return
	done
}

# as_user ACTION : this script again, as an ordinary user in a scratch copy
as_user() {
	ordinary_user
	scratch=$(mktemp -d /var/tmp/pen.XXXXXX) || fail "no scratch directory"
	trap 'rm -rf "$scratch"' EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	mkdir "$scratch/tree" "$scratch/home" || exit
	copy_tree "$scratch/tree" || fail "cannot copy the tree to $scratch"
	# the agents come from the registry that npm is configured for here
	registry=
	! have npm || registry=$(npm config get registry 2>/dev/null)
	cat >"$scratch/go" <<END
HOME=$scratch/home USER=$user LOGNAME=$user SHELL=/bin/sh
PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
export HOME USER LOGNAME SHELL PATH
cd $scratch/tree && exec ./install.sh $1
END
	chown -R "$user:" "$scratch" || fail "cannot give $scratch to '$user'"
	say "going on as '$user', in $scratch"
	env -i PATH="$PATH" TERM="${TERM:-dumb}" LANG="${LANG:-C.UTF-8}" \
		${CI:+CI="$CI"} \
		${registry:+npm_config_registry="$registry"} \
		${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
		su -s /bin/sh "$user" -c "exec sh $scratch/go"
}

# step TITLE COMMAND… : one part of --check; a failure does not stop the rest
step() {
	printf '\n== %s\n' "$1"
	shift
	"$@" || {
		status=$?
		failed="$failed '$*'"
	}
}

check() {
	status=0 failed=
	step 'style' make lint
	step 'warnings of clang' make CC=clang WERROR=-Werror B=build-clang all
	step 'the demo' make demo
	step 'tests' make check
	step 'tests under ASan and UBSan' make SAN=1 B=build-san check
	step 'fuzzing, a little' make fuzz SECONDS=10
	step 'real agents' make check-agents
	[ $status -eq 0 ] || say "failed:$failed" >&2
	return $status
}

# works_here DIR : does a pen start, in a home that is not the user's?
works_here() {
	try=$(mktemp -d) || return
	mkdir "$try/home" "$try/home/project" "$try/run"
	(cd "$try/home/project" && env HOME="$try/home" \
		XDG_RUNTIME_DIR="$try/run" XDG_CONFIG_HOME="$try/home/.config" \
		XDG_STATE_HOME="$try/home/.local/state" "$1/pen" true)
	works=$?
	rm -rf "$try"
	return $works
}
# quoted PATH : for a shell's single quotes, in which fish has a backslash more
quoted() {
	printf '%s\n' "$1" | sed "s/'/'\\\\''/g; 1s/^/'/; \$s/\$/'/"
}

# rc SHELL : writes to $rc and $line what to add where
rc() {
	file=$(quoted "$prefix/share/pen/shell/pen.$1")
	line="[ ! -r $file ] || . $file # pen"
	case $1 in
	bash) rc=$HOME/.bashrc ;;
	zsh) rc=${ZDOTDIR:-$HOME}/.zshrc ;;
	fish)
		rc=${XDG_CONFIG_HOME:-$HOME/.config}/fish/config.fish
		line="test -r $file; and source $file # pen"
		;;
	esac
}

# Whose line this is, whatever prefix it names; and what says that the file was
# not there before.
mine='/share/pen/shell/pen\.[a-z]*.* # pen$'
made='# made by install.sh of pen'

# without_line FILE [LINE] : takes this line out, or any of ours; the file stays
# the same one, as it may be a link, and goes away if it was made for the line
without_line() {
	[ -f "$1" ] || return 0
	set -- "$1" ${2:+-xF} "${2:-$mine}"
	file=$1
	shift
	grep -q "$@" "$file" || return 0
	rest=$(grep -v "$@" "$file" && echo x) || rest=x
	case $rest in
	"$made
x") rm "$file" ;;
	"$made and its directories
x") rm "$file" && rmdir -p "${file%/*}" 2>/dev/null ;;
	*) printf %s "${rest%x}" >"$file" ;;
	esac
	return 0
}

# with_line SHELL : once, and where there is no file, in a new one
with_line() {
	rc "$1"
	if [ -f "$rc" ] && grep -qxF "$line" "$rc"; then
		say "$1: $rc reads it already"
		return
	fi
	without_line "$rc"
	if [ ! -d "${rc%/*}" ]; then
		mkdir -p "${rc%/*}" && echo "$made and its directories" >"$rc"
	elif [ ! -e "$rc" ]; then
		echo "$made" >"$rc"
	fi || return
	# a last line without a newline must not become part of ours
	[ -z "$(tail -c 1 "$rc")" ] || echo >>"$rc"
	printf '%s\n' "$line" >>"$rc" || return
	say "$1: agents run in a pen when they are typed by name ($rc)"
}

# reads_it SHELL : does a new login shell?  fish always does.  Away from the
# terminal, if that can be: an interactive shell would take it.
reads_it() {
	[ "$1" != fish ] && have "$1" || return 0
	set -- "$1" -lic 'typeset -f pen-status'
	! have setsid || set -- setsid "$@"
	! have timeout || set -- timeout 20 "$@"
	"$@" </dev/null >/dev/null 2>&1
}

# remedy SHELL : what to do when it does not; bash reads one of these only
remedy() {
	[ "$1" = bash ] || return 0
	for file in .bash_profile .bash_login .profile; do
		[ ! -e "$HOME/$file" ] || break
	done
	echo "; add this line to ~/$file:  . ~/.bashrc"
}

# shells : the ones to change: named, or agreed to on the terminal
shells() {
	case $shells in
	ask) ;;
	*)
		echo "$shells" | tr ',' ' '
		return
		;;
	esac
	[ -t 0 ] && [ -t 2 ] && [ "$(id -u)" -ne 0 ] || return 0
	for sh in bash zsh fish; do
		rc $sh
		[ -f "$rc" ] || continue
		! grep -qxF "$line" "$rc" || continue
		printf '%s' "install.sh: $sh: run agents in a pen when they are" \
			" typed by name?  A line is added to $rc. [y/N] " >&2
		read -r answer || return 0
		case $answer in [yY]*) echo $sh ;; esac
	done
}

# integrate : the shells, and links for the agents that are there
integrate() {
	chosen=$(shells | xargs)
	[ -n "$chosen" ] || return 0
	for sh in $chosen; do
		with_line "$sh" || fail "cannot write $rc"
		reads_it "$sh" || say "$sh: but a new login shell does not read" \
			"$rc$(remedy "$sh")"
	done
	agents=
	for f in agents/*.conf; do
		f=$(basename "$f" .conf)
		! have "$f" || agents="$agents $f"
	done
	# shellcheck disable=SC2086 # names without blanks
	if [ -n "$agents" ]; then
		"$prefix/bin/pen-shim" --install $agents 2>/dev/null ||
			fail "pen-shim could not make links for all of:$agents"
		say "and when other programs start them (pen-shim --list):$agents"
	fi
}

install_pen() {
	packages build run
	[ "$(id -u)" -ne 0 ] || [ -z "${SUDO_USER:-}" ] || [ -n "$prefix" ] ||
		fail "run it without sudo, or say where to: --prefix /usr/local"
	prefix=${prefix:-$HOME/.local}
	make PREFIX="$prefix" install || exit
	say "installed in $prefix"
	works_here "$prefix/bin" || say "but a pen does not start here yet:" \
		"see the line above; pen-ns(1) has the requirements"
	integrate
	case :$PATH: in
	*:"$prefix/bin":*) say "next: cd to a project and type: pen claude" ;;
	*) say "next: add $prefix/bin to PATH, cd to a project: pen claude" ;;
	esac
}

# remove_account : the one that root's --demo and --check made
remove_account() {
	note=$(getent passwd $account 2>/dev/null | cut -d: -f5)
	[ "$note" = "$account_note" ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		say "root made the account '$account': --uninstall as root" \
			"removes it"
		return
	fi
	say "removing the account '$account'"
	if have userdel; then
		userdel -r $account 2>/dev/null
	else
		deluser --remove-home $account
	fi || fail "cannot remove the account '$account'"
}

uninstall_pen() {
	prefix=${prefix:-$HOME/.local}
	for sh in bash zsh fish; do
		rc $sh
		without_line "$rc" "$line"
	done
	[ ! -x "$prefix/bin/pen-shim" ] || "$prefix/bin/pen-shim" --remove
	if [ -e "$prefix/$manifest" ]; then
		have make || fail "make is needed to uninstall"
		make PREFIX="$prefix" uninstall || exit
		say "removed from $prefix"
	else
		say "nothing of pen in $prefix"
	fi
	for kept in "${XDG_CONFIG_HOME:-$HOME/.config}/pen" \
		"${XDG_STATE_HOME:-$HOME/.local/state}/pen"; do
		[ ! -e "$kept" ] || say "yours, and left alone: $kept"
	done
	remove_account
}

# A function, so that all of this file has been read before any of it runs.
main() {
	action=install prefix='' shells=ask
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
	*) prefix=$PWD/$prefix ;;
	esac
	for sh in $(echo "$shells" | tr ',' ' '); do
		case $sh in
		bash | zsh | fish | ask) ;;
		*) fail "--shell: '$sh' is none of bash, zsh and fish" ;;
		esac
	done
	cd "$(dirname "$0")" || exit
	# nft and capsh are in a place that not every user's PATH has
	PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

	case $action in
	install) install_pen ;;
	uninstall) uninstall_pen ;;
	deps)
		packages build run demo check
		packages_more
		;;
	demo)
		packages build run demo
		if [ "$(id -u)" -eq 0 ]; then as_user --demo; else make demo; fi
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
