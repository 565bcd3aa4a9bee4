#!/usr/bin/env bats
# What refuses a user namespace is said by what the host says of itself: here a
# /proc and a /sys of the test's own stand for hosts that are not at hand.

load ../lib/common

setup() {
	scratch
	mkdir -p host/proc/self/attr/apparmor host/proc/sys/{kernel,user} \
		host/sys/fs/selinux host/opt/pen/bin \
		host/{etc,run,dev,usr,lib,lib64}
	ln -s opt/pen/bin host/bin
	cp "$BIN/pen-check" host/bin/
	place /opt/pen/bin
	echo 60000 >host/proc/sys/user/max_user_namespaces
	process 0 0
	# sanitizers read it there, and what they have to say is not of this
	printf 'ASAN_OPTIONS=detect_leaks=0\0' >host/proc/self/environ
}

view=(--ro-bind host / --bind /dev /dev --ro-bind /usr /usr
	--ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64)

# process NO_NEW_PRIVS SECCOMP
process() {
	printf 'Name:\tpen-net\nNoNewPrivs:\t%s\nSeccomp:\t%s\nSeccomp_filters:\t9\n' \
		"$1" "$2" >host/proc/self/status
}

# place DIRECTORY : where pen-check is, as /proc has it
place() {
	ln -sf "$1/pen-check" host/proc/self/exe
}

label() {
	echo "$1" >host/proc/self/attr/apparmor/current
}

sysctl() {
	mkdir -p "host/proc/sys/${1%/*}"
	echo "$2" >"host/proc/sys/$1"
}

