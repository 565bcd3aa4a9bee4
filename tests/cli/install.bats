#!/usr/bin/env bats
# install.sh: what it promises, with the package managers of five distributions
# played by stand-ins on a PATH of their own.

load ../lib/common

# What a release's tarball holds: its install.sh needs no make, and does the rest
# as the source's does.
setup_file() {
	export RELEASE=$BATS_FILE_TMPDIR/release
	mkdir -p "$RELEASE/src"
	ln -s "$ROOT/install.sh" "$ROOT/install" "$B/bin" "$RELEASE"
	ln -s "$ROOT/src/manifest" "$RELEASE/src"
	(cd "$ROOT" && src/manifest list "$B") |
		sed -E "s~^([0-7]+) ([^/])~\\1 $ROOT/\\2~" >"$RELEASE/files"
}

setup() {
	scratch
	cd "$T"
	mkdir stubs
	# on a machine that is tested on, an account of the tests may exist
	stub getent 'exit 2'
	export PATH=$T/stubs:$PATH B
}

# stub NAME SCRIPT : a command that comes before the system's
stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$T/stubs/$1"
	chmod +x "$T/stubs/$1"
}

# install_sh ARGUMENT… : from built programs; source_sh builds them first
install_sh() {
	"$RELEASE/install.sh" "$@"
}
source_sh() {
	"$ROOT/install.sh" "$@"
}

# tree DIR : every name below it with its type, mode, target and content
tree() {
	[ -e "$1" ] || return 0
	(cd "$1" && find . -printf '%P %y %m %l\n' | sort &&
		find . -type f -exec sha256sum {} + | sort)
}

# --- installing

@test "it installs below --prefix, and pen works from there" {
	expect 0 source_sh --prefix "$T/p"
	has "install.sh: installed in $T/p"
	local f
	for f in bin/pen bin/pen-ns share/man/man1/pen.1 share/man/man7/pen.7 \
		share/man/man5/pen.conf.5 share/pen/agents/claude.conf \
		share/bash-completion/completions/pen \
		share/zsh/site-functions/_pen \
		share/fish/vendor_completions.d/pen.fish; do
		[ -f "p/$f" ]
	done
	cd "$HOME/src/project"
	expect 0 "$T/p/bin/pen" --print=conf --agent claude true
	has "allow = api.anthropic.com"
	expect 0 "$T/p/bin/pen" echo inside
	[ "$output" = inside ]
}

@test "what is installed has no set-user-ID bit and others cannot write to it" {
	umask 0
	expect 0 install_sh --prefix "$T/p"
	run find p ! -type l -perm /7022
	[ -z "$output" ]
}

@test "without --prefix it is ~/.local, and nothing else is touched" {
	tree "$HOME" >before
	expect 0 source_sh
	has "installed in $HOME/.local"
	[ -x "$HOME/.local/bin/pen" ]
	rm -r "$HOME/.local"
	tree "$HOME" >after
	cmp before after
}

@test "a prefix may be relative to the current directory, and hold a blank" {
	expect 0 install_sh --prefix="a place"
	[ -x "$T/a place/bin/pen" ]
	expect 0 install_sh --uninstall --prefix "a place"
	[ ! -e "$T/a place" ]
}

@test "installing twice leaves the same tree" {
	# but for the pages' index, which has the times of the pages
	expect 0 install_sh --prefix "$T/p"
	rm -f p/share/man/index.db
	tree p >once
	expect 0 source_sh --prefix "$T/p"
	rm -f p/share/man/index.db
	tree p >twice
	cmp once twice
}

