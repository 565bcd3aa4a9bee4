#!/usr/bin/env bats
# pen-ns: overlays, and what they do with hosts and names that are awkward.

load ../lib/common

setup() {
	scratch
	view=(--system --proc /proc --dev /dev --tmpfs /tmp)
	odd='a:1,x\y' # what the kernel's option string is made of
	mkdir -p "$odd/dir" b upper work
	echo low >"$odd/both"
	echo low >"$odd/low"
	echo low >"$odd/dir/file"
	echo high >b/both
}

ns() {
	pen-ns "${view[@]}" "$@"
}

@test "the last --overlay-src is on top, whatever is in the names" {
	expect 0 ns --overlay-src "$odd" --overlay-src b --ro-overlay /o \
		cat /o/both /o/low /o/dir/file
	[ "$output" = $'high\nlow\nlow' ]
	expect 0 ns --overlay-src b --overlay-src "$odd" --ro-overlay /o \
		cat /o/both
	[ "$output" = low ]
}

# What was made for the view beside it, by a number, is not in what "ls -A /" and
# mountinfo say: the view is a directory of its tmpfs.
base_is_hidden() {
	[ -n "$(awk '$5 == "/" && $4 != "/"' <<<"$output")" ]
	[ -z "$(awk '$5 == "/" { dev = $3 } $3 == dev && $4 == "/"' \
		<<<"$output")" ]
	[ "$(sed -n '/^\/:$/,$p' <<<"$output" | grep -cxE '[0-9]+')" -eq 0 ]
}

@test "--ro-overlay is read-only" {
	expect 2 ns --overlay-src "$odd" --overlay-src b --ro-overlay /o \
		sh -c 'echo x >/o/x'
	has 'Read-only file system'
}

@test "--tmp-overlay is writable, and nothing of it stays or shows" {
	expect 0 ns --overlay-src "$odd" --overlay-src b --tmp-overlay /o \
		sh -c 'echo new >/o/new; echo over >/o/low; rm /o/both
			ls /o /o/dir; cat /o/low
			echo /:; ls -A /; cat /proc/self/mountinfo'
	[[ $output == $'/o:\ndir\nlow\nnew\n\n/o/dir:\nfile\nover\n'* ]]
	base_is_hidden
	lacks "$odd"
	[ "$(cat "$odd/low" "$odd/both" b/both)" = $'low\nlow\nhigh' ]
	[ -e "$odd/dir/file" ]
}

@test "--tmp-overlay: a directory of a layer can be removed, and made again" {
	python3 -c 'import os; f = os.memfd_create("")
os.setxattr(f, "user.pen", b"")' || skip_missing 'attributes on tmpfs (Linux 6.6)'
	expect 0 ns --overlay-src "$odd" --tmp-overlay /o \
		sh -c 'rm -r /o/dir; mkdir /o/dir; ls /o/dir'
	[ "$output" = '' ]
	[ -e "$odd/dir/file" ]
}

@test "--overlay keeps in RWSRC what is written, deletions too" {
	expect 0 ns --overlay-src "$odd" --overlay upper work /o \
		sh -c 'echo new >/o/new; rm /o/both; rm -r /o/dir'
	[ "$(cat upper/new)" = new ]
	[ -c upper/both ] # a whiteout
	expect 0 ns --overlay-src "$odd" --overlay upper work /o ls /o
	[ "$output" = $'low\nnew' ]
	[ "$(cat "$odd/both")" = low ]
}

@test "an overlay of many layers, and one in an overlay" {
	local i layers=()
	for i in {1..40}; do
		mkdir "l$i"
		echo "$i" >"l$i/f"
		layers+=(--overlay-src "l$i")
	done
	expect 0 ns "${layers[@]}" --tmp-overlay /o cat /o/f
	[ "$output" = 40 ]
	expect 0 ns --nested --ro-bind "$BIN" /bins --overlay-src b \
		--tmp-overlay /o /bins/pen-ns --system --overlay-src /o \
		--tmp-overlay /p sh -c 'echo x >/p/x; cat /p/both /p/x'
	[ "$output" = $'high\nx' ]
}

# before_6_7 WORDS… : pen-ns, from which the kernel takes no layer by lowerdir+
before_6_7() {
	local n
	strace -f -qq -o trace -e trace=fsconfig pen-ns "${view[@]}" "$@" \
		>/dev/null 2>&1 || :
	n=$(grep -n -m 1 '"lowerdir+"' trace | cut -d: -f1)
	strace -f -qq -o trace -e trace=fsconfig \
		-e "inject=fsconfig:error=EINVAL:when=$n" \
		pen-ns "${view[@]}" "$@" || return
	grep -q '"lowerdir+".*(INJECTED)$' trace
}

@test "a kernel before 6.7 takes as many layers as mount(2) has room for" {
	local i layers=()
	command -v strace >/dev/null || skip_missing strace
	for i in {1..40}; do
		mkdir "l$i"
		echo "$i" >"l$i/f"
		layers+=(--overlay-src "l$i")
	done
	expect 0 before_6_7 "${layers[@]}" --tmp-overlay /o --remount-ro / sh -c \
		'cat /o/f; echo x >/o/x; ls -A /o /; cat /proc/self/mountinfo'
	[[ $output == $'40\n'* ]]
	has $'\n/o:\nf\nx\n'
	has ' /o rw,nosuid,nodev'
	base_is_hidden
	lacks "$T"
	expect 2 before_6_7 "${layers[@]}" --ro-overlay /o sh -c 'echo x >/o/x'
	has 'Read-only file system'
	for i in {1..3}; do layers+=("${layers[@]}"); done
	expect 125 before_6_7 "${layers[@]}" --ro-overlay /o true
	has "cannot mount an overlay on '/o': Argument list too long"
	has 'hint: so many layers need Linux 6.7 or newer'
}

@test "an overlay on / is the root" {
	mkdir root
	expect 0 ns --overlay-src b --tmp-overlay / --system sh -c \
		'cat /both; echo x >/x; ls /'
	has $'high\n'
	has both
	[ ! -e b/x ]
}

@test "overlays that cannot be had: 125, and why" {
	expect 125 ns --overlay-src b --overlay upper /tmp /o true
	has "cannot mount an overlay on '/o'"
	has 'hint: a layer may not be inside another one'
	expect 125 ns --overlay-src "$odd" --overlay-src "$odd/dir" \
		--ro-overlay /o true
	has 'hint: a layer may not be inside another one'
	expect 125 ns --overlay-src none --tmp-overlay /o true
	has "cannot overlay 'none' on '/o': No such file or directory"
	expect 125 ns --overlay-src "$odd/both" --tmp-overlay /o true
	has 'Not a directory'
}

@test "--overlay-src must be followed by what it is for" {
	expect 125 ns --overlay-src b true
	has '--overlay-src is not followed by'
	expect 125 ns --overlay-src b --dir /x true
	expect 125 ns --overlay upper work /o true
	has '--overlay needs 1 --overlay-src or more before it'
	expect 125 ns --tmp-overlay /o true
	expect 125 ns --overlay-src b --ro-overlay /o true
	has '--ro-overlay needs 2 --overlay-src'
}
