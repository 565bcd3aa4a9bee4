# Parts of a change: which lines are taken, whatever the diff says.
load ../lib/common

setup() {
	scratch
	cd "$T" || return 1
	seq 20 >a
	sed '1s/^/new\n/; s/^10$/ten/; 20d' a >b
	diff -U1 a b >diff || :
}

# takes N… : is the old text with the hunks of these numbers
takes() {
	"$PROBE/unit/hunks" a b diff "$@" | tail -n +2
}

@test "none is the old text, all is the new one, and one is that change alone" {
	[ "$(takes)" = "$(cat a)" ]
	[ "$(takes 1 2 3)" = "$(cat b)" ]
	[ "$(takes 2)" = "$(sed 's/^10$/ten/' a)" ]
	[ "$(takes 1 3)" = "$(sed '1s/^/new\n/; 20d' a)" ]
}

@test "a text that was empty, is empty, or has no end of line" {
	local texts=('' $'1\n2' $'1\n2\n' x) from to
	for from in "${texts[@]}"; do
		for to in "${texts[@]}"; do
			[ "$from" != "$to" ] || continue
			printf '%s' "$from" >a
			printf '%s' "$to" >b
			[ -s a ] && [ -s b ] || continue
			diff -U3 a b >diff || :
			[ "$(takes 1; echo .)" = "$to"$'.' ] ||
				[ "$(takes 1)" = "$to" ]
		done
	done
}

@test "a diff of other texts, or one that lies, takes nothing" {
	local head
	for head in '@@ -1 + 1 @@' '@@ -x,1 +1 @@' '@@ -0,1 +1 @@' '@@ -1,1' '@@ '; do
		echo "$head" >diff
		run -1 "$PROBE/unit/hunks" a b diff
		equals 'no diff'
	done
	for head in '@@ -100 +1 @@' '@@ -1,99 +1,2 @@' '@@ -1 +99999999999999999999 @@' \
		$'@@ -5 +5 @@\n@@ -1 +1 @@'; do
		echo "$head" >diff
		run -0 "$PROBE/unit/hunks" a b diff 1
		has 'not of these'
	done
}