@test "an upgrade takes away what the older version had, and no more" {
	mkdir -p p/bin
	: >p/bin/mine
	expect 0 install_sh --prefix "$T/p"
	tree p >new
	# an older pen had a program and a directory that are no more
	mkdir p/share/pen/old
	: >p/bin/pen-old
	: >p/share/pen/old/file
	printf '%s\n' "$T/p/share/pen/old/" "$T/p/bin/pen-old" \
		"$T/p/share/pen/old/file" >>p/share/pen/manifest
	echo 'an older pen' >p/bin/pen
	expect 0 install_sh --prefix "$T/p"
	[ ! -e p/bin/pen-old ]
	[ ! -e p/share/pen/old/file ]
	[ -e p/bin/mine ]
	expect 0 "$T/p/bin/pen" --version
	expect 0 install_sh --uninstall --prefix "$T/p"
	[ "$(find p -mindepth 1 | sort | xargs)" = "p/bin p/bin/mine" ]
}

@test "an upgrade leaves a running pen alone" {
	expect 0 install_sh --prefix "$T/p"
	cd "$HOME/src/project"
	mkfifo go
	"$T/p/bin/pen" cat go >said &
	local pen=$!
	exec 5>go
	expect 0 install_sh --prefix "$T/p"
	echo still there >&5
	exec 5>&-
	wait $pen
	[ "$(cat said)" = "still there" ]
}

@test "it says whether PATH leads to it" {
	expect 0 install_sh --prefix "$T/p"
	has "next: add $T/p/bin to PATH, cd to a project: pen claude"
	PATH=$T/p/bin:$PATH expect 0 install_sh --prefix "$T/p"
	has "next: cd to a project and type: pen claude"
}

@test "it says when a pen does not start here" {
	stub true 'exit 1'
	expect 0 install_sh --prefix "$T/p"
	has "but a pen does not start here yet: see the line above"
}

@test "DESTDIR is where a package is made, and in no file of it" {
	expect 0 make -C "$ROOT" DESTDIR="$T/d" PREFIX=/usr install
	[ -x d/usr/bin/pen ]
	[ "$(ls d)" = usr ]
	expect 1 grep -rqF "$T" d/usr/share
	expect 0 make -C "$ROOT" DESTDIR="$T/d" PREFIX=/usr uninstall
	[ -z "$(ls -A d)" ]
}

@test "man finds the pages when PATH leads to the programs" {
	expect 0 install_sh --prefix "$T/p"
	local page
	for page in pen pen-ns pen.conf pen-cookbook '7 pen'; do
		# shellcheck disable=SC2086 # a section and a page
		PATH=$T/p/bin:/usr/bin:/bin expect 0 man -w $page
		has "$T/p/share/man"
	done
}

@test "apropos finds the pages, by an index that goes with them" {
	command -v mandb >/dev/null || skip_missing "man-db"
	mkdir -p p/share/man/man1
	tree p >before
	expect 0 install_sh --prefix "$T/p"
	PATH=$T/p/bin:/usr/bin:/bin expect 0 apropos pen-ctl
	has "inspect running pens"
	expect 0 install_sh --uninstall --prefix "$T/p"
	tree p >after
	cmp before after
	# one that was there before stays, and knows of no page of pen's
	sed s/pen-ctl/another/ "$ROOT/man/pen-ctl.1" >p/share/man/man1/another.1
	mandb --quiet --user-db "$T/p/share/man"
	expect 0 install_sh --prefix "$T/p"
	expect 0 install_sh --uninstall --prefix "$T/p"
	[ -e p/share/man/index.db ]
	MANPATH=$T/p/share/man expect 0 apropos another
	MANPATH=$T/p/share/man expect 16 apropos pen-review
}

# --- uninstalling

@test "--uninstall leaves the tree as it was before" {
	mkdir -p p/share/man/man1 p/bin
	: >p/share/man/man1/mine.1
	: >p/bin/mine
	tree p >before
	expect 0 install_sh --prefix "$T/p"
	expect 0 install_sh --uninstall --prefix "$T/p"
	has "removed from $T/p"
	tree p >after
	cmp before after
}

