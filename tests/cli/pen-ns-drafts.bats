#!/usr/bin/env bats
# pen-ns: drafts, of which the host has nothing, and what is done with them when
# nothing runs inside any more.

load ../lib/common

setup() {
	scratch
	P=$PWD
	view=(--system --proc /proc --dev /dev --tmpfs /tmp --bind "$P" "$P")
	tree=(--draft-tree "$P" '')
	K=$T/kept
	mkdir -p git/hooks git/sub/deep "$K/git/hooks"
	echo host >git/config
	echo host >git/hooks/one
	echo host >git/hooks/two
	echo host >git/sub/deep/file
	link=(--draft-link 0 git/config "$P/git/config")
	hooks=(--draft 0 git/hooks "$P/git/hooks")
	file=(--draft 0 git/sub/deep/file "$P/git/sub/deep/file")
}

ns() {
	pen-ns "${view[@]}" "${tree[@]}" "$@"
}

# whiteout PATH : what overlayfs has for what was removed
whiteout() {
	/usr/bin/python3 -c 'import os, stat, sys
os.mknod(sys.argv[1], stat.S_IFCHR)' "$1"
}

# at_end SCRIPT : what is run at the end; the layer is the directory $L there
at_end() {
	printf '#!/bin/sh\nL=/proc/self/fd/4\n%s\n' "$1" >"$T/end"
	chmod +x "$T/end"
	echo MANIFEST >"$T/manifest"
	exec {fd}<"$T/manifest"
	end=(--at-end "$T/end" "$fd")
}

@test "what is written to a draft is there inside, and not on the host" {
	expect 0 ns "${link[@]}" "${hooks[@]}" "${file[@]}" sh -c '
		echo new >git/config.lock && mv git/config.lock git/other
		echo new >git/config; echo new >git/hooks/three
		rm git/hooks/one; echo new >>git/sub/deep/file
		cat git/config git/sub/deep/file; ls git/hooks'
	[ "$output" = $'new\nhost\nnew\nthree\ntwo' ]
	[ "$(cat git/config git/sub/deep/file)" = $'host\nhost' ]
	[ "$(echo git/hooks/*)" = 'git/hooks/one git/hooks/two' ]
	[ -e git/other ]
}

@test "a link is replaced by lock and rename beside what it leads to" {
	expect 0 ns "${link[@]}" git config -f git/config a.b c
	expect 0 cat git/config
	[ "$output" = host ]
	expect 0 ns "${link[@]}" sh -c 'readlink git/config
		git config -f git/config a.b c; cat git/config'
	[ "$output" = $'/dev/pen/0/config\nhost\n[a]\n\tb = c' ] ||
		[ "${lines[0]}" = /dev/pen/0/config ]
	[ ! -e git/config.lock ]
}

@test "what was kept is over the host's, and what was removed is not there" {
	echo kept >"$K"/git/config
	echo kept >"$K"/git/hooks/one
	whiteout "$K/git/hooks/two"
	tree=(--draft-tree "$P" "$K")
	expect 0 ns "${link[@]}" "${hooks[@]}" sh -c 'cat git/config
		cat git/hooks/one; ls git/hooks; echo x >git/hooks/one'
	[ "$output" = $'kept\nkept\none' ]
	[ "$(cat "$K/git/hooks/one")" = kept ]
	rm "$K/git/config"
	whiteout "$K/git/config"
	expect 1 ns "${link[@]}" cat git/config
	has 'No such file'
	expect 0 ns "${link[@]}" sh -c 'echo made >git/config; cat git/config'
	[ "$output" = made ]
}

@test "neither a draft nor a directory on the way to it can be moved" {
	for what in git git/config git/hooks git/sub git/sub/deep \
		git/sub/deep/file; do
		expect 0 ns "${link[@]}" "${hooks[@]}" "${file[@]}" sh -c '
			mv "$0" moved 2>&1; rm -rf "$0" 2>&1; true' "$what"
		has 'busy'
		[ -d git/hooks ] && [ -d git/sub/deep ]
		[ "$(cat git/config)" = host ]
		rm -rf moved
	done
	# a control: what has no draft in it can
	expect 0 ns "${link[@]}" mv git/sub moved
	[ -e moved/deep/file ]
}

@test "no hard link joins a draft and the host" {
	expect 1 ns "${link[@]}" ln -L git/config joined
	has 'cross-device'
	expect 1 ns "${hooks[@]}" ln git/hooks/one joined
	has 'cross-device'
	expect 0 ns "${hooks[@]}" ln git/hooks/one git/hooks/joined
}

@test "a file that has another name is refused" {
	ln git/config other
	ln git/sub/deep/file git/hooks/third
	for option in link file; do
		local -n draft=$option
		expect 125 ns "${draft[@]}" true
		has "it has another name, a hard link"
		has 'hint: copy it'
	done
	expect 0 ns "${hooks[@]}" true
}

@test "the layer is out of reach but for what links lead to" {
	expect 0 ns "${link[@]}" "${hooks[@]}" sh -c 'ls -A /dev/pen
		umount /dev/pen 2>/dev/null && exit 9; find / -xdev -name marks
		cat /proc/self/mountinfo'
	[ "${lines[0]}" = 0 ]
	lacks "$T/home/src/project/kept"
	[ "$(grep -c '^/.*marks$' <<<"$output")" -eq 0 ]
}

