# What of a run's version of a settings file goes to the host: a default of no.
load ../lib/common

KEYMERGE=$PROBE/unit/keymerge
BASE=$'[core]\n\tbare = false\n[remote "origin"]\n\turl = https://example.org/x.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n[branch "gone"]\n\tremote = origin\n[branch "old"]\n\tremote = origin\n'

# draft KEY VALUE… : git sets them in the run's version of BASE
draft() {
	scratch
	printf %s "$BASE" >"$T/draft"
	while [ $# -gt 0 ]; do
		git config --file "$T/draft" --add "$1" "$2"
		shift 2
	done
	expect 0 "$KEYMERGE" git "$BASE" "${NOW-$BASE}" "$(cat "$T/draft")"
}

# merges KEY VALUE… : all of it goes to the host
merges() {
	draft "$@"
	lacks HELD
	lacks DRAFT
	printf '%s\n' "$output" >"$T/host"
	while [ $# -gt 0 ]; do
		[ "$(git config --file "$T/host" "$1")" = "$2" ]
		shift 2
	done
}

# holds KEY VALUE… : the first is held, and the host has nothing of it
holds() {
	draft "$@"
	grep -qi "^HELD $1" <<<"$output" || has "HELD $1"
	sed '/^HELD/,$d' <<<"$output" >"$T/host"
	run git config --file "$T/host" --get-all "$1"
	[[ $output != *"$2"* ]]
}

@test "git: what daily work writes goes to the host" {
	merges branch.main.remote origin branch.main.merge refs/heads/main
	merges branch.x/y.remote origin branch.x/y.merge refs/heads/a-b
	merges remote.new.url https://example.org/y.git \
		remote.new.fetch '+refs/heads/*:refs/remotes/new/*'
	merges remote.new.url git@example.org:me/y.git \
		remote.new.fetch '+refs/heads/main:refs/remotes/new/main'
	merges remote.new.url ssh://me@example.org:22/y
	merges pull.rebase true pull.ff only user.name 'Ü B' user.email a@b
	merges branch.main.rebase merges branch.main.description 'a b'
	merges submodule.sub.active true
}

@test "git: what executes or leads elsewhere is held" {
	local key
	# the next git pull would take a branch of the run's
	holds branch.main.remote .
	for key in core.fsmonitor core.hooksPath core.sshCommand core.editor \
		core.pager core.worktree core.excludesFile core.attributesFile \
		alias.st filter.x.clean diff.x.command merge.x.driver \
		credential.helper http.proxy gpg.program user.signingKey \
		log.showSignature include.path includeIf.x.path \
		url.x.insteadOf submodule.sub.url submodule.sub.update \
		remote.origin.uploadpack remote.origin.receivepack \
		remote.origin.vcs remote.origin.proxy remote.origin.promisor \
		remote.origin.pushurl remote.new.promisor extensions.x \
		init.templateDir protocol.ext.allow safe.directory \
		push.default remote.pushDefault branch.main.pushRemote \
		gc.pruneExpire status.showUntrackedFiles unheard.of \
		submodule.sub.active; do
		holds "$key" ./evil
	done
}

@test "git: a remote that is new is held if its url is more than an address" {
	local url
	for url in 'ext::sh -c x' zz::x ./path ../x /abs file:///x -oProxy \
		https://u:p@example.org/x 'https://-x/y' ssh://-oProxy=x/y \
		http://example.org/x git://example.org/x 'a b:c' host:-x \
		$'https://example.org/x\n' '[x]:y' https:///x; do
		holds remote.new.url "$url"
	done
	holds remote.new.fetch '+refs/heads/*:refs/heads/*' \
		remote.new.url https://example.org/y.git
	holds remote.new.fetch '+refs/heads/*:refs/remotes/origin/*' \
		remote.new.url https://example.org/y.git
	holds remote.new.fetch '+refs/heads/HEAD:refs/remotes/new/HEAD' \
		remote.new.url https://example.org/y.git
	holds remote.a/b.url https://example.org/y.git
	holds remote.new.url https://example.org/y.git remote.new.url ext::x
}

@test "git: what a remote that was there leads to is held, with the old value" {
	scratch
	run -0 "$KEYMERGE" git "$BASE" "$BASE" "${BASE/example.org/evil.org}"
	has 'HELD remote.origin.url was https://example.org/x.git'
	# a branch follows no remote that the run made, and none that was changed
	holds branch.main.remote new remote.new.url https://example.org/y
	NOW=${BASE/example.org/other.org} holds branch.main.remote origin
}

@test "git: a branch that is gone goes, one that is there stays" {
	run -0 "$KEYMERGE" git "$BASE" "$BASE" \
		"${BASE/$'[branch "gone"]\n\tremote = origin\n'/}"
	lacks HELD
	[[ $output != *$'"gone"]\n\tremote'* ]]
	run -0 "$KEYMERGE" git "$BASE" "$BASE" \
		"${BASE/$'[branch "old"]\n\tremote = origin\n'/}"
	has 'HELD branch.old.remote was origin'
}

@test "git: what the host got meanwhile stays, and is in the draft" {
	NOW=$BASE$'[alias]\n\tmine = status\n' draft core.pager evil
	has $'[alias]\n\tmine = status\nHELD core.pager\nDRAFT'
	[ "$(grep -c 'mine = status' <<<"$output")" -eq 2 ]
	[ "$(grep -c 'pager = evil' <<<"$output")" -eq 1 ]
}

@test "git: a file that could be read in two ways is held whole" {
	run -1 "$KEYMERGE" git "$BASE" "$BASE" $'[alias\nst = x'
	run -1 "$KEYMERGE" git "$BASE" $'[x' "$BASE"
}

@test "claude: what is shown goes to the host, what executes does not" {
	run -0 "$KEYMERGE" claude '' '' \
		'{"theme": "light", "model": "opus", "verbose": true, "hooks": {"Stop": []}, "env": {"A": "b"}, "made-up": 1}'
	has $'{\n  "theme": "light",\n  "model": "opus",\n  "verbose": true\n}'
	has 'HELD hooks'
	has 'HELD env'
	has 'HELD made-up'
	[[ ${output%%HELD*} != *hooks* ]]
	has DRAFT
	run -0 "$KEYMERGE" claude '{"theme": "a", "x": [1]}' \
		'{"theme": "a", "x": [1], "mine": 2}' '{"theme":"b","x":[ 1 ]}'
	[ "$output" = '{"theme": "b", "x": [1], "mine": 2}' ]
}

@test "claude: a value of another kind than it should be is held" {
	local value
	for value in '{"a": 1}' '"a/../b"' '"$(x)"' '["x"]' null; do
		run -0 "$KEYMERGE" claude '{}' '{}' "{\"theme\": $value}"
		has 'HELD theme'
	done
	for value in '"x"' 1; do
		run -0 "$KEYMERGE" claude '{}' '{}' "{\"verbose\": $value}"
		has 'HELD verbose'
	done
}

@test "pi: the news that it has shown is held, and no news" {
	run -0 "$KEYMERGE" pi '{}' '{}' '{"lastChangelogVersion": "1", "x": 1}'
	has 'QUIET lastChangelogVersion'
	has 'HELD x'
}

@test "claude: what could be taken in two ways is held whole" {
	local text
	for text in '{"theme": "a", "theme": "b"}' '{"\u0074heme": "a"}' \
		'{"theme": "a"} x' '[1]' '{"theme": "a",}' "{'theme': 1}" \
		'{"a": 01}' '{"a": tru}' '{"a"}' '{' '{"a": "b}'; do
		run -1 "$KEYMERGE" claude '{}' '{}' "$text"
	done
}

@test "claude: of its state, counters go to the host, trust stays in the pen" {
	run -0 "$KEYMERGE" claude-state '{"numStartups": 1}' \
		'{"numStartups": 1, "projects": {}}' \
		'{"numStartups": 2, "someCache": {"x": "y"}, "mcpServers": {"x": {}}, "projects": {"/p": {"lastCost": 1.5, "hasTrustDialogAccepted": true, "allowedTools": ["Bash"]}}}'
	has '"numStartups": 2, "projects": {'
	has 'QUIET someCache'
	has 'HELD mcpServers'
	has 'QUIET projects./p.hasTrustDialogAccepted'
	has 'HELD projects./p.allowedTools'
	[[ ${output%%QUIET*} == *'"lastCost": 1.5'* ]]
	[[ ${output%%QUIET*} != *Trust* && ${output%%QUIET*} != *Bash* ]]
}

@test "claude: an empty list that was not there is no news, one that was emptied is" {
	run -0 "$KEYMERGE" claude '{}' '{}' '{"permissions": {}, "hooks": [ ]}'
	lacks HELD
	run -0 "$KEYMERGE" claude '{"hooks": {"a": 1}}' '{"hooks": {"a": 1}}' '{"hooks": {}}'
	has 'HELD hooks was {"a": 1}'
}

@test "codex: trust and a model are no news, whatever else is" {
	local base=$'model = "a"\n[mcp_servers.x]\ncommand = "x"\n' text
	run -0 "$KEYMERGE" toml "$base" "$base"$'\n[projects."/p"]\ntrust_level = "trusted"\n'
	run -0 "$KEYMERGE" toml '' $'model = "b"\n\n[notice]\nx = true\n'
	run -0 "$KEYMERGE" toml "" $'[tui]\nscreen_reader_detection_done = true\n'
	for text in "$base"$'[mcp_servers.y]\ncommand = "y"\n' \
		"$base"$'[projects."/p"]\nnotify = ["x"]\n' 'notify = ["x"]' \
		"$base"$'args = ["x"]\n' "${base/x\"/y\"}" '' \
		$'model = "a"\n[projects.x]\ntrust_level = """\n' \
		$'[projects.x]\ntrust_level = { a = 1 }\n' \
		$'[tui]\nnotifications = ["x"]\n' 'model_provider = "x"'; do
		run -1 "$KEYMERGE" toml "$base" "$text"
	done
}
