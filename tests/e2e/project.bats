#!/usr/bin/env bats
# A project directory that was prepared by an attacker, and a program inside
# that goes on from there.  Each attack is made outside first, where it works.

load ../lib/common
load ../lib/escape

setup() {
	scratch
	git init -q .
	git config user.email t@example.org
	git config user.name t
	git commit -q --allow-empty -m one
}

# attack SCRIPT : prints LEAKED in a copy of the project, not inside
attack() {
	rm -rf "$HOME/src/control"
	cp -a . "$HOME/src/control"
	run bash -c "cd '$HOME/src/control' && $1" </dev/null
	has LEAKED
	run pen bash -c "$1" </dev/null
	lacks LEAKED
}

@test "git's hooks and configuration are drafts" {
	: >.git/hooks/post-commit
	held .git/hooks/post-commit 'echo x >.git/hooks/post-commit'
	held .git/hooks/post-commit 'rm -rf .git/hooks/*'
	held .git/hooks/new 'echo x >.git/hooks/new'
	held .git/config 'git config core.fsmonitor x'
	held .git/config 'echo x >>.git/config'
	held .git/config 'ln -f .git/config c && echo x >>c'
	held .git/info/attributes 'echo x >.git/info/attributes'
	attack 'rm -f .git/config && echo LEAKED'
	attack 'rm -rf .git/hooks && echo LEAKED'
	attack 'mv .git/config x && echo LEAKED'
	chmod 755 .git/hooks
	expect 0 pen chmod 777 .git/hooks
	[ "$(stat -c %a .git/hooks)" = 755 ]
}

@test "the directories on the way to them cannot be moved away" {
	mkdir -p .claude
	echo '{}' >.claude/settings.json
	attack 'mv .git away && echo LEAKED'
	attack 'mv .claude away && echo LEAKED'
	attack 'mv .git/hooks .git/x && echo LEAKED'
	attack 'mkdir n && mv -T --exchange n .git 2>/dev/null ||
		python3 -c "import os; os.rename(\".git\", \"z\")" && echo LEAKED'
}

@test "directories that editors and agents obey are drafts" {
	local f
	mkdir -p .vscode .claude/hooks .cursor .husky
	for f in .vscode/tasks.json .claude/hooks/h .claude/settings.json \
		.claude/settings.local.json .cursor/mcp.json .husky/pre-push; do
		echo old >"$f"
		held "$f" "echo new >$f"
		held "$f" "rm -f $f"
		held "$f" "echo new >x && mv x $f"
	done
	# where the user stands, too
	mkdir -p sub/.claude
	echo old >sub/.claude/settings.json
	cd sub
	held .claude/settings.json 'echo new >.claude/settings.json'
}