@test "--uninstall says what is held back of projects, and leaves it" {
	local state=$HOME/.local/state/pen/projects/p-0
	expect 0 install_sh --prefix "$T/p"
	mkdir -p "$state/draft/tree/p/.git/hooks" "$state/overlay/mine/t0/up"
	echo /p >"$state/path"
	echo x >"$state/draft/tree/p/.git/hooks/pre-commit"
	expect 0 install_sh --uninstall --prefix "$T/p"
	has 'held back'
	has 'overlay mine'
	has '/p  (gone)'
	has "yours, and left alone: $HOME/.local/state/pen"
	[ -e "$state/draft/tree/p/.git/hooks/pre-commit" ]
}

@test "an upgrade takes nothing of what runs left, and 0.1.0's keys are errors" {
	local state=$HOME/.local/state/pen
	expect 0 install_sh --prefix "$T/p"
	mkdir -p src/project "$state/log"
	cd src/project || return
	git init -q .
	# as 0.1.0 had it: a log, and no directory of projects
	echo '{"time":"2026-11-30T00:00:00Z","kind":"dns","verdict":"deny","name":"old.example"}' \
		>"$state/log/20261130T000000Z-1.jsonl"
	"$T/p/bin/pen" --offline sh -c 'echo x >.git/hooks/pre-commit'
	expect 0 "$T/p/bin/pen-review" --list
	has '.git/hooks/pre-commit'
	expect 0 install_sh --prefix "$T/p"
	expect 0 "$T/p/bin/pen-review" --list
	has '.git/hooks/pre-commit'
	[ -s "$state/log/20261130T000000Z-1.jsonl" ]
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { report += {"x"} }' >"$HOME/.config/pen/pen.conf"
	expect 125 "$T/p/bin/pen" true
	has 'report: there is no such key any more'
	# what is held back can be had all the same
	expect 0 "$T/p/bin/pen-review" --keep
	[ -e .git/hooks/pre-commit ]
}

@test "--uninstall removes the prefix too if installing made it" {
	expect 0 install_sh --prefix "$T/deep/down"
	expect 0 install_sh --uninstall --prefix "$T/deep/down"
	[ ! -e deep ]
}

@test "--uninstall keeps a directory that somebody else uses now" {
	expect 0 install_sh --prefix "$T/p"
	: >p/share/pen/mine
	expect 0 install_sh --uninstall --prefix "$T/p"
	[ "$(find p -type f)" = p/share/pen/mine ]
}

@test "--uninstall where nothing is says so" {
	expect 0 install_sh --uninstall --prefix "$T/p"
	has "nothing of pen in $T/p"
	[ ! -e p ]
}

@test "--uninstall leaves configuration and logs, and names them" {
	expect 0 install_sh
	mkdir -p "$HOME/.config/pen" "$HOME/.local/state/pen"
	expect 0 install_sh --uninstall
	has "yours, and left alone: $HOME/.config/pen"
	has "yours, and left alone: $HOME/.local/state/pen"
	[ -d "$HOME/.config/pen" ]
}

@test "--uninstall by root removes the account that --check made, and no other" {
	stub sudo 'echo "sudo $*" >>'"$T/asked"
	stub userdel 'echo "userdel $*" >>'"$T/asked"
	stub getent 'echo "pen-test:x:9:9:made by install.sh of pen:/t:/bin/sh"'
	expect 0 install_sh --uninstall --prefix "$T/p"
	has "root made the account 'pen-test': --uninstall as root removes it"
	[ ! -e asked ]
	stub id 'echo 0'
	expect 0 install_sh --uninstall --prefix "$T/p"
	has "removing the account 'pen-test'"
	[ "$(cat asked)" = "userdel -r pen-test" ]
	rm asked
	stub getent 'echo pen-test:x:9:9:somebody:/home/t:/bin/sh'
	expect 0 install_sh --uninstall --prefix "$T/p"
	[ ! -e asked ]
}

# --- shells

# agent FILE : a program that says where it runs
agent() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' '#!/bin/sh' \
		'[ -e /run/pen/pen-filter ] && echo PEN || echo BARE' >"$1"
	chmod +x "$1"
}

