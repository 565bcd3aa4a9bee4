#!/usr/bin/env bats
# What a run leaves behind for programs of the host to execute.  Each attack is
# made in a copy of the project first, where real git (or a shell) must run its
# code afterwards.

load ../lib/common
load ../lib/escape

setup() {
	scratch
	git config --global user.name t
	git config --global user.email t@example.org
	git config --global protocol.file.allow always
	git init -q .
	echo one >file
	git add file
	git commit -qm one
	FIRED=$T/fired
}

# PAYLOAD: a script that tells when the host has run it; inside, $T is not there
payload() {
	printf '#!/bin/sh\necho fired >>%s\nfalse\n' "$FIRED" >"$1"
	chmod +x "$1"
}

# control SCRIPT TRIGGER : in a copy of the home, outside, the trigger fires
control() {
	rm -rf "$T/away" "$FIRED"
	cp -a "$HOME" "$T/away"
	bash -c "$1" >&2 </dev/null || :
	bash -c "$2" >/dev/null 2>&1 </dev/null || :
	[ -e "$FIRED" ] || {
		echo "the control did not fire: $1" >&2
		return 1
	}
	rm -rf "$FIRED" "$HOME"
	mv "$T/away" "$HOME"
	cd "$PWD"
}

# blocked SCRIPT TRIGGER : fires outside, and after a pen does not
blocked() {
	control "$1" "$2"
	inside "$1"
	bash -c "$2" >/dev/null 2>&1 </dev/null || :
	[ ! -e "$FIRED" ]
	rm -rf "$HOME/.local/state/pen" # or the next pen has it, too
}

# told PATH SCRIPT TRIGGER : fires outside; after a pen, PATH is named
told() {
	control "$2" "$3"
	inside "$2"
	told_of "$1"
}

@test "a submodule's .git file cannot be made to point elsewhere" {
	git init -q "$T/lib"
	git -C "$T/lib" commit -q --allow-empty -m lib
	git submodule --quiet add "$T/lib" sm
	git commit -qm sm
	payload "$HOME/src/project/fs.sh"
	blocked 'cp -r .git/modules/sm evil
		git config -f evil/config core.worktree "$PWD/sm"
		git config -f evil/config core.fsmonitor "$PWD/fs.sh"
		echo "gitdir: ../evil" >sm/.git' 'git status'
	# inside it, work goes on
	expect 0 pen git -C sm commit -q --allow-empty -m inside
}

@test "a submodule with its .git in its tree is covered as the project is" {
	git init -q lib
	git -C lib commit -q --allow-empty -m lib
	git config -f .gitmodules submodule.lib.path lib
	git config -f .gitmodules submodule.lib.url ./lib
	git add .gitmodules lib
	payload "$HOME/src/project/fs.sh"
	blocked 'git -C lib config core.fsmonitor "$PWD/fs.sh"' 'git status'
	blocked 'cp fs.sh lib/.git/hooks/post-commit' \
		'git -C lib commit --allow-empty -m x'
}

@test "a repository that the run made, or made a submodule, is told" {
	payload "$HOME/src/project/fs.sh"
	told "$PWD/sub" 'git init -q sub
		git -C sub commit -q --allow-empty -m sub
		git -C sub config core.fsmonitor "$PWD/fs.sh"
		git -c core.fsmonitor= add sub 2>/dev/null' 'git status'
	rm -rf sub
	git rm -q --cached sub
	# one that the index knows, and no file of git's
	git init -q lib
	git -C lib commit -q --allow-empty -m lib
	git add lib 2>/dev/null
	told "$PWD/lib" 'git -C lib config core.fsmonitor "$PWD/fs.sh"' \
		'git status'
}

