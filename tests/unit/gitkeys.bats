# git's configuration, read and written by key, against git itself.
load ../lib/common

setup() {
	scratch
	GITKEYS=$PROBE/unit/gitkeys
}

# agrees FILE : git reads the same
agrees() {
	diff <("$GITKEYS" list "$1" | tr '\0' '#') \
		<(git config --file "$1" --list -z | tr '\0' '#')
}

@test "variables are read as git reads them" {
	cat >a <<-'END'
		; a comment
		[core] bare = false
			Editor = "a b" c # comment
		[remote "Or\"ig\\in"]
			url = https://example.org/x.git
			fetch=+refs/heads/*:refs/remotes/origin/*
			fetch = "+refs/x"
		[Section.Sub] yes
			long = one \
		two
			odd = "a;b" ; c
			tab = "\t\n\b"
			none =
		[x]
		[y "z"]	a = 1
	END
	agrees a
	[ "$("$GITKEYS" list a | tr '\0' '\n' | wc -l)" -ge 11 ]
	printf '[a]\r\n\tb = c\r\n\td = e f\r\n' >a
	agrees a
	printf '[a]\n\tb = c' >a
	agrees a
}

@test "what git refuses is refused, and what can be taken in two ways" {
	local text
	for text in '[a' '[a]\nb = "c' 'b = c' '[a]\n=c' '[a "b]\nc' '[]\na' \
		'[a]\n1b = c' '[a]\nb c' '[a]\nb = \\x' '[a]\nb = c\0d' '[a.]\nb' \
		'[a.b "c"]\nd' '[a] [b]\nc'; do
		# shellcheck disable=SC2059 # escapes are meant
		printf "$text" >a
		expect 1 "$GITKEYS" list a
	done
}

@test "a value that is taken over is what git reads, and the rest stays" {
	printf '# mine\n[core]\n\tbare = false ; so\n[branch "b"] remote = x\n\tmerge = y\n[z]\n' >host
	printf '[branch "b"]\nremote = "a \\"q\\" #;"\nmerge = one\nmerge = two\n[new "s\\\\t"]\nk = " v\\t"\nyes\n[core]\nx = y' >draft
	"$GITKEYS" take host draft >out
	diff <(git config --file draft --list -z | tr '\0' '\n' | sort) \
		<(git config --file out --list -z | tr '\0' '\n' |
			grep -v '^false$\|^core.bare$' | sort)
	grep -qx '# mine' out
	grep -q 'bare = false ; so' out
	[ "$(git config --file out --get-all branch.b.merge)" = "$(printf 'one\ntwo')" ]
	# and into nothing
	: >empty
	"$GITKEYS" take empty draft >out
	diff <(git config --file draft --list -z | tr '\0' '#') \
		<(git config --file out --list -z | tr '\0' '#')
}