@test "--shell: agents run in a pen in a new shell, and from other programs" {
	agent "$HOME/bin/claude"
	PATH=$HOME/bin:$PATH
	echo '# mine' >"$HOME/.bashrc"
	echo '. ~/.bashrc' >"$HOME/.profile"
	: >"$HOME/.zshrc"
	expect 0 install_sh --shell bash,zsh,fish
	has "bash: agents run in a pen when they are typed by name ($HOME/.bashrc)"
	has "zsh: agents run in a pen when they are typed by name ($HOME/.zshrc)"
	has "fish: agents run in a pen when they are typed by name ($HOME/.config/fish/config.fish)"
	has "and when other programs start them (pen-shim --list): claude"
	lacks "does not read"
	cd "$HOME/src/project"
	local sh
	for sh in bash zsh fish; do
		expect 0 setsid $sh -ic 'claude; env claude; claude-raw' 2>/dev/null
		has "PEN
PEN
BARE"
	done
}

@test "--shell: an agent beside pen gets its link, also one that comes later" {
	local sh
	agent "$HOME/.local/bin/claude"
	expect 0 install_sh --shell bash,zsh,fish
	has "and when other programs start them (pen-shim --list): claude"
	for sh in bash zsh fish; do
		(cd "$HOME/src/project" && exec setsid $sh -ic 'env claude') \
			>out 2>/dev/null
		[ "$(cat out)" = PEN ]
	done
	expect 0 install_sh --uninstall
	[ ! -e "$HOME/.local/share/pen" ]
	# with no agent there is a directory, so that the first one gets a link
	rm "$HOME/.local/bin/claude"
	expect 0 install_sh --shell bash
	lacks "when other programs start them"
	[ -d "$HOME/.local/share/pen/shims" ]
}

@test "a build says how far it is" {
	# shellcheck disable=SC2016
	stub make 'n=0
		while [ $((n += 1)) -le 120 ]; do echo "cc -c -o $n.o $n.c"; done
		exit 3'
	expect 3 source_sh --prefix "$T/p"
	has "building pen: 50 files compiled"
	has "building pen: 100 files compiled"
	lacks "150 files"
	lacks "installed in"
}

@test "--shell adds a line once, also over an older prefix" {
	echo '# mine' >"$HOME/.bashrc"
	expect 0 install_sh --shell bash --prefix "$T/old"
	expect 0 install_sh --shell=bash
	expect 0 install_sh --shell bash
	has "bash: $HOME/.bashrc reads it already"
	expect 0 grep -c 'share/pen/shell' "$HOME/.bashrc"
	[ "$output" = 1 ]
	has 1
	[ "$(head -n 1 "$HOME/.bashrc")" = "# mine" ]
}

@test "--uninstall takes the lines and the links out again" {
	agent "$HOME/bin/claude"
	PATH=$HOME/bin:$PATH
	mkdir -p "$HOME/dotfiles"
	printf '# mine\nalias x=y\n' >"$HOME/dotfiles/bashrc"
	chmod 600 "$HOME/dotfiles/bashrc"
	ln -s dotfiles/bashrc "$HOME/.bashrc"
	tree "$HOME" >before
	expect 0 install_sh --shell bash,zsh,fish
	expect 0 grep -q share/pen/shell "$HOME/dotfiles/bashrc"
	# another prefix's removal leaves these alone
	expect 0 install_sh --uninstall --prefix "$T/p"
	expect 0 grep -q share/pen/shell "$HOME/dotfiles/bashrc"
	expect 0 install_sh --uninstall
	rmdir "$HOME/.local/state/pen" 2>/dev/null || :
	tree "$HOME" >after
	diff before after
}

@test "a last line without a newline stays a line of its own" {
	printf 'alias x=y' >"$HOME/.bashrc"
	expect 0 install_sh --shell bash
	[ "$(head -n 1 "$HOME/.bashrc")" = "alias x=y" ]
	[ "$(wc -l <"$HOME/.bashrc")" = 2 ]
}

@test "the line is harmless when pen is gone" {
	: >"$HOME/.bashrc"
	expect 0 install_sh --shell bash,zsh,fish
	rm -r "$HOME/.local/share/pen"
	local sh
	for sh in bash zsh fish; do
		expect 0 setsid $sh -ic 'echo fine' 2>/dev/null
		lacks pen
		has fine
	done
}

