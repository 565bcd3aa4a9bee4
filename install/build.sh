# shellcheck shell=sh
# Builds pen, puts it below a prefix, and takes it away again.

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

# build : compiles, and says how far it is where that takes longer
build() {
	say "building pen: about ten seconds on an idle machine"
	{
		make V=1 -j "$(getconf _NPROCESSORS_ONLN || echo 1)" all
		echo "made: $?"
	} | {
		files=0 made=1
		while IFS= read -r line; do
			case $line in
			'made: '*) made=${line#made: } ;;
			*' -c -o '*)
				files=$((files + 1))
				[ $((files % 50)) -ne 0 ] ||
					say "building pen: $files files compiled"
				;;
			esac
		done
		return "$made"
	}
}

# place : builds pen below $prefix, or copies there what a release has built
place() {
	if [ -e files ]; then
		src/manifest install '' "$prefix" <files
	else
		build && make PREFIX="$prefix" install
	fi
}

# index_pages : for apropos(1), by man-db or mandoc.  What that makes is written
# down as installed; an index that was there before is only brought up to date.
index_pages() {
	pages=$prefix/share/man
	[ -d "$pages" ] || return 0
	before="
$(find "$pages")
"
	if have mandb && [ "$(id -u)" -ne 0 ]; then
		mandb --quiet --user-db "$pages"
	elif have mandb; then
		mandb --quiet "$pages"
	elif have makewhatis; then
		makewhatis "$pages"
	fi >/dev/null 2>&1 || :
	[ -e "$prefix/$manifest" ] || return 0
	listed=$(cat "$prefix/$manifest" && find "$pages" | sort |
		while IFS= read -r path; do
			case $before in *"
$path
"*) continue ;; esac
			[ ! -d "$path" ] || path=$path/
			echo "$path"
		done)
	# the directories first, as src/manifest has them
	echo "$listed" | grep '/$' >"$prefix/$manifest"
	echo "$listed" | grep -v '/$' >>"$prefix/$manifest"
}

install_pen() {
	if [ -e files ]; then
		bin/pen --version >/dev/null 2>&1 ||
			fail "these programs are for another machine than $(uname -m)"
		packages run
	else
		packages build run
	fi
	[ "$(id -u)" -ne 0 ] || [ -z "${SUDO_USER:-}" ] || [ -n "$prefix" ] ||
		fail "run it without sudo, or say where to: --prefix /usr/local"
	prefix=${prefix:-$HOME/.local}
	place || exit
	index_pages
	say "installed in $prefix"
	load_profile
	works_here "$prefix/bin" || say "but a pen does not start here yet:" \
		"see the line above; pen-ns(1) has the requirements"
	integrate
	next='cd to a project and type: pen claude'
	case :$PATH: in
	*:"$prefix/bin":*) ;;
	*)
		if [ -n "$chosen" ]; then
			next="start a new shell, $next"
		else
			next="add $prefix/bin to PATH, cd to a project: pen claude"
		fi
		;;
	esac
	say "next: $next"
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
	unload_profile
	held=$("$prefix/bin/pen-ctl" drafts 2>/dev/null) || held=
	[ ! -x "$prefix/bin/pen-shim" ] || "$prefix/bin/pen-shim" --remove
	if [ -e "$prefix/$manifest" ]; then
		src/manifest uninstall '' "$prefix" || exit
		for index in index mandoc; do
			[ ! -e "$prefix/share/man/$index.db" ] || index_pages
		done
		say "removed from $prefix"
	else
		say "nothing of pen in $prefix"
	fi
	# what runs left is in there, and only pen-review takes it out
	[ -z "$held" ] || say "held back, for the pen-review of another install:
$held"
	for kept in "${XDG_CONFIG_HOME:-$HOME/.config}/pen" \
		"${XDG_STATE_HOME:-$HOME/.local/state}/pen"; do
		[ ! -e "$kept" ] || say "yours, and left alone: $kept"
	done
	remove_account
}
