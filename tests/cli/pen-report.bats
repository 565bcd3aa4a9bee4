# pen-report: the account, from manifests and trees made by hand.
load ../lib/common
load ../lib/report

setup() {
	scratch
	project
}

@test "a run that changed nothing, or source code only, says nothing" {
	begin
	end
	[ -z "$REPORT" ]
	[ -z "$(pen-review --list)" ]
	begin
	echo two >>file
	end
	[ -z "$REPORT" ]
	[ "$(pen-review --list | tr -s ' ')" = 'changed changed file' ]
}

@test "whatever is made, changed, removed or renamed is in the list" {
	mkdir old
	echo x >old/a
	echo x >old/gone
	begin
	end
	begin
	mkdir new
	echo x >new/b
	mv old/a old/c
	rm old/gone
	echo more >>file
	end
	listed 'changed created new/b'
	listed 'changed renamed old/c (was old/a)'
	listed 'changed removed old/gone'
	listed 'changed changed file'
}

@test "a time that was set back does not hide a change" {
	begin
	echo evil >>file
	touch -d 2001-01-01 file
	end
	listed 'changed changed file'
}

@test "what is in a directory that was moved counts with it" {
	mkdir -p vendor/x
	echo old >vendor/x/tasks.json
	begin
	end
	begin
	mv vendor/x .vscode
	end
	[[ $REPORT == *'VS Code obeys it: .vscode/'* ]]
	listed 'obeyed renamed .vscode/ (VS Code: was vendor/x)'
	pen-review --list | grep -q 'tasks.json'
}

@test "what tools obey is told, in at most twelve lines" {
	begin
	for f in .envrc .mcp.json .exrc .gdbinit AGENTS.md .tool-versions; do
		echo evil >"$f"
	done
	mkdir .vscode sub
	echo evil >.vscode/tasks.json
	echo evil >sub/.envrc
	end
	[[ $REPORT == *'changed, and direnv obeys it: .envrc'* ]]
	[[ $REPORT == *'pen-review'* ]]
	[ "$(wc -l <<<"$REPORT")" -le 12 ]
	listed 'obeyed created sub/.envrc (direnv)'
	listed 'obeyed created .vscode/tasks.json (VS Code)'
}

@test "of an agent's state a line says what of it, not only whose it is" {
	agent=claude
	mkdir -p "$HOME/.claude"
	trees=',{"path":"'"$HOME/.claude"'","kind":"state"}'
	begin
	mkdir -p "$HOME/.claude/skills/a" "$HOME/.claude/hooks"
	echo x | tee "$HOME/.claude/skills/a/SKILL.md" "$HOME/.claude/skills/b" \
		"$HOME/.claude/hooks/x" >"$HOME/.claude/mcp.json"
	end
	[[ $REPORT == *'claude obeys it: ~/.claude/hooks/'* ]]
	[[ $REPORT == *'claude obeys it: ~/.claude/mcp.json'* ]]
	[[ $REPORT == *'claude obeys it: ~/.claude/skills/'* ]]
	[ "$(grep -c 'obeys it' <<<"$REPORT")" -eq 3 ]
}

@test "what an agent remembers of a project, be it another one, is told" {
	agent=claude
	mkdir -p "$HOME/.claude/projects/-home-other"
	trees=',{"path":"'"$HOME/.claude"'","kind":"state"}'
	begin
	mkdir -p "$HOME/.claude/projects/-home-other/memory" \
		"$HOME/.claude/projects/-home-this/memory"
	echo x >"$HOME/.claude/projects/-home-other/memory/MEMORY.md"
	echo x >"$HOME/.claude/projects/-home-other/one.jsonl"
	end
	[[ $REPORT == *'claude obeys it: ~/.claude/projects/-home-other/memory/MEMORY.md'* ]]
	[ "$(grep -c 'obeys it' <<<"$REPORT")" -eq 1 ]
}

@test "hooks and configuration of a repository below are told" {
	git init -q sub
	begin
	echo evil >sub/.git/hooks/post-checkout
	git -C sub config core.fsmonitor evil
	end
	[[ $REPORT == *'git obeys it: sub/.git/config'* ]]
	[[ $REPORT == *'git obeys it: sub/.git/hooks/post-checkout'* ]]
}

@test "a git directory among another one's data is told, a submodule's branch is not" {
	git init -q --bare "$T/empty"
	mkdir -p .git/modules
	git init -q --bare .git/modules/x
	begin
	end
	begin
	cp -r "$T/empty" .git/modules/x/refs/y
	cp -r "$T/empty" .git/objects/z
	[ "$(git -C .git/objects/z rev-parse --is-bare-repository)" = true ]
	mkdir -p .git/modules/x/refs/heads/hooks
	echo x | tee .git/modules/x/refs/heads/config \
		>.git/modules/x/refs/heads/hooks/post-checkout
	at_end=nothing end
	listed 'obeyed created .git/modules/x/refs/y/config (git)'
	listed 'obeyed created .git/objects/z/config (git)'
	listed 'obeyed created .git/objects/z/ (git: git takes it for a repository now)'
	listed 'changed created .git/modules/x/refs/heads/config (git)'
	listed 'changed created .git/modules/x/refs/heads/hooks/post-checkout (git)'
	# of several steps, in runs of their own
	begin
	echo x >.git/refs/config
	end
	begin
	mkdir -p .git/refs/{objects,refs}
	echo 'ref: refs/heads/x' >.git/refs/HEAD
	end
	[[ $REPORT == *'git obeys it: .git/refs/: git takes it for a repository'* ]]
}