@test "work goes on: commits, branches, stashes and new files" {
	expect 0 pen bash -ec '
		echo a >file
		git add file
		git commit -qm two
		git checkout -qb side
		echo b >>file
		git stash -q
		git stash pop -q
		git commit -qam three
		git gc -q
		mkdir -p deep/er && : >deep/er/file'
	expect 0 git log --format=%s side
	[ "$output" = "three
two
one" ]
	expect 0 git fsck
}

@test "what was missing is told when it appears" {
	expect 0 pen bash -c 'mkdir -p .vscode && echo x >.vscode/tasks.json'
	told_of "$PWD/.vscode"
	rm -r .vscode
	expect 0 pen bash -c 'echo evil >.git/hooks.x'
	told_of "$PWD/.git/hooks.x"
	rm .git/hooks.x
	expect 0 pen true
	[ -z "$output" ]
}

@test "no file is left behind for what is missing" {
	find . | sort >"$T/before"
	expect 0 pen true
	find . | sort >"$T/after"
	cmp "$T/before" "$T/after"
}

@test "a protected path that is a link leads the mount nowhere" {
	ln -s "$HOME/.ssh" .vscode
	ln -s "$HOME/.ssh/id_ed25519" .envrc
	ln -s "$HOME/.ssh" .claude
	: >"$HOME/.ssh/settings.json"
	attack 'cat .envrc && echo LEAKED'
	attack 'cat .vscode/id_ed25519 && echo LEAKED'
	attack 'cat .claude/id_ed25519 && echo LEAKED'
}

@test "a .git that is a link leads nowhere and is said to be one" {
	mv .git "$HOME/src/sibling/.git"
	ln -s ../sibling/.git .git
	expect 0 pen ls .git/HEAD ../sibling || [ "$status" -eq 2 ]
	lacks secret
	has "is neither a directory nor a file"
}

@test "links out of the project lead nowhere" {
	ln -s "$HOME/.ssh/id_ed25519" key
	ln -s ../../.ssh dir
	ln -s /proc/self/root/"$HOME"/.ssh/id_ed25519 proc
	attack 'cat key && echo LEAKED'
	attack 'cat dir/id_ed25519 && echo LEAKED'
	attack 'cat proc && echo LEAKED'
}

@test "FIFOs and sockets in the project do not stop the launch" {
	mkfifo .envrc .mcp.json fifo
	mkdir .git/info 2>/dev/null || :
	python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(".npmrc")'
	expect 0 timeout 20 pen true
}

@test "names with newlines, dashes and shell syntax are only names" {
	mkdir -p -- $'a\nb' '-rf' '$(touch pwned)' $'\e[31m'
	expect 0 pen ls -1 --quoting-style=c
	has '"a\nb"'
	cd -- '$(touch pwned)'
	expect 0 pen --project "$PWD" bash -c 'pwd'
	[ "$output" = "$PWD" ]
	[ ! -e pwned ]
}

# --- worktrees and submodules

@test "a worktree's repository is there: git commit works" {
	git worktree add -q ../tree
	cd ../tree
	expect 0 pen git commit -q --allow-empty -m inside
	[ -z "$output" ]
	expect 0 git log -1 --format=%s
	[ "$output" = inside ]
	expect 1 pen cat ../project/../sibling/secret
}

@test "a worktree's repository has its hooks and configuration held back" {
	git worktree add -q ../tree
	cd ../tree
	local c=../project/.git
	held "$c/hooks/pre-commit" "echo x >$c/hooks/pre-commit"
	held "$c/config" "echo x >>$c/config"
	held .git 'echo "gitdir: /x" >.git'
	held "$c/worktrees/tree/commondir" "echo x >$c/worktrees/tree/commondir"
	expect 1 pen mv ../project/.git ../project/x
	expect 1 pen mv .git x
}

@test "a relative worktree is one as well" {
	git worktree add -q ../tree
	cd ../tree
	echo "gitdir: ../project/.git/worktrees/tree" >.git
	echo "../../../../tree/.git" >../project/.git/worktrees/tree/gitdir
	expect 0 pen git status --short
	lacks fatal
}

# forged GITDIR : nothing of it is shown
forged() {
	rm -rf .git
	printf 'gitdir: %s\n' "$1" >.git
	run pen bash -c "cat '$1'/{config,id_ed25519} '$1'/.ssh/id_ed25519
		cat '$1/$HOME/.ssh/id_ed25519' && echo LEAKED
		true >'$1/forged'"
	has "which is not its repository"
	lacks LEAKED
	lacks PLANTED
	lacks "[core]"
	[ ! -e "$1/forged" ]
}

@test "a forged .git file adds nothing" {
	git init -q "$HOME/src/victim"
	local victim=$HOME/src/victim
	forged "$victim/.git"
	git -C "$victim" -c user.name=t -c user.email=t@example.org \
		commit -q --allow-empty -m one
	git -C "$victim" worktree add -q ../other
	forged "$victim/.git/worktrees/other"
	forged "$HOME/.ssh"
	forged "$HOME"
	forged /
	forged "$HOME/nowhere"
	forged ../../.ssh
	printf 'gitdir: \e[31m\n' >.git
	expect 0 pen true
	has "points to '\\x1b[31m'"
	lacks $'\e'
}

@test "a git directory in the project cannot vouch for another" {
	rm -rf .git
	mkdir -p x/worktrees/n
	echo "$PWD/.git" >x/worktrees/n/gitdir
	echo "$HOME/.ssh" >x/worktrees/n/commondir
	mkdir "$HOME/.ssh/objects"
	: >"$HOME/.ssh/HEAD"
	echo "gitdir: x/worktrees/n" >.git
	run pen ls -A "$HOME/.ssh"
	lacks id_ed25519
	# and by a link to one outside
	rm -rf x
	mkdir -p "$HOME/.ssh/worktrees/n"
	ln -s "$HOME/.ssh" x
	run pen ls -A "$HOME/.ssh"
	has "which is not its repository"
	lacks id_ed25519
}

@test "a submodule's repository is there, with its hooks held back" {
	git init -q "$T/lib"
	git -C "$T/lib" -c user.name=t -c user.email=t@example.org \
		commit -q --allow-empty -m one
	git -c protocol.file.allow=always submodule --quiet add "$T/lib" lib
	git commit -qm lib
	cd lib
	expect 0 pen git -c user.name=t -c user.email=t@x commit -q \
		--allow-empty -m inside
	[ -z "$output" ]
	expect 0 git log -1 --format=%s
	[ "$output" = inside ]
	cd ..
	held .git/modules/lib/hooks/h 'echo >.git/modules/lib/hooks/h'
	held .git/modules/lib/config 'echo x >>.git/modules/lib/config'
	held lib/.git 'echo "gitdir: ../evil" >lib/.git'
	attack 'mv lib/.git x && echo LEAKED'
	attack 'mv .git/modules/lib .git/modules/x && echo LEAKED'
	expect 0 pen git -C lib -c user.name=t -c user.email=t@x commit -q \
		--allow-empty -m again
}

@test "a project that is swapped for a link during launches shows nothing" {
	local i
	mkdir "$HOME/src/real"
	ln -s "$HOME/.ssh" "$HOME/src/link"
	cd "$HOME/src/real"
	# another pen of the same user, in which ~/src is writable
	(
		cd "$HOME/src" || exit
		while [ ! -e "$T/stop" ]; do
			mv -T real keep && mv -T link real
			mv -T real link && mv -T keep real
		done
	) 2>/dev/null &
	local swapper=$!
	for i in {1..30}; do
		pen sh -c 'pwd; ls -A . ~/src/*' >>"$T/out" 2>&1 || :
	done
	: >"$T/stop"
	wait $swapper
	expect 0 cat "$T/out"
	has /src/ # at times it was started
	lacks id_ed25519
}

@test "the program that pen was started from cannot be replaced" {
	mkdir -p "$HOME/src/tool/build"
	cp -rL "$BIN" "$B/agents" "$B/groups" "$B/shell" "$HOME/src/tool/build"
	cd "$HOME/src/tool"
	expect 0 sh -c 'cp build/bin/pen x && cp x build/bin/pen' # the control
	expect 0 sh -c 'cp x build/agents/x.conf; rm build/agents/x.conf'
	expect 1 build/bin/pen cp x build/bin/pen
	expect 1 build/bin/pen cp x build/agents/x.conf
	expect 1 build/bin/pen rm build/agents/claude.conf
	expect 1 build/bin/pen cp x build/groups/x.conf
	expect 1 build/bin/pen cp x build/shell/pen.bash
	expect 1 build/bin/pen mv build away
	expect 0 build/bin/pen true
	# what is not there cannot be covered, and a link can be exchanged
	mv build/shell away
	expect 125 build/bin/pen true
	has "pen keeps its own files in '$PWD/build/shell'"
	mv away build/shell
	mv build/agents away
	expect 125 build/bin/pen true
	has "pen keeps its own files in '$PWD/build/agents'"
	ln -s ../away build/agents
	expect 125 build/bin/pen true
	has "pen keeps its own files in '$PWD/build/agents'"
}

@test "pen where it is installed is read-only, however it comes into view" {
	mkdir -p "$HOME/pre/bin" "$HOME/pre/share/pen"
	cp -L "$BIN"/pen* "$HOME/pre/bin"
	cp -r "$B/agents" "$HOME/pre/share/pen"
	PATH=$HOME/pre/bin:$PATH
	expect 0 pen --rw "$HOME/pre/share" sh -c ': >~/pre/share/fine
		true 2>/dev/null >~/pre/share/pen/agents/sh.conf && echo LEAKED
		mv ~/pre/share/pen ~/pre/share/x 2>/dev/null && echo LEAKED; :'
	[ -z "$output" ]
	[ -e "$HOME/pre/share/fine" ]
	local dir
	for dir in bin share/pen share/pen/agents; do
		expect 125 pen --rw "$HOME/pre/$dir" true
		has "pen runs from '$HOME/pre/"
		expect 125 pen --project "$HOME/pre/$dir" true
		has "pen runs from"
	done
	expect 125 pen --rw "$HOME/pre" true
	has "pen keeps its own files in '$HOME/pre/agents'"
}