@test "no worktree's commondir or config.worktree can be changed" {
	local c="$HOME/src/project/.git"
	git config extensions.worktreeConfig true
	git worktree add -q ../one
	git worktree add -q ../two
	payload "$HOME/src/one/fs.sh"
	payload "$HOME/src/project/fs.sh"
	local evil='cp -r '$c' evil
		git config -f evil/config core.fsmonitor "$PWD/fs.sh"
		echo "$PWD/evil" >'$c/worktrees
	# from the main repository, its own and another one
	blocked "$evil/one/commondir" 'git -C ../one status'
	cd ../one
	blocked "$evil/one/commondir" 'git status'
	rm -rf evil
	blocked "$evil/two/commondir" 'git -C ../two status'
	expect 0 pen git commit -q --allow-empty -m inside
	told "$c/worktrees/two/config.worktree" \
		"git config -f $c/worktrees/two/config.worktree \
			core.fsmonitor \"\$PWD/fs.sh\"" 'git -C ../two status'
}

@test "hooks that are links into the project are held back, or told" {
	rm -rf .git/hooks
	mkdir githooks tools
	printf '#!/bin/sh\n' | tee githooks/pre-commit >tools/check
	chmod +x githooks/pre-commit tools/check
	ln -s ../githooks .git/hooks
	payload "$HOME/src/project/evil"
	blocked 'cp evil githooks/pre-commit' 'git commit --allow-empty -m x'
	rm .git/hooks
	mkdir .git/hooks
	ln -s ../../tools/check .git/hooks/pre-commit
	told "$PWD/tools/check" 'cp evil tools/check' \
		'git commit --allow-empty -m x'
	git checkout -q . 2>/dev/null || :
	printf '#!/bin/sh\n' >tools/check
	told "$PWD/tools/check" 'mv tools t && mkdir tools && cp evil tools/check' \
		'git commit --allow-empty -m x'
}

@test "what the configuration names in the project is held back, or told" {
	mkdir githooks
	printf '#!/bin/sh\n' | tee githooks/pre-commit >watch.sh
	chmod +x githooks/pre-commit watch.sh
	payload "$HOME/src/project/evil"
	git config core.hooksPath githooks
	blocked 'cp evil githooks/pre-commit' 'git commit --allow-empty -m x'
	git config --unset core.hooksPath
	git config core.fsmonitor ./watch.sh
	told "$PWD/watch.sh" 'cp evil watch.sh' 'git status'
	printf '#!/bin/sh\n' >watch.sh
	git config core.fsmonitor "sh 'watch.sh'"
	told "$PWD/watch.sh" 'cp evil watch.sh' 'git status'
	git config --unset core.fsmonitor
	: >gitinc
	git config include.path ../gitinc
	blocked 'git config -f gitinc core.fsmonitor "$PWD/evil"' 'git status'
	git config -f gitinc include.path more
	told "$PWD/more" 'git config -f more core.fsmonitor "$PWD/evil"' \
		'git status'
}

@test "what the user's own configuration names in the project is held back" {
	mkdir .githooks
	printf '#!/bin/sh\n' >.githooks/pre-commit
	chmod +x .githooks/pre-commit
	payload "$HOME/src/project/evil"
	git config --global core.hooksPath .githooks
	blocked 'cp evil .githooks/pre-commit' 'git commit --allow-empty -m x'
}

@test "without descriptors for the drafts, nothing runs" {
	mkdir -p .vscode .idea .husky .zed .helix .codex .cursor .gemini
	local n
	for n in 8 12 16 20; do
		expect 125 bash -c "ulimit -n $n && exec pen --offline touch ran"
		[ ! -e ran ]
	done
}

@test "a .git or a config that is a link is held back where it leads" {
	payload "$HOME/src/project/evil"
	mv .git gd
	ln -s gd .git
	blocked 'git config core.fsmonitor "$PWD/evil"' 'git status'
	expect 0 pen git commit -q --allow-empty -m inside
	rm .git
	mv gd .git
	mv .git/config real
	ln -s ../real .git/config
	blocked 'git config -f real core.fsmonitor "$PWD/evil"' 'git status'
}