@test "a root that becomes a repository is told, and a .git that is none" {
	begin
	mv .git/HEAD .git/gone
	echo 'ref: refs/heads/main' >HEAD
	ln -s .git/objects objects
	mkdir refs
	end
	[[ $REPORT == *'git obeys it: .: git takes it for a repository now'* ]]
	[[ $REPORT == *'git obeys it: .git'* ]]
	mv .git/gone .git/HEAD
	rm -r HEAD objects refs
	begin
	end
	[ -z "$REPORT" ]
}

@test "a device, a FIFO and an attribute of overlayfs are named, not opened" {
	begin
	mknod dev c 0 0
	mkfifo fifo
	mkdir dir
	python3 -c 'import os; os.setxattr("dir", "user.overlay.opaque", b"y")'
	end
	[[ $REPORT == *'dev: a device'* ]]
	[[ $REPORT == *'dir/: has attributes that overlayfs obeys'* ]]
	listed 'changed created fifo (a FIFO or a socket)'
}

@test "a set-ID bit that the run made is removed and told" {
	cp /bin/true old
	chmod 2755 old
	begin
	cp /bin/true new
	chmod 6755 new
	end
	[ "$(stat -c %a new)" = 755 ]
	[[ $REPORT == *'new: had a set-ID bit, which was removed'* ]]
	[ "$(stat -c %a old)" = 2755 ]
}

@test "names that a terminal would obey are made visible" {
	begin
	printf x >$'.vscode\e[2J'
	mkdir $'\xff'
	echo x >$'\xff/.envrc'
	end
	[[ $REPORT == *'\xff/.envrc'* && $REPORT != *$'\e'* ]]
	run -0 pen-review --list --json
	lacks $'\e'
	jq -e '[.entries[].bytes] | index("ff2f2e656e767263")' <<<"$output"
}

@test "a directory that cannot be read makes the account not whole" {
	mkdir closed
	begin
	chmod 0 closed
	end
	chmod 700 closed
	[[ $REPORT == *'not whole'*closed* ]]
}

@test "links are not followed, whatever they are swapped for meanwhile" {
	mkdir "$T/outside"
	begin
	echo x >"$T/outside/.envrc"
	ln -s "$T/outside" way
	end
	listed 'changed created way (a symbolic link)'
	run pen-review --list
	lacks way/.envrc
}

@test "attributes of git that a package of npm brings are in the list only" {
	mkdir -p node_modules/a
	begin
	echo '* -text' >node_modules/a/.gitattributes
	end
	[ "$REPORT" = '' ]
	run pen-review --list
	has node_modules/a/.gitattributes
	begin
	echo '* -text' >.gitattributes
	end
	[[ $REPORT == *"changed, and git obeys it: .gitattributes"* ]]
}

@test "refused names are told with the word that allows them" {
	printf '%s\n' \
		'{"time":"x","kind":"dns","verdict":"refused","name":"a.test","why":"not allowed","allow":"a.test"}' \
		'{"time":"x","kind":"dns","verdict":"refused","name":"a.test","why":"not allowed","allow":"a.test"}' \
		'{"time":"x","kind":"dns","verdict":"refused","name":"b.test","why":"denied"}' \
		'no json' >"$T/log.jsonl"
	begin
	end
	[ "$REPORT" = 'pen: refused: a.test, 2 times; to allow it: --allow a.test' ]
}