# refused WHAT ERROR : what is said of it there; owned by whoever is uid 0
refused() {
	expect 0 pen-ns "${view[@]}" --uid "${OWNER:-0}" \
		-- /bin/pen-check --refused "$@"
	[ ${#lines[@]} -eq 1 ]
}

EPERM=1 EACCES=13 ENOSPC=28

@test "AppArmor: the profile is named, and the command that loads pen's" {
	local error
	label 'users_shell (enforce)'
	for error in $EPERM $EACCES; do
		refused namespace $error
		equals "AppArmor's profile users_shell (enforce) refuses it: sudo ./install.sh --prefix /usr/local --apparmor"
	done
	mkdir -p host/etc/apparmor.d
	touch host/etc/apparmor.d/pen
	refused namespace $EPERM
	equals "AppArmor's profile users_shell (enforce) refuses it: sudo apparmor_parser -r /etc/apparmor.d/pen"
}

@test "AppArmor: a copy that the user can change is not given a profile" {
	label 'unprivileged_userns (complain)'
	OWNER=1000 refused namespace $EPERM
	has "profile unprivileged_userns (complain) refuses it"
	has "root's copy of pen gets a profile, in the place of this one: ./install.sh --uninstall; sudo ./install.sh --prefix /usr/local --apparmor"
	chmod 777 host/opt/pen
	refused namespace $EPERM
	has "root's copy"
	chmod 755 host/opt/pen
	refused namespace $EPERM
	lacks "root's copy"
	mkdir -p host/etc/apparmor.d
	touch host/etc/apparmor.d/pen
	refused namespace $EPERM
	has "sudo apparmor_parser"
	# once root's copy has one, the user's is in its way
	OWNER=1000 refused namespace $EPERM
	has "/etc/apparmor.d/pen is for root's copy of pen; remove this one, which comes first: ./install.sh --uninstall"
}

@test "AppArmor: a copy in a directory that the profile does not name is not, either" {
	mkdir -p host/srv/bin
	cp "$BIN/pen-check" host/srv/bin
	place /srv/bin
	label 'users_shell (enforce)'
	refused namespace $EPERM
	has "root's copy of pen gets a profile"
}

@test "AppArmor: a package that came without its profile has it in its share" {
	[ -z "${SAN:-}" ] || return 0 # it needs the host's /usr
	mkdir -p host/usr/bin host/usr/share/pen/apparmor
	cp "$BIN/pen-check" host/usr/bin
	place /usr/bin
	label 'unprivileged_userns (enforce)'
	view=(--ro-bind host / --bind /dev /dev)
	refused namespace $EPERM
	has 'sudo ./install.sh --prefix /usr/local --apparmor'
	touch host/usr/share/pen/apparmor/pen
	refused namespace $EPERM
	has 'refuses it: sudo cp /usr/share/pen/apparmor/pen /etc/apparmor.d/pen && sudo apparmor_parser -r /etc/apparmor.d/pen'
}

@test "AppArmor: a label that confines nothing is not blamed" {
	local l
	for l in unconfined 'pen (unconfined)' 'a//&b (unconfined)'; do
		label "$l"
		refused namespace $EPERM
		lacks AppArmor
	done
}

@test "AppArmor: with no_new_privs no other profile applies, also to a program" {
	label 'users_shell (enforce)'
	process 1 0
	refused namespace $EACCES
	has 'users_shell (enforce) refuses it: no_new_privs keeps pen from a profile'
	refused exec $EPERM
	has 'users_shell (enforce) refuses it: no_new_privs keeps pen from a profile'
	process 0 0
	refused exec $EPERM
	lacks no_new_privs
}

@test "Ubuntu's switch is named where it is on, and only there" {
	label unconfined
	sysctl kernel/apparmor_restrict_unprivileged_userns 0
	refused namespace $EPERM
	lacks apparmor_restrict
	sysctl kernel/apparmor_restrict_unprivileged_userns 1
	refused namespace $EPERM
	has 'kernel.apparmor_restrict_unprivileged_userns refuses it to programs without a profile'
	has 'sudo ./install.sh --prefix /usr/local --apparmor'
	label 'pen (unconfined)'
	refused namespace $EPERM
}

@test "Debian's switch and the limits" {
	sysctl kernel/unprivileged_userns_clone 0
	refused namespace $EPERM
	has 'sudo sysctl kernel.unprivileged_userns_clone=1'
	sysctl kernel/unprivileged_userns_clone 1
	sysctl user/max_user_namespaces 0
	refused namespace $ENOSPC
	has 'sudo sysctl user.max_user_namespaces=10000'
	sysctl user/max_user_namespaces 100
	refused namespace $ENOSPC
	has 'the limit user.max_user_namespaces is reached'
}

@test "SELinux: by its error, where it enforces" {
	echo staff_u:staff_r:staff_t:s0 >host/proc/self/attr/current
	echo 1 >host/sys/fs/selinux/enforce
	refused namespace $EACCES
	has 'SELinux refuses it to staff_u:staff_r:staff_t:s0: sudo ausearch'
	refused namespace $EPERM
	lacks SELinux
	echo 0 >host/sys/fs/selinux/enforce
	refused namespace $EACCES
	lacks SELinux
}

@test "a seccomp filter; docker is named in docker, and its flags that are missing" {
	process 0 2
	refused namespace $EPERM
	has 'a seccomp filter of what pen was started by refuses it'
	lacks docker
	touch host/.dockerenv
	refused namespace $EPERM
	equals 'the container refuses it: docker run --security-opt seccomp=unconfined'
	label 'docker-default (enforce)'
	refused namespace $EACCES
	equals 'the container refuses it: docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined'
	process 0 0
	refused namespace $EACCES
	equals 'the container refuses it: docker run --security-opt apparmor=unconfined'
	# a virtual machine that was made of a container's image
	label 'users_shell (enforce)'
	refused namespace $EACCES
	lacks docker
	label 'containers-default-0.50 (enforce)'
	rm host/.dockerenv
	touch host/run/.containerenv
	refused namespace $EACCES
	has 'podman run'
}

@test "nothing is guessed: where nothing refuses it, that is said" {
	refused namespace $EPERM
	equals 'no switch, profile or filter that pen knows of refuses it here; pen-check tries the rest'
	refused exec $EPERM
	has 'no security module that pen knows of refuses it'
	expect 125 pen-check --refused anything 1
	expect 125 pen-check --refused exec 0x1
}

@test "a chroot is told from everything else" {
	[ -z "${SAN:-}" ] || return 0 # it needs libraries then
	mkdir T
	expect 0 unshare -Urm bash -c 'mkdir T/{bin,proc} && cp "$0" T/bin/ &&
		mount --rbind /proc T/proc &&
		exec chroot T /bin/pen-check --refused namespace 1' "$BIN/pen-check"
	has 'refuses it in a chroot'
}

@test "the links say it: two lines, and the status is theirs" {
	[ -z "${SAN:-}" ] || return 0 # without their stack ASan warns
	label 'users_shell (enforce)'
	cp "$BIN"/pen-{net,ns,monitor,filter} host/bin/
	local link
	for link in pen-net 'pen-ns --ro-bind / / --'; do
		# shellcheck disable=SC2086 # a command and its arguments
		expect 125 pen-ns "${view[@]}" --uid 0 -- /bin/pen-filter -- \
			/bin/$link /usr/bin/true
		[ ${#lines[@]} -eq 2 ]
		[[ ${lines[0]} == "${link%% *}: cannot make "* ]]
		[[ ${lines[1]} == "hint: AppArmor's profile users_shell"* ]]
	done
}

@test "pen-check itself says it, with status 2" {
	[ -z "${SAN:-}" ] || return 0 # without their stack ASan warns
	label 'users_shell (enforce)'
	cp "$BIN"/pen{,-net,-ns,-monitor,-filter,-key,-sni} host/bin/
	run -2 --separate-stderr pen-ns "${view[@]}" --uid 0 -- \
		/bin/pen-filter -- /bin/pen-check --json
	[ "$(jq -r '.findings[] | select(.name == "user namespaces") |
		[.state, .advice] | @tsv' <<<"$output")" = \
		$'missing\tAppArmor\'s profile users_shell (enforce) refuses it: sudo ./install.sh --prefix /usr/local --apparmor' ]
}

@test "exec that is refused: two lines, 126, also where pen-check is refused" {
	expect 126 strace -f -qqq -o /dev/null -e inject=execve:error=EPERM:when=1 \
		pen-filter -- true
	[ "${lines[0]}" = "pen-filter: cannot execute 'true': Operation not permitted" ]
	[ "${lines[1]}" = 'hint: pen-check says what refuses it' ]
}