@test "a git directory in the project that a .git file names is held back" {
	payload "$HOME/src/project/evil"
	mv .git .bare
	echo "gitdir: ./.bare" >.git
	blocked 'git config core.fsmonitor "$PWD/evil"' 'git status'
	blocked 'cp evil .bare/hooks/pre-commit' 'git commit --allow-empty -m x'
	expect 0 pen git commit -q --allow-empty -m inside
}

@test "a project that is made a bare repository in place is told" {
	mkdir "$HOME/src/plain"
	cd "$HOME/src/plain"
	payload "$HOME/src/plain/evil"
	told "$PWD/config" 'git init -q --bare ../b 2>/dev/null || exit
		cp -r ../b/* .
		git config -f config core.bare false
		git config -f config core.worktree "$PWD"
		git config -f config core.fsmonitor "$PWD/evil"' 'git status'
	rm -rf HEAD config objects refs hooks info description
	# and one that is a bare repository already is held back
	git init -q --bare .
	git config core.bare false
	git config core.worktree "$PWD"
	blocked 'git config -f config core.fsmonitor "$PWD/evil"' 'git status'
}

@test "a draft that has another name in the project is held back by both" {
	payload "$HOME/src/project/evil"
	printf '#!/bin/sh\n' >notes
	chmod 750 notes
	touch -d 2020-01-02 notes .git/config
	ln notes .git/hooks/pre-commit
	ln .git/config settings
	blocked 'cat evil >notes' 'git commit --allow-empty -m x'
	has "project/.git/hooks/pre-commit' had another name"
	[ "$(stat -c '%a %.10y %h' .git/hooks/pre-commit)" = '750 2020-01-02 1' ]
	[ "$(stat -c '%.10y %h' .git/config)" = '2020-01-02 1' ]
	ln -f .git/config settings
	blocked "printf '[core]\\nfsmonitor = %s/evil\\n' \"\$PWD\" >>settings" \
		'git status'
	has "project/.git/config' had another name"
}

@test "repositories, worktrees and rebases that the run made are told" {
	payload "$HOME/src/project/evil"
	told "$PWD/.git/modules/new" 'git init -q new
		mkdir -p .git/modules
		mv new/.git .git/modules/new
		echo "gitdir: ../.git/modules/new" >new/.git
		git config -f .git/modules/new/config core.fsmonitor \
			"$PWD/evil"' 'git -C new status'
	rm -rf .git/modules new
	told "$PWD/.git/worktrees/new" 'git worktree add -q new
		cp -r .git /tmp/evil 2>/dev/null; mv /tmp/evil evilgit
		git config -f evilgit/config core.fsmonitor "$PWD/evil"
		echo ../../../evilgit >.git/worktrees/new/commondir' \
		'git -C new status'
	rm -rf .git/worktrees new evilgit
	git commit -q --allow-empty -m two
	told "$PWD/.git/rebase-merge/git-rebase-todo" \
		'GIT_SEQUENCE_EDITOR="sed -i s/^pick/edit/" \
			git rebase -q -i --keep-empty HEAD~1
		echo "exec $PWD/evil" >.git/rebase-merge/git-rebase-todo' \
		'git rebase --continue'
}

@test "many entries in a directory are told in a few lines" {
	expect 0 pen bash -c 'mkdir -p .git/modules/{1..100}'
	[ "${#lines[@]}" -le 12 ]
	told_of .git/modules
}

@test "a repository made to be looked through for ever is not" {
	# 10000 directories, and a configuration that includes itself 50 times
	mkdir -p .git/modules/{0..9}{0..9}/{0..9}{0..9}
	local i
	for i in {1..50}; do
		printf '[include]\n\tpath = config\n' >>.git/config
	done
	expect 0 timeout 20 pen "${PENNED[@]}" true
	has "too many submodules: not all of '$PWD/.git/modules' is held back"
	has "too many includes"
}

@test "a writable directory that is a repository is as the project is" {
	git init -q "$HOME/src/sibling"
	payload "$HOME/src/project/evil"
	PENNED+=(--rw "$HOME/src/sibling")
	blocked 'cp evil ../sibling/.git/hooks/pre-commit' \
		'git -C ../sibling commit --allow-empty -m x'
	blocked 'git -C ../sibling config core.fsmonitor "$PWD/evil"' \
		'git -C ../sibling status'
	told "$HOME/src/sibling/.envrc" 'cp evil ../sibling/.envrc' \
		'. ../sibling/.envrc'
	# the project, by another name
	ln -s src/project "$HOME/link"
	PENNED=(--offline --rw "$HOME/link")
	blocked 'cp evil ~/link/.git/hooks/pre-commit' \
		'git commit --allow-empty -m x'
}

@test "start-up files that lead into the project are read-only" {
	local f
	mkdir -p "$HOME/src/dotfiles/fish" "$HOME/.config"
	cd "$HOME/src/dotfiles"
	for f in bashrc gitconfig zshrc; do
		: >"$f"
	done
	cat "$HOME/.gitconfig" >gitconfig
	ln -sf src/dotfiles/bashrc "$HOME/.bashrc"
	ln -sf "$HOME/src/dotfiles/gitconfig" "$HOME/.gitconfig"
	ln -s ../src/dotfiles/fish "$HOME/.config/fish"
	payload "$HOME/src/dotfiles/evil"
	blocked 'cat evil >bashrc' 'bash --rcfile ~/.bashrc -ic true'
	blocked 'git config -f gitconfig core.fsmonitor "$PWD/evil"' \
		"git -C ~/src/project status"
	blocked 'mkdir fish/conf.d && cp evil fish/conf.d/x.fish' \
		'for f in ~/.config/fish/conf.d/*.fish; do sh "$f"; done'
	# one that leads to what is not there yet
	ln -s src/dotfiles/profile "$HOME/.profile"
	told "$PWD/profile" 'cat evil >profile' 'sh -c ". ~/.profile"'
}

@test "what is meant to be writable can be: --rw of just that path" {
	: >"$HOME/.bashrc"
	expect 0 pen --rw "$HOME/.bashrc" sh -c 'echo x >~/.bashrc'
	[ "$(cat "$HOME/.bashrc")" = x ]
	mkdir -p "$HOME/.config/nvim"
	cd "$HOME/.config/nvim"
	expect 0 pen sh -c ': >init.lua'
	[ -e init.lua ]
	[ -z "$output" ]
}

@test "what version control, direnv, editors and agents obey is held back or told" {
	local f files=(.hg/hgrc .jj/repo/config.toml lefthook-local.yml
		.direnv/x .envrc.local mise.local.toml .config/mise/config.toml
		.config/mise.toml .exrc .nvim.lua .helix/languages.toml
		.zed/tasks.json opencode.jsonc .windsurf/x .kiro/x .amp/x
		.qwen/settings.json .zshenv .bash_aliases .tmux.conf .gdbinit)
	local plant='for f; do mkdir -p "$(dirname "$f")"; echo evil >"$f"; done'
	sh -c "$plant" - "${files[@]}"
	expect 0 grep -l evil "${files[@]}" # the control
	[ "${#lines[@]}" -eq "${#files[@]}" ]
	for f in "${files[@]}"; do echo mine >"$f"; done
	expect 0 pen "${PENNED[@]}" sh -c "$plant; true" - "${files[@]}"
	for f in "${files[@]}"; do
		[ "$(cat "$f")" = mine ] || told_of "$f"
	done
	git clean -qfdx
	expect 0 pen "${PENNED[@]}" sh -c "$plant" - "${files[@]}"
	for f in "${files[@]}"; do
		told_of "$f"
	done
}

# --- what agents keep in the home directory, and execute later

# stand_in NAME : an agent of that name that runs its argument
stand_in() {
	mkdir -p "$T/agents"
	printf '#!/bin/sh\nexec sh -c "$1"\n' >"$T/agents/$1"
	chmod +x "$T/agents/$1"
	PATH=$T/agents:$PATH
}

# keeps AGENT FILE… : outside the agent writes these below the home; in a pen it
# writes none of them, or the end names the file
keeps() {
	local agent=$1 f
	shift
	stand_in "$agent"
	for f; do
		"$agent" "mkdir -p ~/$(dirname "$f") && echo evil >~/$f"
		[ "$(cat "$HOME/$f")" = evil ] # the control
		rm -r "${HOME:?}/${f%%/*}"
		expect 0 pen --offline "$agent" \
			"mkdir -p ~/$(dirname "$f"); echo evil >~/$f; true"
		[ "$(cat "$HOME/$f")" != evil ] || told_of "$HOME/$f"
		rm -rf "${HOME:?}/${f%%/*}"
	done
	# and what is there cannot be changed, or is told
	for f; do
		mkdir -p "$(dirname "$HOME/$f")"
		echo mine >"$HOME/$f"
		expect 0 pen --offline "$agent" "echo evil >~/$f; true"
		[ "$(cat "$HOME/$f")" = mine ] || told_of "$HOME/$f"
		rm -rf "${HOME:?}/${f%%/*}"
	done
}

@test "opencode: its program, plugins, tools and packages" {
	keeps opencode .opencode/bin/opencode .opencode/bin/git \
		.local/share/opencode/bin/rg .cache/opencode/bin/x \
		.cache/opencode/node_modules/x .config/opencode/plugin/x.ts \
		.config/opencode/plugins/x.ts .config/opencode/tool/x.ts \
		.config/opencode/opencode.jsonc .config/opencode/node_modules/x
}

@test "claude: its program, hooks, status line and plugins" {
	keeps claude .claude/local/claude .claude/settings.json \
		.claude/hooks/x .claude/commands/x.md .claude/agents/x.md \
		.claude/statusline.sh .claude/plugins/x/plugin.json \
		.local/share/claude/versions/9
}

@test "codex: its program, hooks, rules and configuration" {
	keeps codex .codex/hooks.json .codex/rules/default.rules \
		.codex/config.toml .codex/packages/x .codex/prompts/x.md
}

@test "gemini: its extensions, commands, variables and settings" {
	keeps gemini .gemini/extensions/x/gemini-extension.json .gemini/.env \
		.gemini/commands/x.toml .gemini/tmp/bin/rg .gemini/settings.json
}

@test "amp, copilot, cursor-agent, goose and qwen: the same" {
	keeps amp .amp/bin/amp .config/amp/tools/x .config/amp/settings.json
	keeps copilot .copilot/pkg/x/index.js .copilot/mcp-config.json \
		.copilot/hooks/x
	keeps cursor-agent .cursor/extensions/x/package.json .cursor/mcp.json \
		.cursor/hooks.json .local/share/cursor-agent/versions/x
	keeps goose .config/goose/config.yaml .config/goose/permission.yaml
	keeps qwen .qwen/extensions/x/qwen-extension.json .qwen/.env \
		.qwen/settings.json .qwen/tmp/bin/rg
}

@test "aider: its variables" {
	keeps aider .aider/oauth-keys.env
}

@test "what an agent's shells source is its own in each run" {
	stand_in claude
	mkdir -p "$HOME/.claude/shell-snapshots"
	echo mine >"$HOME/.claude/shell-snapshots/s"
	expect 0 pen --offline claude 'cd ~/.claude/shell-snapshots
		cat s 2>/dev/null; echo : >s && . ./s && mkdir ../session-env/x'
	lacks mine
	[ ! -e "$HOME/.claude/session-env/x" ]
	[ "$(cat "$HOME/.claude/shell-snapshots/s")" = mine ]
}

@test "of a file that changes in every run, only what starts programs is told" {
	stand_in claude
	echo '{"n": 1, "mcpServers": {"a": {"command": "a"}}}' \
		>"$HOME/.claude.json"
	expect 0 pen --offline claude 'printf %s "{\"mcpServers\":{\"a\": \
		{\"command\":\"a\"}}, \"numStartups\": 2}" >~/.claude.json'
	expect 0 pen --offline claude 'printf %s "{\"projects\":{\"/x\":
		{\"mcp\\u0053ervers\":{\"b\":1}}}}" >~/.claude.json'
	expect 1 grep -q '"b"' "$HOME/.claude.json"
}

@test "links of the user's own in an agent's state are left as they are" {
	stand_in claude
	mkdir -p "$HOME/dotfiles/hooks" "$HOME/.claude"
	echo '{"mine": 1}' >"$HOME/dotfiles/settings.json"
	ln -s ../dotfiles/settings.json "$HOME/.claude/settings.json"
	ln -s ../dotfiles/hooks "$HOME/.claude/hooks"
	expect 0 pen --offline claude 'echo evil >~/.claude/settings.json
		echo evil >~/.claude/hooks/x; true'
	[ "$(cat "$HOME/dotfiles/settings.json")" = '{"mine": 1}' ]
	[ ! -e "$HOME/dotfiles/hooks/x" ]
	expect 0 pen --offline claude 'rm -f ~/.claude/settings.json
		echo evil >~/.claude/settings.json'
	told_of "$HOME/.claude/settings.json"
}

# fires_during SCRIPT TRIGGER : the trigger fires while what the script made is
# there, and outside is made again by the script "rm"
during() {
	bash -c "$1"
	bash -c "$2" >/dev/null 2>&1 </dev/null || :
	[ -e "$FIRED" ]
	rm -f "$FIRED"
	bash -c "$3"
	inside "$1"
	bash -c "$2" >/dev/null 2>&1 </dev/null || :
	[ ! -e "$FIRED" ]
}

@test "config.worktree of another worktree, and config where there is none" {
	payload "$HOME/src/project/evil"
	git config extensions.worktreeConfig true
	git worktree add -q tree
	during 'printf "[core]\nfsmonitor=%s/evil\n" "$PWD" \
		>.git/worktrees/tree/config.worktree' \
		'git -C tree status' 'rm .git/worktrees/tree/config.worktree'
	rm -rf .git/worktrees tree
	mv .git/config "$T/config"
	git config -f "$T/config" --unset extensions.worktreeConfig || :
	rm -rf "$HOME/.local/state/pen"
	during 'printf "[core]\nfsmonitor=%s/evil\n" "$PWD" >.git/config' \
		'git status' 'rm .git/config'
}

@test "a directory that is a repository for a moment is told" {
	rm -rf .git
	mkdir sub
	cd sub
	for dir in . ..; do
		for name in .git HEAD; do
			run pen --offline --project .. bash -c \
				"mkdir $dir/$name && rmdir $dir/$name"
			has "git obeys it: "
			run pen-review --list
			has 'appeared during the run'
			rm -rf "$HOME/.local/state/pen"
		done
	done
	run -0 pen --offline --project .. true
	[ -z "$output" ]
}

@test "a run ends while somebody renames beside it without an end" {
	git init -q "$T/w/one"
	ln -s "$HOME/.ssh" "$T/w/two"
	cd "$T/w/one"
	victim /usr/bin/python3 -c 'import ctypes, sys
a, b = (s.encode() for s in sys.argv[1:])
print("ready", flush=True)
while True: ctypes.CDLL(None).renameat2(-100, a, -100, b, 2)' "$T/w/one" "$T/w/two"
	until_true grep -q ready "$T/victim.out"
	run timeout -s KILL 60 pen --offline cat .git/HEAD
	# or it was swapped while something in it was opened
	[ "$status" -eq 125 ] || has 'ref: refs/heads/'
	[ "$status" -le 125 ]
	lacks PLANTED
	victims_end
}