@test "an allowed name that was refused for its address is told, and what it takes" {
	printf '{"kind":"tls","verdict":"refused","rule":"*.test","port":443,%s}\n' \
		'"name":"a.test","address":"192.0.2.7","why":"not a public address"' \
		'"name":"b.test","address":"2001:db8::1","why":"not a public address"' \
		'"name":"c.test","address":"10.0.0.1","why":"a private address"' \
		'"name":"c.test","address":"10.0.0.1","why":"a private address"' \
		>"$T/log.jsonl"
	begin
	end
	[ "$REPORT" = 'pen: refused: c.test, 2 times: a private address; to allow it: --private c.test
pen: refused: a.test, 1 time: not a public address; to allow it: --connect-to a.test:443:192.0.2.7:443
pen: refused: b.test, 1 time: not a public address; to allow it: --connect-to b.test:443:[2001:db8::1]:443' ]
}

@test "a budget that is used up is told at the end, and other refusals by pen-key are not" {
	printf '{"kind":"key","name":"%s","method":"POST","status":%s,"why":"%s"}\n' \
		a.test 429 'the budget of tokens of this run is used up. Stop, and tell' \
		a.test 429 'the budget of tokens of this run is used up. Stop, and tell' \
		b.test 400 'the path is too long' >"$T/log.jsonl"
	echo '{"kind":"budget","name":"a.test","verdict":"refused","why":"the budget of tokens of this run is used up. Stop, and tell"}' \
		>>"$T/log.jsonl"
	begin
	end
	[ "$REPORT" = 'pen: refused: a.test, 2 times: the budget of tokens of this run is used up' ]
}

@test "why pen-key has ended is told, and not what its name was refused for since" {
	printf '{"kind":"%s","verdict":"refused","name":"a.test",%s}\n' \
		key '"why":"there is no such string in it"' \
		http '"why":"not allowed","allow":"http://a.test"' >"$T/log.jsonl"
	begin
	end
	[ "$REPORT" = 'pen: refused: a.test, 2 times: there is no such string in it' ]
}

@test "what pen-key let git push is told at the end" {
	printf '{"kind":"key","name":"a.test","method":"%s","path":"%s","status":%s,"why":"%s"}\n' \
		PUSH /o/r 200 'refs/heads/pen/a 0000000000..0123456789' \
		POST /o/r/git-receive-pack 200 '' \
		PUSH /o/r 403 'refs/heads/pen/b 0000000000..0123456789' \
		PUSH /o/r 0 'refs/heads/pen/c 0000000000..0123456789' >"$T/log.jsonl"
	begin
	end
	[ "$REPORT" = 'pen: push sent: a.test/o/r refs/heads/pen/a 0000000000..0123456789
pen: push sent: a.test/o/r refs/heads/pen/b 0000000000..0123456789, and failed
pen: push sent: a.test/o/r refs/heads/pen/c 0000000000..0123456789, without an answer' ]
	jq -e '.pushed | length == 3' "$STATE/account.json"
}

@test "what a shipped agent asks for and works without is no news" {
	agent=claude
	printf '{"kind":"dns","verdict":"refused","name":"%s","allow":"%s"}\n' \
		downloads.claude.ai downloads.claude.ai >"$T/log.jsonl"
	begin
	end
	[ -z "$REPORT" ]
	jq -e '.refused[0].name == "downloads.claude.ai"' "$STATE/account.json"
	agent=
	end
	[[ $REPORT == *'refused: downloads.claude.ai'* ]]
}

@test "at_end = nothing is silent, and the account is written all the same" {
	begin
	echo evil >.envrc
	at_end=nothing end
	[ -z "$REPORT" ]
	listed 'obeyed created .envrc (direnv)'
}

@test "objects of git are one line" {
	begin
	echo two >>file
	git commit -qam two
	end
	[ -z "$REPORT" ]
	[ "$(pen-review --list | grep -c objects)" -eq 1 ]
}

@test "a manifest that is none is an error" {
	echo '{"version":2}' >"$T/manifest"
	run -125 pen-report --manifest 3 3<"$T/manifest"
	has 'not of version 1'
	run -125 pen-report
	has '--manifest is missing'
	echo '{"version":1,"run":"../x","root":"/r","home":"/h","state_dir":"/s"}' \
		>"$T/manifest"
	run -125 pen-report --manifest 3 3<"$T/manifest"
	has "'run' is not a name"
}

@test "the examples of the page are what is said" {
	mkdir .vscode
	printf '{"kind":"dns","verdict":"refused","name":"example.org","allow":"example.org"}\n%.0s' \
		1 2 3 >"$T/log.jsonl"
	begin
	echo evil >.vscode/tasks.json
	for i in {1..12}; do echo x >"source$i"; done
	end
	[ "$REPORT" = "$(sed -n '/^\.Bd/,/^\.Ed/p' "$ROOT/man/pen-report.1" |
		sed '1d;$d' | grep -v '^pen: held back')" ]
}

# config_draft : the run has its own version of the repository's configuration
config_draft() {
	a_draft link "$P/.git/config" git gitconfig "$(cat .git/config)"
	CONFIG=$OWN
	cp .git/config "$CONFIG"
	begin
}

@test "a hook is held back and told, and the host has none" {
	a_draft dir "$P/.git/hooks" git none
	begin
	echo evil >"$OWN/pre-commit"
	chmod 755 "$OWN/pre-commit"
	end
	[ "$REPORT" = "pen: held back from git: .git/hooks/pre-commit
hint: pen-review shows all of it; it keeps or drops what is held back" ]
	[ "$(cat "$(kept "$P/.git/hooks/pre-commit")")" = evil ]
	[ "$(stat -c %a "$(kept "$P/.git/hooks/pre-commit")")" = 755 ]
	[ ! -e .git/hooks/pre-commit ]
	listed 'held created .git/hooks/pre-commit (git)'
	# the next run has it, changes nothing, and says nothing
	begin
	rm "$OWN/pre-commit"
	end
	[ -z "$REPORT" ]
	listed 'held created .git/hooks/pre-commit (git)'
}

@test "what a run removed or replaced by a directory is held back as that" {
	mkdir -p d/sub
	echo host >d/a
	echo host >d/sub/b
	a_draft dir "$P/d" 'a tool' none
	begin
	mknod "$OWN/a" c 0 0
	mkdir "$OWN/sub"
	python3 -c 'import os, sys
os.setxattr(sys.argv[1], "user.overlay.opaque", b"y")' "$OWN/sub"
	echo run >"$OWN/sub/c"
	end
	[ -c "$(kept "$P/d/a")" ]
	[ "$(cat d/a d/sub/b)" = "$(printf 'host\nhost')" ]
	[ -c "$(kept "$P/d/sub/b")" ]
	listed 'held removed d/a (a tool)'
	# and made again as the host has it
	rm "$OWN/a"
	echo host >"$OWN/a"
	begin
	end
	[ ! -e "$(kept "$P/d/a")" ]
}

@test "what is no file in a draft is left out, and said" {
	a_draft dir "$P/.git/hooks" git none
	mkfifo "$OWN/fifo"
	mkdir -p "$OWN/sub"
	ln -s "$HOME/.ssh/id_ed25519" "$OWN/sub/link"
	a_draft link "$P/.git/config" git gitconfig
	ln -s "$HOME/.ssh/id_ed25519" "$OWN"
	begin
	end
	[[ $REPORT == *'not whole'* ]]
	[ ! -e "$(kept "$P/.git/hooks/fifo")" ]
	[ -L "$(kept "$P/.git/hooks/sub/link")" ]
	run grep -r PLANTED-KEY "$STATE"
	[ "$status" -eq 1 ]
}

@test "git's daily work reaches the host's configuration, a pager does not" {
	git remote add origin https://example.org/x.git
	chmod 640 .git/config
	config_draft
	git config --file "$CONFIG" branch.main.remote origin
	git config --file "$CONFIG" branch.main.merge refs/heads/main
	end
	[ -z "$REPORT" ]
	[ "$(git config branch.main.remote)" = origin ]
	[ "$(stat -c %a .git/config)" = 640 ]
	[ ! -e "$(kept "$P/.git/config")" ]
	[ -z "$(pen-review --list)" ]
	git config --file "$CONFIG" core.pager evil
	begin
	end
	[[ $REPORT == 'pen: held back from git: .git/config core.pager'* ]]
	run git config core.pager
	[ "$status" -eq 1 ]
	[ "$(git config --file "$(kept "$P/.git/config")" core.pager)" = evil ]
	# told once
	cp "$(kept "$P/.git/config")" "$CONFIG"
	begin
	end
	[ -z "$REPORT" ]
	# a line of one file says how many keys it is about
	git config --file "$CONFIG" core.pager worse
	git config --file "$CONFIG" core.sshCommand evil
	begin
	end
	[[ $REPORT == 'pen: held back from git: .git/config core.pager and 1 more'* ]]
}

@test "a lock that somebody has on the host's configuration holds all of it" {
	config_draft
	git config --file "$CONFIG" pull.rebase true
	: >.git/config.lock
	end
	[[ $REPORT == *'.git/config'*'could not be written'* ]]
	run git config pull.rebase
	[ "$status" -eq 1 ]
	[ "$(git config --file "$(kept "$P/.git/config")" pull.rebase)" = true ]
}

@test "a theme reaches the host's settings, a hook of the agent's does not" {
	local settings=$HOME/.claude/settings.json
	mkdir "$HOME/.claude"
	printf '{\n  "mine": 1\n}\n' >"$settings"
	a_draft link "$settings" 'Claude Code' json:claude "$(cat "$settings")"
	begin
	printf '{\n  "mine": 1,\n  "theme": "light",\n  "hooks": {"Stop": []},\n  "cleanupPeriodDays": 0\n}\n' \
		>"$OWN"
	end
	[[ $REPORT == 'pen: held back from Claude Code: ~/.claude/settings.json cleanupPeriodDays and 1 more'* ]]
	[ "$(cat "$settings")" = "$(printf '{\n  "mine": 1,\n  "theme": "light"\n}')" ]
	# 0 has Claude Code remove what it keeps of every project
	jq -e '.hooks and .cleanupPeriodDays == 0' "$(kept "$settings")"
}

@test "where drafts are whole copies, what is missing was removed" {
	mkdir d
	echo host >d/a
	echo host >d/b
	a_draft dir "$P/d" 'a tool' none
	: >"$LAYER/t0/whole"
	cp d/a "$OWN/a"
	echo new >"$OWN/c"
	begin
	end
	[ "$(cd "$(kept "$P/d")" && ls)" = "$(printf 'b\nc')" ]
	[ -c "$(kept "$P/d/b")" ]
}

@test "repositories that the walk found are written down for the next pen" {
	mkdir -p sub/deep "$T/x"
	git init -q sub/deep
	git init -q --bare bare
	begin
	end
	[ "$(cat "$STATE/repositories")" = "$P/sub/deep
$P/bare" ]
	rm -r sub bare
	begin
	end
	[ ! -e "$STATE/repositories" ]
}

@test "a source file that git's configuration names is obeyed" {
	obeyed='{"path":"'"$P"'/tools/clean","by":"git"}'
	mkdir tools
	begin
	echo evil >tools/clean
	end
	[[ $REPORT == *'git obeys it: tools/clean'* ]]
}

@test "what the watch has seen during the run is told" {
	begin
	printf '%s\n' '{"event":"moved-away","path":"'"$P"'/.git/commondir"}' \
		'{"event":"mount-lost","path":"'"$P"'/.git/config"}' \
		'{"event":"mount-gone","path":"'"$P"'/.git/hooks"}' \
		'{"event":"overlay-full","path":""}' \
		'{"event":"clock-set"}' '{"event":"end"}' 'no json' \
		>"$T/events"
	end --events 5 5<"$T/events"
	[[ $REPORT == *'held back from git: .git/commondir'* ]]
	[[ $REPORT == *'.git/config: '*'the host'* ]]
	[[ $REPORT == *'.git/hooks: the host replaced it'* ]]
	[[ $REPORT == *'its overlay held more than overlay_size'* ]]
	[[ $REPORT == *'not whole'*clock* ]]
}

@test "a directory inside that was full is told, with the setting" {
	begin
	printf '%s\n' '{"event":"full","path":"/tmp"}' \
		'{"event":"full","path":"'"$HOME"'"}' '{"event":"end"}' >"$T/events"
	end --events 5 5<"$T/events"
	[ "$REPORT" = "pen: /tmp was full during the run: it is in memory, and tmp_size in pen.conf sets its size
pen: the home directory inside was full during the run: it is in memory, and tmp_size in pen.conf sets its size" ]
}

@test "what pen noted of a run is gone when it is accounted for" {
	mkdir -p "$STATE/runs/r" "$STATE/runs/other"
	echo '{}' >"$STATE/runs/r/manifest.json"
	begin
	end
	[ ! -e "$STATE/runs/r" ]
	[ -e "$STATE/runs/other" ]
}

# branches [FORMAT] : main and feature differ in what .husky has; a run begins on
# main, with a draft of .husky
branches() {
	rm -rf .git
	git init -q -b main "--object-format=${1:-sha1}" .
	git config user.name A
	git config user.email a@example.org
	mkdir -p .husky
	seq 2000 >.husky/long
	echo one >.husky/pre-commit
	echo gone >.husky/gone
	git add -A
	git commit -qm one
	git switch -qc feature
	echo 2001 >>.husky/long
	printf 'two\n' >.husky/pre-commit
	chmod 755 .husky/pre-commit
	mkdir .husky/sub
	ln -s ../long .husky/sub/link
	git rm -q .husky/gone
	git add -A
	git commit -qm two
	git switch -q main
	more=',"tips":{'
	more+=$(git for-each-ref --format='"%(refname)":"%(objectname)"' | paste -sd,)}
	drafts=''
	a_draft dir "$P/.husky" git none
	begin
}

# switched : the run switches to feature: what is in the draft, and HEAD
switched() {
	local was=$PWD
	git symbolic-ref HEAD refs/heads/feature
	git read-tree feature
	mkdir -p "$OWN/sub"
	git show feature:.husky/long >"$OWN/long"
	git show feature:.husky/pre-commit >"$OWN/pre-commit"
	chmod 755 "$OWN/pre-commit"
	ln -sf ../long "$OWN/sub/link"
	[ -e "$OWN/gone" ] || mknod "$OWN/gone" c 0 0
	cd "$was" || return
}

@test "a switch to a branch of the host's is on the host, drafts included" {
	local format pack
	for format in sha1 sha256; do
		for pack in no yes; do
			branches "$format"
			switched
			[ "$pack" = no ] || git repack -qadf --depth=50 --window=50
			end
			[ -z "$REPORT" ]
			[ -z "$(git status --porcelain)" ]
			[ "$(stat -c %a .husky/pre-commit)" = 755 ]
			[ "$(readlink .husky/sub/link)" = ../long ]
			[ -z "$(pen-review --list | grep '^held' || :)" ]
			rm -rf "$OWN" "$STATE/last.list" .husky "$STATE/tainted"
		done
	done
}

@test "a commit of the run's own on top is not in the way of what it left alone" {
	branches
	switched
	git read-tree feature
	blob=$(echo more | git hash-object -w --stdin)
	git update-index --add --cacheinfo "100644,$blob,file"
	git update-ref HEAD "$(git commit-tree -p HEAD -m more "$(git write-tree)")"
	echo more >file
	end
	[ -z "$(git status --porcelain)" ]
	# the commit is a branch's now, but no branch of the host's
	[ "$(cat "$STATE/tainted")" = "$(git rev-parse feature)" ]
}

@test "what the run committed itself is held back" {
	branches
	switched
	blob=$(echo evil | git hash-object -w --stdin)
	git update-index --cacheinfo "100755,$blob,.husky/pre-commit"
	git update-ref HEAD "$(git commit-tree -p HEAD -m evil "$(git write-tree)")"
	echo evil >"$OWN/pre-commit"
	end
	[[ $REPORT == *'held back from git: .husky/pre-commit'* ]]
	[ "$(cat .husky/pre-commit)" = one ]
	# nor is it any branch's in the next run
	more=',"tips":{'
	more+=$(git for-each-ref --format='"%(refname)":"%(objectname)"' | paste -sd,)}
	begin
	end
	[ "$(cat .husky/pre-commit)" = one ]
}

@test "an object that is not what its name says is none" {
	local id
	branches
	switched
	echo evil >"$OWN/pre-commit"
	id=$(git rev-parse feature:.husky/pre-commit)
	chmod 644 ".git/objects/${id:0:2}/${id:2}"
	python3 -c 'import sys, zlib
open(sys.argv[1], "wb").write(zlib.compress(b"blob 5\0evil\n"))' \
		".git/objects/${id:0:2}/${id:2}"
	[ "$(git show feature:.husky/pre-commit)" = evil ]
	end
	[ "$(cat .husky/pre-commit)" = one ]
	[[ $REPORT == *'held back from git: .husky/pre-commit'* ]]
}

@test "replaced objects count for nothing" {
	branches
	switched
	echo evil >"$OWN/pre-commit"
	git replace "$(git rev-parse feature:.husky/pre-commit)" \
		"$(echo evil | git hash-object -w --stdin)"
	[ "$(git show feature:.husky/pre-commit)" = evil ]
	end
	[ "$(cat .husky/pre-commit)" = one ]
}

# on_terminal TEXT COMMAND… : on a terminal, where that is typed at the question
on_terminal() {
	python3 - "$@" <<-'END'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.environ.update(PAGER="cat", TERM="xterm")
		    os.execvp(sys.argv[2], sys.argv[2:])
		out, asked = b"", False
		while True:
		    try: b = os.read(fd, 4096)
		    except OSError: break
		    if not b: break
		    out += b
		    if not asked and b"(k)" in out and b"\n" in out.split(b"(k)")[1]:
		        asked = True
		        os.write(fd, sys.argv[1].encode())
		os.write(1, out)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

@test "at_end = ask: a key keeps, drops, shows or leaves what is held" {
	local key
	for key in '' k d s; do
		rm -f .git/hooks/pre-commit
		drafts=''
		a_draft dir "$P/.git/hooks" git none
		begin
		echo "hook$key" >"$OWN/pre-commit"
		at_end=ask end
		[[ $REPORT != *'keep (k)'* ]] # no terminal, no question
		pen-review --drop
		run -0 on_terminal "$key"$'\n'"${key:+y}"$'\n' sh -c \
			'pen-report --manifest 3 --layer 4 3<"$1" 4<"$2"' sh \
			"$T/manifest" "$LAYER"
		has 'held back from git: .git/hooks/pre-commit'
		has 'keep (k), drop (d) or show it (s)?'
		case $key in
		k | s) [ "$(cat .git/hooks/pre-commit)" = "hook$key" ] ;;
		*) [ ! -e .git/hooks/pre-commit ] ;;
		esac
		case $key in
		'') [ -n "$(pen-review --prompt)" ] && pen-review --drop ;;
		*) [ -z "$(pen-review --prompt)" ] ;;
		esac
	done
}

