# shellcheck shell=sh
# A profile of AppArmor's for pen, by root, for a pen that only root can change.

profile=/etc/apparmor.d/pen
profile_mark='# installed by install.sh of pen'

# apparmor_here : is it on, with its parser?
apparmor_here() {
	read -r enabled 2>/dev/null </sys/module/apparmor/parameters/enabled &&
		[ "$enabled" = Y ] && have apparmor_parser
}

# ours_only : may nobody but root change the programs that the profile names, or a
# directory above them?
ours_only() {
	set -- "$prefix"/bin/pen*
	path=$prefix/bin
	while [ "$path" != / ]; do
		set -- "$@" "$path"
		path=$(dirname "$path")
	done
	[ -z "$(find -L "$@" -prune \( ! -uid 0 -o -perm /022 \))" ]
}

# wanted_profile : names in $apparmor which file to load; fails when none
wanted_profile() {
	named=$apparmor
	if ! apparmor_here; then
		[ "$named" = ask ] || say "--apparmor: there is no AppArmor here"
		return 1
	fi
	case $prefix in
	/usr | /usr/local | /opt/pen) ours_only ;;
	*) false ;;
	esac || {
		[ "$named" = ask ] || fail "--apparmor: a profile is for a pen" \
			"that only root can change: --prefix /usr/local, as root"
		return 1
	}
	[ "$named" != ask ] || apparmor=pen
	apparmor_parser -QTK "$prefix/share/pen/apparmor/$apparmor" \
		>/dev/null 2>&1 || {
		[ "$named" = ask ] || fail "--apparmor: the parser here cannot" \
			"read the profile: $(apparmor_parser --version | head -n 1)"
		return 1
	}
	[ "$named" = ask ] || return 0
	if [ ! -t 0 ] || [ ! -t 2 ]; then
		say "AppArmor may refuse user namespaces here: --apparmor gives" \
			"pen a profile"
		return 1
	fi
	printf '%s' "install.sh: AppArmor: give pen a profile, so that it may" \
		" make user namespaces?  It is $profile. [y/N] " >&2
	read -r answer || return 1
	case $answer in [yY]*) ;; *) return 1 ;; esac
}

load_profile() {
	wanted_profile || return 0
	if [ -e "$profile" ] && ! grep -qxF "$profile_mark" "$profile"; then
		say "$profile is there and not install.sh's: left alone"
		return
	fi
	# shellcheck disable=SC2016 # the inner shell expands it
	as_root sh -c '{ cat "$1" && echo "$3"; } >"$2" &&
		apparmor_parser -r "$2"' - \
		"$prefix/share/pen/apparmor/$apparmor" "$profile" \
		"$profile_mark" || fail "cannot load $profile"
	say "AppArmor has a profile for pen: $profile"
}

unload_profile() {
	case $prefix in /usr | /usr/local | /opt/pen) ;; *) return 0 ;; esac
	grep -qsxF "$profile_mark" "$profile" || return 0
	# shellcheck disable=SC2016
	as_root sh -c 'apparmor_parser -R "$1"; rm "$1"' - "$profile" ||
		fail "cannot remove $profile"
	say "removed $profile"
}
