#!/usr/bin/env bats
# pen --edit: a line of pen.conf comes or goes, and the rest stays.

load ../lib/common

setup() {
	scratch
	mkdir -p "$HOME/.config/pen"
	CONF=$HOME/.config/pen/pen.conf
}

LINE=$'\tallow += {"a.org"}\n'

# adds BEFORE AFTER : a.org is added to the profile default, and taken out again
adds() {
	printf '%s' "$1" >"$CONF"
	expect 0 pen --edit add allow a.org
	[ -z "$output" ]
	printf '%s' "$2" | diff - "$CONF"
	expect 1 pen --edit add allow a.org
	printf '%s' "$2" | diff - "$CONF"
	expect 0 pen --print=conf true
	has "allow = a.org	# $CONF, profile default"
	expect 0 pen --edit remove allow a.org
	expect 1 pen --edit remove allow a.org
	expect 0 pen --print=conf true
	lacks "a.org"
}

@test "a value is added at the end of its section, which is added if it is missing" {
	adds '' $'profile "default" {\n'"$LINE"$'}\n'
	adds '# x' $'# x\n\nprofile "default" {\n'"$LINE"$'}\n'
	adds $'profile default {\n}\n' $'profile default {\n'"$LINE"$'}\n'
	adds 'profile default {}' $'profile default {\n'"$LINE"'}'
	adds $'profile default {}agent x {}\n' \
		$'profile default {\n'"$LINE"$'}agent x {}\n'
	adds $'profile\ndefault\n{ mask = {"}"}\n\t}' \
		$'profile\ndefault\n{ mask = {"}"}\n'"$LINE"$'\t}'
}

@test "comments, strings and other sections are not taken for it" {
	adds $'profile default { # }\n}\n' $'profile default { # }\n'"$LINE"$'}\n'
	adds $'profile default { // }\n}\n' $'profile default { // }\n'"$LINE"$'}\n'
	adds $'profile default { /* } */ } // }\n' \
		$'profile default { /* } */ \n'"$LINE"$'} // }\n'
	adds $'profile default { mask = {\'}\', "}"}}# } }\n' \
		$'profile default { mask = {\'}\', "}"}\n'"$LINE"$'}# } }\n'
	adds $'project "profile default" {\n}\n' \
		$'project "profile default" {\n}\n\nprofile "default" {\n'"$LINE"$'}\n'
	adds $'# profile default {\n' \
		$'# profile default {\n\nprofile "default" {\n'"$LINE"$'}\n'
	adds $'agent default { host x.org { private = true } }\n' \
		$'agent default { host x.org { private = true } }\n\nprofile "default" {\n'"$LINE"$'}\n'
}

@test "only a line that was added so is removed, in its own section" {
	printf '%s' $'profile default {\n'"$LINE"$'\tdeny = {"a.org"}\n}\nproject "/x" {\n'"$LINE"$'}\n' >"$CONF"
	expect 1 pen --edit remove deny a.org
	expect 1 pen --profile other --edit remove allow a.org
	expect 0 pen --edit remove allow a.org
	printf '%s' $'profile default {\n\tdeny = {"a.org"}\n}\nproject "/x" {\n'"$LINE"$'}\n' |
		diff - "$CONF"
}

@test "--agent, --profile and --project say which section, several edits are one" {
	expect 0 pen --agent claude --edit add env FOO --edit add ro '~/x'
	expect 0 pen --profile work --edit add publish 8080
	expect 0 pen --project . --edit add protect +~/y --edit remove allow x.org
	[ "$(cat "$CONF")" = "agent \"claude\" {
	env += {\"FOO\"}
	ro += {\"~/x\"}
}

profile \"work\" {
	publish += {\"8080\"}
}

project \"$PWD\" {
	protect += {\"+~/y\"}
}" ]
	printf 'project "~/src/project" {\n}\n' >"$CONF"
	expect 0 pen --project "$PWD" --edit add allow a.org
	[ "$(cat "$CONF")" = "project \"~/src/project\" {
${LINE}}" ]
	expect 0 pen --config "$T/new.conf" --edit add allow a.org
	[ "$(stat -c %a "$T/new.conf")" = 600 ]
}

@test "what is wrong is said, and the file is as it was" {
	local text
	for text in 'profile default {' '}' 'profile default { "' '/*' \
		'profile default { } }' "'" 'profile default { alow = {} }'; do
		printf '%s' "$text" >"$CONF"
		expect 125 pen --edit add allow a.org
		has "pen: $CONF:1: "
		printf '%s' "$text" | cmp - "$CONF"
	done
	: >"$CONF"
	expect 125 pen --edit add allow 'a b'
	has "it is not a host name"
	expect 125 pen --edit add network open
	has "'network' is not a list"
	expect 125 pen --edit change allow a.org
	has "neither add nor remove"
	expect 125 pen --edit add mask 'a"b'
	has 'cannot quote'
	expect 125 pen --edit add mask '${HOME}'
	expect 125 pen --edit add mask $'a\nb'
	expect 125 pen --project $'/a"b' --edit add allow a.org
	[ ! -s "$CONF" ]
	chmod 666 "$CONF"
	expect 125 pen --edit add allow a.org
	has "can be written by others"
}

@test "every shipped configuration can be edited" {
	local f
	for f in "$ROOT"/agents/*.conf; do
		cp "$f" "$CONF"
		expect 0 pen --edit add allow a.org
		grep -qxF "${LINE%?}" "$CONF"
		expect 0 pen --agent "$(basename "$f" .conf)" --edit add allow b.org
		expect 0 pen --agent "$(basename "$f" .conf)" --edit remove allow b.org
		[ "$(head -n "$(wc -l <"$f")" "$CONF")" = "$(cat "$f")" ]
	done
}

@test "two at once lose nothing" {
	local i pids=()
	for i in {1..12}; do
		pen --edit add allow "host$i.example.org" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i"; done
	expect 0 pen --print=conf true
	for i in {1..12}; do has "allow = host$i.example.org"; done
}

# --- where a value came from

@test "the variable that a value is made of is named, and no other" {
	cat >"$CONF" <<-'END'
		profile default {
			allow = {"a", "${X:-none}.b", "o.x", '${X}.c.org'}
			mask = {"${X}/${Y}", "${Z:-dir}"}
			network = ${NET:-open}
			ask = ${ASK:-false}
		}
	END
	sed -i "s/, '\${X}.c.org'//" "$CONF"
	X=o Y=o NET=offline ASK=true expect 0 pen --print=conf true
	has "allow = a	# $CONF, profile default
"
	has "allow = o.b	# $CONF, profile default, X
"
	has "allow = o.x	# $CONF, profile default
"
	has "mask = o/o	# $CONF, profile default, X, Y
"
	has "mask = dir	# $CONF, profile default
"
	has "network = offline	# $CONF, profile default, NET
"
	has "ask = true	# $CONF, profile default"
	X='b a d' expect 125 pen --print=conf true
	has "allow: 'b a d.b', from X: it is not a host name"
	NET=none expect 125 pen --print=conf true
	has "from NET"
}