@test "an escape string that the run left open does not swallow the end" {
	begin
	echo evil >.envrc
	end
	run -0 on_terminal '' sh -c 'printf "\033^"; pen-report --manifest 3 3<"$1"' \
		sh "$T/manifest"
	[[ ${output#*$'\e^'} =~ ($'\e\\'|$'\x18').*direnv ]]
}

@test "in the first run, too, one new file is one line" {
	mkdir -p src/deep .vscode
	echo x | tee src/a src/b src/deep/c .vscode/tasks.json other >/dev/null
	git add -A
	git commit -qm more
	echo ignored >src/object
	mkdir old
	echo x | tee old/a old/b >/dev/null
	begin
	echo new >src/new
	echo new >old/new
	end
	[ -z "$REPORT" ]
	[ "$(pen-review --list | tr -s ' ')" = 'changed created old/new
changed created src/new' ]
}

@test "in the first run, git says what was removed, and what was there" {
	mkdir src
	echo x | tee src/a src/b >/dev/null
	git add -A
	git commit -qm more
	begin
	rm src/a file
	echo new >src/.b
	mv src/.b src/b # as editors do
	end
	[ "$(pen-review --list | tr -s ' ')" = 'changed removed file
changed removed src/a
changed changed src/b' ]
}

@test "in the first run, an old directory in another's place is told by its name" {
	mkdir -p vendor/x .vscode sub
	echo old >vendor/x/tasks.json
	echo mine >.vscode/tasks.json
	git add -A
	git commit -qm more
	begin
	mv .vscode gone
	mv vendor/x .vscode # git had that, with another file in it
	git add -A
	end
	listed 'obeyed changed .vscode/tasks.json (VS Code: below a directory that is new there)'
	rm -r "$STATE/last.list" .vscode gone
	git checkout -q HEAD .
	rm -r .vscode
	git commit -qam without
	begin
	mv vendor/x .vscode
	end
	[[ $REPORT == *'VS Code obeys it: .vscode/'* ]]
}

@test "a switch does not replace what the user changed and did not commit" {
	branches
	echo mine >>.husky/long
	echo mine >.husky/sub-not-tracked
	mknod "$OWN/sub-not-tracked" c 0 0
	switched
	end
	[ "$(tail -n 1 .husky/long)" = mine ]
	[ -e .husky/sub-not-tracked ]
	[ "$(cat .husky/pre-commit)" = two ]
	[[ $REPORT == *'held back from git: .husky/long'* ]]
}

@test "an agent's own answers are held back and are no news" {
	local f=$HOME/.claude.json
	a_draft link "$f" claude json:claude-state
	begin
	echo '{"numStartups": 1, "someCache": {"a": 1}, "projects": {"/p": {"hasTrustDialogAccepted": true}}}' >"$OWN"
	end
	[ -z "$REPORT" ]
	[ "$(jq -c . "$f")" = '{"numStartups":1}' ]
	listed "held changed ~/.claude.json (claude: the agent's own)"
	[ "$(pen-review --list | grep -c held)" -eq 1 ]
	[ -z "$(pen-review --prompt)" ]
}

@test "gemini's theme and way to sign in reach the host, its trust does not" {
	local f=$HOME/settings.json t=$HOME/trustedFolders.json
	echo '{}' | tee "$f" >"$t"
	a_draft link "$f" gemini json:gemini '{}'
	begin
	echo '{"ui":{"theme":"Dracula","customThemes":{"x":1}},"general":{"preferredEditor":"evil"},
		"security":{"auth":{"selectedType":"gemini-api-key","useExternal":true}}}' >"$OWN"
	a_draft link "$t" gemini json:gemini-trust '{}'
	echo '{"/p":"TRUST_FOLDER"}' >"$OWN"
	end
	[ "$(jq -cS . "$f")" = '{"security":{"auth":{"selectedType":"gemini-api-key"}},"ui":{"theme":"Dracula"}}' ]
	[ "$(jq -c . "$t")" = '{}' ]
	listed 'held created ~/settings.json#ui.customThemes (gemini)'
	listed 'held created ~/settings.json#general.preferredEditor (gemini)'
	listed 'held created ~/settings.json#security.auth.useExternal (gemini)'
	listed "held changed ~/trustedFolders.json (gemini: the agent's own)"
	[[ $REPORT != *trustedFolders* ]]
	run -0 pen-review --keep '~/settings.json#ui.customThemes'
	[ "$(jq -c .ui "$f")" = '{"theme":"Dracula","customThemes":{"x":1}}' ]
}

@test "codex's model reaches the host, the rest of its settings does not" {
	local f=$HOME/config.toml
	printf 'model = "old"\n# mine\n' >"$f"
	a_draft link "$f" codex toml:codex $'model = "old"\n# mine'
	begin
	printf 'model = "gpt-5.1-codex"\n# mine\nmodel_reasoning_effort = "high"\n%s\n%s\n' \
		'[projects."/p"]' 'trust_level = "trusted"' >"$OWN"
	end
	[ -z "$REPORT" ]
	[ "$(sort "$f")" = $'# mine\nmodel = "gpt-5.1-codex"\nmodel_reasoning_effort = "high"' ]
	grep -q trust_level "$(kept "$f")"
	# what the user chooses later outside stays
	sed -i 's/^model = .*/model = "mine"/' "$f"
	drafts='' links=1
	a_draft link "$f" codex toml:codex "$(cat "$f")"
	begin
	sed 's/trusted/untrusted/' "$(kept "$f")" >"$OWN"
	end
	grep -q '^model = "mine"$' "$f"
	# and no command in its place
	drafts='' links=2
	a_draft link "$f" codex toml:codex "$(cat "$f")"
	begin
	printf 'model = "a b"\nnotify = ["evil"]\n' >"$OWN"
	end
	grep -q '^model = "mine"$' "$f"
	run -1 grep evil "$f"
}

@test "codex's model is held where the host's is written in another way" {
	local f=$HOME/config.toml text
	links=0 drafts=''
	for text in 'model="a"' '"model" = "a"' "'model' = \"a\"" ' model = "a"' \
		$'x = """\nmodel = "a"\n"""' $'x = [\n[1],\n]\nmodel = "a"' \
		$'  [x]\nmodel = "a"'; do
		printf '%s\n' "$text" >"$f"
		drafts='' links=$((links + 1))
		a_draft link "$f" codex toml:codex "$text"
		begin
		printf 'model = "b%s"\n%s\n' "$links" "$text" >"$OWN"
		end
		[ "$(cat "$f")" = "$text" ]
		[[ $REPORT == *config.toml* ]]
	done
}

@test "a run whose program never began is forgotten" {
	local dead name
	begin
	end
	begin
	sh -c 'exit 0' &
	dead=$!
	wait "$dead"
	name=20260101T000000Z-$dead
	mkdir -p "$STATE/runs/$name"
	cp "$T/manifest" "$STATE/runs/$name/manifest.json"
	chmod 0400 "$STATE/runs/$name/manifest.json"
	end
	[ -z "$REPORT" ]
	[ ! -e "$STATE/runs/$name" ]
}

@test "what a run changed that was killed is in the account of the next" {
	local dead lock
	begin
	end
	begin
	sh -c 'exit 0' &
	dead=$!
	wait "$dead"
	mkdir -p "$STATE/runs/20260101T000000Z-$dead" "$STATE/runs/20260101T000000Z-$$"
	sed 's/"run":"r"/"run":"x"/; s/"marks":\[[^]]*/"marks":['"$MARK/" \
		"$T/manifest" >"$STATE/runs/20260101T000000Z-$dead/manifest.json"
	chmod 0600 "$STATE/runs/20260101T000000Z-$dead/manifest.json"
	cp "$STATE/runs/20260101T000000Z-$dead/manifest.json" \
		"$STATE/runs/20260101T000000Z-$$"
	exec {lock}<"$STATE/runs/20260101T000000Z-$$/manifest.json"
	flock -s "$lock"
	echo evil >.envrc
	begin
	end
	[[ $REPORT == *'direnv obeys it: .envrc'* ]]
	[[ $REPORT == *"the run 20260101T000000Z-$dead was killed"* ]]
	[ ! -e "$STATE/runs/20260101T000000Z-$dead" ]
	[ -e "$STATE/runs/20260101T000000Z-$$" ] # that one goes on
	begin
	end
	[ -z "$REPORT" ]
}

# other_run COMMAND… : another run that began no earlier and ends now: its drafts
# are in a layer of its own
other_run() {
	local was_layer=$LAYER was_mark=$MARK was_drafts=$drafts was_own=$OWN
	LAYER=$T/layer-other drafts='' links=0
	begin
	"$@"
	end
	sed 's/"run":"r"/"run":"other"/' "$T/manifest" >"$T/manifest.other"
	rm -rf "$STATE/draft"
	REPORT=$(pen-report --manifest 3 --layer 4 3<"$T/manifest.other" 4<"$LAYER" 2>&1)
	LAYER=$was_layer MARK=$was_mark drafts=$was_drafts OWN=$was_own
}

other_config() {
	a_draft link "$P/.git/config" git gitconfig "$(cat .git/config)"
	cp .git/config "$OWN"
	git config --file "$OWN" alias.other '!evil'
}

other_hook() {
	a_draft dir "$P/.git/hooks" git none
	echo other >"$OWN/pre-commit"
}

@test "two runs at once do not lose each other's drafts" {
	config_draft
	other_run other_config
	[ -n "$(git config --file "$(kept "$P/.git/config")" alias.other)" ]
	git config --file "$CONFIG" core.pager evil
	end
	[ "$(git config --file "$(kept "$P/.git/config")" core.pager)" = evil ]
	[ "$(git config --file "$(kept "$P/.git/config")" alias.other)" = '!evil' ]
	# one that changed nothing takes nothing away
	drafts=''
	begin
	config_draft
	other_run other_config
	end
	[ "$(git config --file "$(kept "$P/.git/config")" alias.other)" = '!evil' ]
}

@test "of two versions of one file the later is in effect, the other is kept and told" {
	a_draft dir "$P/.git/hooks" git none
	begin
	other_run other_hook
	echo later >"$OWN/pre-commit"
	end
	[ "$(cat "$(kept "$P/.git/hooks/pre-commit")")" = later ]
	[[ $REPORT == *"another run changed '.git/hooks/pre-commit' meanwhile"* ]]
	[ "$(cat "$STATE/draft/aside$P/.git/hooks/"*)" = other ]
	# it can be seen, kept, dropped and had back as any other
	local aside
	aside=$(pen-review --list --json | jq -r '.entries[] | select(.note).path')
	[[ $aside == .git/hooks/pre-commit.* ]]
	listed "held created $aside (git: another run's version, not in effect)"
	run -0 pen-review --show "$aside"
	has '+other'
	run -0 pen-review --drop "$aside"
	[ -z "$(find "$STATE/draft" -path '*aside*')" ]
	run -0 pen-review --undo
	run -0 pen-review --keep
	[ "$(cat .git/hooks/pre-commit)" = later ]
	run -0 pen-review --undo
	run -0 pen-review --keep "$aside"
	[ "$(cat .git/hooks/pre-commit)" = other ]
	run -0 pen-review --list
	lacks "$aside"
	run -0 pen-review --undo
	[ ! -e .git/hooks/pre-commit ]
	listed "held created $aside (git: another run's version, not in effect)"
}

@test "it confines itself before it reads what the run left" {
	needs_landlock 3 6.2
	a_draft dir "$P/.git/hooks" git none
	begin
	echo x >"$OWN/pre-commit"
	end
	run -0 strace -f -e trace=landlock_add_rule,landlock_restrict_self \
		-o "$T/trace" pen-report --manifest 3 --layer 4 3<"$T/manifest" \
		4<"$LAYER"
	grep -q 'landlock_restrict_self.*= 0' "$T/trace"
}

@test "a directory that is swapped for a link while it walks leads it nowhere" {
	local i swapper
	mkdir -p d/sub "$T/outside/sub"
	begin
	echo x >"$T/outside/sub/outside-only"
	echo x >d/sub/inside
	ln -s "$T/outside" link
	python3 -c 'import ctypes, os
libc = ctypes.CDLL(None)
while os.path.exists("link") or os.path.islink("link"):
    for i in range(1000):
        libc.renameat2(-100, b"d", -100, b"link", 2)' 3>&- &
	swapper=$!
	for i in {1..30}; do
		end
		run pen-review --list
		lacks outside-only
	done
	kill "$swapper"
	wait "$swapper" || :
}

@test "what is too deep to be named makes the account not whole" {
	begin
	python3 -c 'import os
for i in range(600):
    os.mkdir("d" * 20); os.chdir("d" * 20)
open(".envrc", "w").close()'
	end
	[[ $REPORT == *'not whole'*'File name too long'* ]]
	run -0 bash -c 'pen-review --list | wc -c'
	[ "$output" -lt 1000000 ]
	python3 -c 'import os, shutil
while True:
    os.rename("d" * 20 + "/" + "d" * 20, "next") if os.path.isdir("d" * 20 + "/" + "d" * 20) else exit()
    shutil.rmtree("d" * 20); os.rename("next", "d" * 20)'
}

@test "a package.json is source code, but not what it runs unasked" {
	echo '{"name": "x", "scripts": {"test": "a", "prepare": "husky"}}' >package.json
	git add -A
	git commit -qm package
	begin
	echo '{"name": "x", "scripts": {"test": "b", "prepare": "husky"}, "dependencies": {"y": "1"}}' >package.json
	end
	[ -z "$REPORT" ]
	listed 'obeyed changed package.json (npm)'
	begin
	echo '{"name": "x", "scripts": {"postinstall": "evil"}}' >package.json
	mkdir -p new node_modules/y
	echo '{"simple-git-hooks": {"pre-commit": "evil"}}' >new/package.json
	cp package.json node_modules/y
	end
	[[ $REPORT == *'npm obeys it: package.json: scripts that run at an install'* ]]
	[[ $REPORT == *'npm obeys it: new/package.json'* ]]
	[[ $REPORT != *node_modules* ]]
}

@test "more refs than are looked at make the account not whole, and take no time" {
	git commit -q --allow-empty -m one
	begin
	# a loop of bats takes seconds: it is told of every command
	seq 20001 | awk '{ printf "%040x refs/heads/b%d\n", $1, $1 }' >.git/packed-refs
	end
	[[ $REPORT == *"not all that the run's branches have can be told"* ]]
}