@test "it says when a login shell does not read the rc file" {
	: >"$HOME/.bashrc"
	expect 0 install_sh --shell bash
	has "bash: but a new login shell does not read $HOME/.bashrc; add this line to ~/.profile:  . ~/.bashrc"
	: >"$HOME/.bash_login"
	expect 0 install_sh --shell bash
	has "to ~/.bash_login:"
	echo '. ~/.bashrc' >"$HOME/.bash_profile"
	expect 0 install_sh --shell bash
	lacks "does not read"
}

@test "on a terminal it asks, for the rc files that are there" {
	: >"$HOME/.bashrc"
	: >"$HOME/.zshrc"
	expect 0 python3 "$ROOT/tests/lib/ns_tty.py" "$RELEASE/install.sh" <<-END
		expect bash: run agents in a pen when they are typed by name?
		expect A line is added to $HOME/.bashrc. [y/N]
		send n\r
		expect zsh: run agents in a pen
		send y\r
		never fish:
		expect zsh: agents run in a pen when they are typed by name
		end 0
	END
	expect 1 grep -q pen "$HOME/.bashrc"
	expect 0 grep -q pen "$HOME/.zshrc"
	expect 0 python3 "$ROOT/tests/lib/ns_tty.py" "$RELEASE/install.sh" \
		--no-shell <<-END
		expect next:
		never typed by name
		end 0
	END
}

@test "without a terminal it neither asks nor adds" {
	: >"$HOME/.bashrc"
	expect 0 install_sh
	lacks "typed by name"
	[ ! -s "$HOME/.bashrc" ]
	[ ! -e "$HOME/.local/share/pen/shims" ]
}

# --- what it refuses

@test "a shell that it does not know is an error, and nothing is done" {
	expect 1 install_sh --shell bash,tcsh
	has "--shell: 'tcsh' is none of bash, zsh and fish"
	expect 1 install_sh --shell
	[ ! -e "$HOME/.local" ]
}

@test "an unknown option is a usage error, and nothing is done" {
	expect 2 install_sh --no-such-option
	has "usage: ./install.sh"
	expect 2 install_sh install
	expect 1 install_sh --prefix
	has "--prefix needs a directory"
	expect 0 install_sh --help
	has "usage: ./install.sh"
}

@test "through sudo it wants to be told where to" {
	stub id 'echo 0'
	expect 1 env SUDO_USER=somebody "$ROOT/install.sh"
	has "run it without sudo, or say where to: --prefix /usr/local"
	[ ! -e "$HOME/.local" ]
}

@test "it runs under dash, busybox sh and bash" {
	local sh
	for sh in dash 'busybox sh' bash; do
		# shellcheck disable=SC2086 # a command and its argument
		expect 0 $sh -n "$ROOT/install.sh"
		# shellcheck disable=SC2086
		expect 0 $sh "$ROOT/install.sh" --prefix "$T/p"
		has "installed in $T/p"
		# shellcheck disable=SC2086
		expect 0 $sh "$ROOT/install.sh" --uninstall --prefix "$T/p"
		[ ! -e p ]
	done
}

# --- packages

# machine MANAGER : a PATH on which only this manager is, with a sudo
machine() {
	[ ! /usr/sbin -ef /usr/bin ] ||
		skip_missing "an /usr/sbin that is not /usr/bin"
	local c
	rm -rf m tree
	mkdir m tree
	cp -R "$ROOT/install.sh" "$ROOT/install" tree/
	for c in sh id xargs echo tr dirname cat env rm; do
		ln -s "$(type -P $c)" "m/$c"
	done
	printf '#!/bin/sh\nexec "$@"\n' >m/sudo
	chmod +x m/sudo
	[ "$1" = none ] || manager_stub "$1"
	: >"$T/calls"
}

