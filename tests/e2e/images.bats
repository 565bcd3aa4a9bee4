#!/usr/bin/env bats
# README's pictures are what a run prints today.

load ../lib/common

setup() {
	scratch
	command -v curl >/dev/null || skip_missing curl
	command -v git >/dev/null || skip_missing git
}

@test "the pictures are current (make images draws them anew)" {
	[ -z "${SAN:-}" ] || return 0 # what sanitizers say would be drawn, too
	mkdir "$T/drawn"
	expect 0 "$ROOT/images/draw" "$T/drawn"
	local name
	for name in chain terminal; do
		expect 0 diff "$ROOT/images/$name.svg" "$T/drawn/$name.svg"
		expect 0 /usr/bin/python3 -c 'import sys, xml.dom.minidom as m
m.parse(sys.argv[1])' "$T/drawn/$name.svg"
		grep -qF "images/$name.svg" "$ROOT/README.md"
	done
}
