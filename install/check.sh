# shellcheck shell=sh
# --demo and --check: as an ordinary user, in a scratch copy when root calls.

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
	step 'programs of this host' make check-programs
	step 'real agents' make check-agents
	[ $status -eq 0 ] || say "failed:$failed" >&2
	return $status
}
