# shellcheck shell=sh
# Packages that are missing, by the distribution's own manager.

# present TEST : is what TEST names (see packages.table) on this machine?
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
	while read -r when test row; do
		case " $* " in *" $when "*) ;; *) continue ;; esac
		present "$test" && continue
		# shellcheck disable=SC2086 # the row's columns become arguments
		set_column $row
	done <install/packages.table
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