# commands : those that install.sh's table looks for
commands() {
	awk '$1 ~ /^(build|run|demo|check|more)$/ && $2 !~ /:/ { print $2 }' \
		"$ROOT/install/packages.table" | xargs
}

# What a manager's stand-in does: it notes its arguments and "installs" all that
# the table asks for.
manager_stub() {
	cat >"m/$1" <<-END
		#!/bin/sh
		echo "$1 \$*" >>'$T/calls'
		case " \$* " in
		*" update "*) exit 0 ;;
		esac
		[ ! -e '$T/broken' ] || exit 1
		[ ! -e '$T/empty' ] || exit 0
		for c in $(commands); do
			[ -e '$T/m/'\$c ] || {
				echo '#!/bin/sh' >'$T/m/'\$c
				/bin/chmod +x '$T/m/'\$c
			}
		done
	END
	chmod +x "m/$1"
}

deps() {
	PATH=$T/m expect "$1" "$T/tree/install.sh" --deps
}

@test "--deps installs by the distribution's own names: apt-get" {
	machine apt-get
	deps 0
	has "installing with apt-get: gcc make pkg-config libc6-dev linux-libc-dev musl-tools libseccomp-dev libconfuse-dev "
	has " passt bash openssl "
	run cat calls
	[ "${lines[0]}" = "apt-get -qq update" ]
	[[ ${lines[1]} == "apt-get -qq install -y --no-install-recommends gcc make "* ]]
}

@test "--deps installs by the distribution's own names: dnf" {
	machine dnf
	deps 0
	has "installing with dnf: gcc make pkgconf-pkg-config glibc-devel kernel-headers musl-gcc libseccomp-devel libconfuse-devel "
	has " passt bash openssl "
	has " libasan libubsan "
	[[ $(cat calls) == "dnf install -q -y gcc make pkgconf-pkg-config "* ]]
}

@test "--deps installs by the distribution's own names: pacman" {
	machine pacman
	deps 0
	has "installing with pacman: gcc make pkgconf glibc linux-api-headers musl libseccomp confuse "
	has " passt bash openssl "
	[[ $(cat calls) == "pacman -S --needed --noconfirm --noprogressbar gcc "* ]]
}

@test "--deps installs by the distribution's own names: zypper" {
	machine zypper
	deps 0
	has "installing with zypper: gcc make pkg-config glibc-devel linux-glibc-devel libseccomp-devel libconfuse-devel "
	has " passt bash openssl "
	[[ $(cat calls) == "zypper -q -n install gcc "* ]]
}

@test "--deps installs by the distribution's own names: apk" {
	machine apk
	deps 0
	has "installing with apk: gcc make pkgconf musl-dev linux-headers libseccomp-dev confuse-dev "
	has " passt bash openssl "
	lacks " - "
	[[ $(cat calls) == "apk add -q gcc "* ]]
}

@test "--deps asks for nothing when all is there" {
	machine apt-get
	deps 0
	: >calls
	deps 0
	[ -z "$output" ]
	[ ! -s calls ]
}

@test "--deps goes on where a release lacks what few tests want" {
	machine apt-get
	deps 0
	rm m/chromium
	touch "$T/broken"
	deps 0
	has "installing with apt-get: chromium"
	has "apt-get has no chromium here: its tests are skipped"
}

@test "without a known manager it says what to install" {
	machine none
	deps 1
	has "no package manager known here (apt-get dnf pacman zypper apk): install by hand, under Debian's names: gcc make "
}

@test "without root, sudo or doas it says what to have installed" {
	machine apt-get
	rm m/sudo
	deps 1
	has "neither root nor sudo: have these installed first: gcc make "
	[ ! -s calls ]
	printf '#!/bin/sh\nexec "$@"\n' >m/doas
	chmod +x m/doas
	deps 0
}

@test "a manager that fails, or lacks a package, is an error that names it" {
	machine dnf
	: >broken
	deps 1
	has "dnf could not install all of these: install them by hand, then come back: gcc make "
	rm broken
	: >empty
	deps 1
	has "still missing; install by hand: gcc make "
}
