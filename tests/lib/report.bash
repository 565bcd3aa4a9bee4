# What pen-report is given at the end of a run, made by hand.
#
#   $P        the project, in the scratch home      $STATE  pen's state of it
#   $REPORT   what pen-report said

# project : a repository with one commit, in which no pen has run
project() {
	P=$HOME/src/project
	STATE=$HOME/.local/state/pen/projects/project-0
	LAYER=$T/layer
	drafts='' trees='' more='' obeyed='' links=0
	mkdir -p "$STATE/runs" "$LAYER"
	chmod 700 "$STATE"
	echo "$P" >"$STATE/path"
	cd "$P" || return 1
	git init -q -b main .
	git config user.name A
	git config user.email a@example.org
	echo one >file
	git add -A
	git commit -qm one
}

# mark : the time of a start, as a file system has it: its next tick, so that what
# the test made before it does not count
mark() {
	local f=$T/mark first=''
	until [ -n "$first" ] && [ "$(stat -c %.9Z "$f")" != "$first" ]; do
		rm -f "$f"
		: >"$f"
		first=${first:-$(stat -c %.9Z "$f")}
	done
	stat -c '%.9Z %d' "$f" | {
		IFS='. ' read -r sec nsec dev
		printf '{"sec":%s,"nsec":%d,"dev":%s}' "$sec" "$((10#$nsec))" "$dev"
	}
}

# begin : the start of a run
begin() {
	MARK=$(mark)
	HEAD_ID=$(git rev-parse -q --verify HEAD || :)
	TIPS=$(git for-each-ref --format='"%(refname)":"%(objectname)"' | paste -sd,)
}

# end [OPTION…] : its end; the lines at the terminal are in $REPORT
end() {
	cat >"$T/manifest" <<-END
		{"version":1,"run":"r","root":"$P","cwd":"$P","home":"$HOME",
		"state_dir":"$STATE","log":"$T/log.jsonl","at_end":"${at_end:-tell}","agent":"${agent-}",
		"marks":[$MARK],"trees":[{"path":"$P","kind":"project"}$trees],
		"git":{"root":"$P","git_dir":"$P/.git","common":"$P/.git",
		"tips":{${TIPS-}},"head":"$HEAD_ID","index":"$P/.git/index"$more},"drafts":[$drafts],"obeyed":[$obeyed]}
	END
	REPORT=$(pen-report --manifest 3 --layer 4 "$@" 3<"$T/manifest" \
		4<"$LAYER" 2>&1)
}

# listed LINE : pen-review --list has it, blanks aside
listed() {
	pen-review --project "$P" --list | tr -s ' ' | grep -qxF -- "$1" || {
		printf "lacks '%s':\n%s\n" "$1" \
			"$(pen-review --project "$P" --list)" >&2
		return 1
	}
}

# a_draft KIND PATH BY MERGE [BASE] : of the run, whose file or directory is $OWN
a_draft() {
	local layer
	case $1 in
	link) layer=links/$((++links))/${2##*/} ;;
	*) layer=t0/up/${2#"$P"/} ;;
	esac
	OWN=$LAYER/$layer
	[ -z "$drafts" ] || drafts+=,
	drafts+=$(jq -cn --arg path "$2" --arg layer "$layer" --arg base "${5-}" '{
		kind: "'"$1"'", path: $path, layer: $layer, by: "'"$3"'",
		merge: "'"$4"'", base: (if $base == "" then null else $base + "\n" end)}')
	mkdir -p "${OWN%/*}"
	[ "$1" != dir ] || mkdir -p "$OWN"
}

# kept PATH : the draft of it
kept() {
	echo "$STATE/draft/tree$1"
}
