# What is not in a directory, from one look at it.
load ../lib/common

setup() {
	scratch
	mkdir d
}

# asked NAME… : what is said of them, and of 1000 that are not there
asked() {
	run bash -c 'printf "%s\n" "${@:2}" | "$1" d' - "$PROBE/unit/names" "$@"
	[ "$status" -eq 0 ]
}

@test "what is there may be, in whatever letters, and what is not is lacking" {
	local i
	: >d/.git >d/README.md
	ln -s nowhere d/link
	for i in {1..100}; do : >"d/file-$i"; done
	asked .git .GIT readme.md link file-100 . .vscode
	[ "${lines[*]:0:6}" = "may .git may .GIT may readme.md may link may file-100 may ." ]
	[ "${lines[6]}" = "lacks .vscode" ]
	[ "${lines[7]}" -gt 900 ]
}

@test "of a directory that is large, unreadable or not ASCII nothing is said" {
	local i
	asked .git # the control
	[ "${lines[0]}" = "lacks .git" ]
	: >d/.gıt
	asked .git
	[ "${lines[*]}" = "may .git 0" ]
	rm d/.gıt
	for i in {1..300}; do : >"d/a-longer-name-of-a-file-$i"; done
	asked .git
	[ "${lines[*]}" = "may .git 0" ]
	rm d/*
	chmod 111 d
	asked .git
	[ "${lines[*]}" = "may .git 0" ]
}
