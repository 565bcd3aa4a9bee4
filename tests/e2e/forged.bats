#!/usr/bin/env bats
# What a run leaves so that a later one takes it for the user's: branches that it
# made, and names that were missing when it began.

load ../lib/common

setup() {
	scratch
	PATH=$BIN:$HOME/bin:/usr/bin:/bin
	git config --global user.name A
	git config --global user.email a@example.org
	git init -q -b main .
	mkdir .husky "$HOME/bin"
	echo good >.husky/pre-commit
	echo one >file
	git add -A
	git commit -qm one
	evil='git checkout -qb evil; echo evil >.husky/pre-commit
		git commit -qam evil; git checkout -q main'
}

# held : the run's .husky/pre-commit is not the host's, and that is said
held() {
	has 'held back from git: .husky/pre-commit'
	[ "$(cat .husky/pre-commit)" = good ]
}

@test "a branch that was there before the run is checked out, hooks and all" {
	git checkout -qb other
	echo better >.husky/pre-commit
	git commit -qam better
	git checkout -q main
	expect 0 pen --offline git checkout -q other
	[ -z "$output" ]
	[ "$(cat .husky/pre-commit)" = better ]
}

@test "a branch that another run made is not the user's" {
	expect 0 pen --offline sh -c "$evil"
	expect 0 pen --offline git checkout -q evil
	held
}

@test "a branch whose file was too long at the end of the run is not the user's" {
	expect 0 pen --offline sh -c "$evil
		(git rev-parse evil; yes '' | head -n 5000) >ref
		mv ref .git/refs/heads/evil"
	expect 0 pen --offline sh -c 'id=$(head -n 1 .git/refs/heads/evil)
		echo $id >.git/refs/heads/evil; git checkout -q evil'
	held
}

@test "refs that a link leads to are not the user's" {
	expect 0 pen --offline sh -c "$evil"'
		mkdir -p away/origin
		git rev-parse evil >away/origin/x; git branch -qD evil
		rm -rf .git/refs/remotes; ln -s ../../away .git/refs/remotes'
	expect 0 pen --offline sh -c 'git checkout -q $(cat away/origin/x)'
	held
}

@test "a branch of a run that goes on is not the user's" {
	mkfifo end
	pen --offline sh -c "$evil; touch made; read -r _ <end" 3>&- &
	local going=$!
	until_true test -e made
	expect 0 pen --offline git checkout -q evil
	echo >end
	wait "$going"
	held
}

@test "a local branch does not become what the next git pull takes" {
	expect 0 pen --offline sh -c 'git branch -q mine
		git config branch.main.remote .
		git config branch.main.merge refs/heads/mine'
	has 'held back from git: .git/config branch.main'
	run -1 git config branch.main.remote
}

@test "hooks and scripts that git's configuration names and that are missing are told" {
	git config core.hooksPath tools/hooks
	git config diff.x.textconv ./t/show.sh
	expect 0 pen --offline sh -c 'mkdir -p tools/hooks t
		echo evil >tools/hooks/pre-commit; echo evil >t/show.sh'
	has 'git obeys it: tools/hooks/pre-commit'
	has 'git obeys it: t/show.sh'
}

@test "a file that the agent's section lists and that was missing is told" {
	printf '#!/usr/bin/python3\nimport os\nd = os.path.expanduser("~/.claude")\nopen(d + "/.config.json", "w").write("{}")\n' \
		>"$HOME/bin/claude"
	chmod +x "$HOME/bin/claude"
	mkdir -p "$HOME/.claude"
	echo '{}' >"$HOME/.claude/settings.json"
	expect 0 pen --offline --ro "$HOME/bin" claude
	run -0 pen-review --list
	has 'obeyed   created  ~/.claude/.config.json  (claude)'
}

@test "a .git that was no repository is no news, and one that becomes one is" {
	rm -rf .git/HEAD .git/refs
	git config --file .git/config core.fsmonitor "touch $T/obeyed"
	expect 0 pen --offline true
	[ -z "$output" ]
	run -128 git status
	expect 0 pen --offline sh -c 'mkdir -p .git/refs .git/objects
		echo ref: refs/heads/main >.git/HEAD'
	has 'git obeys it: .git/: git takes it for a repository now'
	git status >/dev/null
	[ -e "$T/obeyed" ]
	rm -rf .git
	mkdir .git
	expect 0 pen --offline true
	[ -z "$output" ]
}
