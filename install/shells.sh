# shellcheck shell=sh
# The lines in rc files, and the links of pen-shim(1).

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
	# the functions put the prefix on PATH as well, where agents may be
	path=$PATH:$prefix/bin
	# one that is installed later gets its link where there is a directory
	shims=${XDG_DATA_HOME-}
	case $shims in /*) ;; *) shims=$HOME/.local/share ;; esac
	shims=$shims/pen/shims
	mkdir -p "$shims" || fail "cannot make $shims"
	# pen-shim --remove has noted the names that are to have none
	agents=$(PATH=$path "$prefix/bin/pen" --list programs | cut -f 1 |
		while read -r name; do
			[ -e "$shims/.$name" ] || printf ' %s' "$name"
		done)
	# shellcheck disable=SC2086 # names without blanks
	if [ -n "$agents" ]; then
		PATH=$path "$prefix/bin/pen-shim" --install $agents 2>/dev/null ||
			fail "pen-shim could not make links for all of:$agents"
		say "and when other programs start them (pen-shim --list):$agents"
	fi
}