@test "--draft-size bounds all that is written, in bytes and in files" {
	expect 0 ns --draft-size 1048576 "${link[@]}" "${hooks[@]}" sh -c '
		head -c 700000 /dev/zero >git/config || exit 9
		head -c 700000 /dev/zero >git/hooks/one && exit 8
		true'
	has 'No space left'
	expect 125 ns --draft-size 0 true
	has 'must be greater than 0'
	head -c 2000000 /dev/zero >git/config
	expect 125 ns --draft-size 1048576 "${link[@]}" true
	has 'hint: drafts need more room: --draft-size'
}

@test "a draft whose name leads elsewhere by then is refused" {
	mkdir other
	echo other >other/config
	rm -r git/sub
	ln -s ../other git/sub
	expect 125 ns --draft-link 0 git/sub/config "$P/git/sub/config" true
	has 'cannot make a draft of'
	expect 125 ns --draft 0 git/hooks "$P/other/git/hooks" true
	has 'cannot make a draft of'
	mkdir -p other/git/hooks
	expect 125 ns --draft 0 git/hooks "$P/other/git/hooks" true
	has "it is not 'git/hooks' of '$P'"
	expect 125 ns --draft 1 git/hooks "$P/git/hooks" true
	has 'there is no --draft-tree 1 before it'
	expect 125 ns --draft 0 hooks/git "$P/git/hooks" true
	has "does not end with '/hooks/git'"
	rm git/config
	mkfifo git/config
	expect 125 timeout 20 pen-ns "${view[@]}" "${tree[@]}" "${link[@]}" true
	has 'it is not a file'
}

@test "where there can be no overlay a draft is a copy, and bounded all the same" {
	ln -s config git/hooks/link
	mkdir "$K/git/hooks/sub"
	echo kept >"$K/git/hooks/sub/x"
	whiteout "$K/git/hooks/two"
	tree=(--draft-tree "$P" "$K")
	at_end 'cd $L && ls t0 && ls t0/up/git/hooks'
	# which of the file systems the overlay is
	local n
	strace -f -qqq -o trace -e trace=fsopen \
		pen-ns "${view[@]}" "${tree[@]}" "${link[@]}" "${hooks[@]}" true
	n=$(grep fsopen trace | grep -n overlay | cut -d: -f1)
	[ "$n" -gt 1 ]
	without=(strace -f -qqq -o trace -e trace=fsopen
		-e "inject=fsopen:error=ENODEV:when=$n")
	expect 0 "${without[@]}" pen-ns "${view[@]}" "${tree[@]}" "${link[@]}" \
		"${hooks[@]}" "${end[@]}" sh -c '
			echo new >git/hooks/new; rm git/hooks/one
			readlink git/hooks/link; cat git/hooks/sub/x; ls git/hooks'
	[ "$output" = $'config\nkept\nlink\nnew\nsub\nup\nwhole\nwork\nlink\nnew\nsub' ]
	[ "$(cd git/hooks && echo *)" = 'link one two' ]
	head -c 2000000 /dev/zero >git/hooks/big
	expect 125 "${without[@]}" pen-ns --draft-size 1048576 "${view[@]}" \
		"${tree[@]}" "${link[@]}" "${hooks[@]}" true
	has 'hint: drafts need more room'
}

@test "--at-end: the layer, the manifest and the status are handed on" {
	at_end 'echo "$@"; cat <&3; (cd $L; cat links/0/config t0/up/git/hooks/x)
		stat -c "%t,%T" $L/t0/up/git/hooks/one'
	expect 7 ns "${link[@]}" "${hooks[@]}" "${end[@]}" sh -c '
		echo L >git/config; echo X >git/hooks/x; rm git/hooks/one; exit 7'
	[ "$output" = $'--manifest 3 --layer 4 --status 7\nMANIFEST\nL\nX\n0,0' ]
}

@test "--at-end runs outside, when the last process inside is gone" {
	at_end "ls $HOME/.ssh; flock -n $P/lock echo FREE"
	expect 0 ns "${link[@]}" "${end[@]}" sh -c '
		flock lock sh -c "echo >ready; exec tail -f /dev/null" &
		until [ -e ready ]; do :; done'
	[ "$output" = $'id_ed25519\nFREE' ]
}

@test "--at-end: prog that died of a signal is told as the shell tells it" {
	at_end 'echo "$@"'
	run ns "${link[@]}" "${end[@]}" sh -c 'kill -TERM $$'
	[ "$status" -eq 143 ]
	has '--status 143'
}

@test "--at-end: where prog cannot be run it is run all the same" {
	at_end 'echo "$@"'
	expect 127 ns "${link[@]}" "${end[@]}" /no/such/program
	has '--status 127'
	# the jail was never made: there is no layer
	expect 125 ns "${end[@]}" --bind /no/such /x true
	has '--status 125'
	lacks '--layer'
}

@test "--at-end: a program that fails, dies or is missing is said" {
	at_end 'exit 3'
	expect 0 ns "${end[@]}" true
	has "'$T/end' ended with status 3: what the run left is not accounted for"
	at_end 'kill -KILL $$'
	expect 4 ns "${end[@]}" sh -c 'exit 4'
	has "'$T/end' died of signal 9"
	rm "$T/end"
	expect 0 ns "${end[@]}" true
	has "cannot execute '$T/end'"
	has 'not accounted for'
}

@test "options that are gone are errors that say what follows them" {
	local option
	for option in --report --report-new --report-json --report-links \
		--known-link; do
		expect 125 pen-ns --system "$option" "$P/x" true
		has "there is no $option any more"
		has 'hint: --at-end runs pen-report(1)'
	done
	expect 0 pen-ns --help
	lacks --report
}
