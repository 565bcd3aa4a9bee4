# git's commands inside, against the same commands outside: the same exit status
# of each, and the same repository afterwards, as the host sees it.
load ../lib/common

setup() {
	scratch
	S=$HOME/src
	git_settings
}

# git_settings : the same commits wherever they are made
git_settings() {
	export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
	export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
	export GIT_AUTHOR_DATE='2026-01-02T03:04:05Z'
	export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
	git config --global init.defaultBranch main
	git config --global protocol.file.allow always
	git config --global advice.detachedHead false
}

# history : commits of several branches, in the current directory; what tools
# obey differs between them
history() {
	local i
	mkdir -p pkg/lib .husky .vscode .claude
	seq 30 >file
	echo '#!/bin/sh' >.husky/pre-commit
	echo '{}' >.vscode/settings.json
	echo '{"permissions":{}}' >.claude/settings.json
	echo export A=1 >.envrc
	echo lib >pkg/lib/a
	git add -A
	git commit -qm one
	git branch old
	for i in 2 3 4; do
		sed -i "${i}s/.*/line $i/" file
		echo "$i" >"pkg/lib/$i"
		echo "echo $i" >>.husky/pre-commit
		echo "{\"tab\":$i}" >.vscode/settings.json
		git add -A
		git commit -qm "commit $i"
	done
	git checkout -qb other old
	sed -i '20s/.*/other/' file
	echo export B=2 >.envrc
	git commit -qam other
	echo other >pkg/lib/other
	git add pkg
	git commit -qm second
	git checkout -qb without main
	git rm -qr .vscode .husky
	git commit -qm without
	git checkout -qb clash old
	sed -i '3s/.*/clash/' file
	git commit -qam clash
	git checkout -q main
}

# world KIND : the repositories, and $P, where the user stands in one
world() {
	local branch
	cd "$S" || return 1
	rm -rf "${S:?}"/* "$HOME/.local/state/pen"
	cp -R "$BATS_FILE_TMPDIR"/{remote,sub}.git "$S"
	P=$S/project
	case $1 in
	plain) git clone -q "$S/remote.git" "$P" ;;
	subdirectory)
		git clone -q "$S/remote.git" "$P"
		P+=/pkg
		;;
	worktree)
		git clone -q "$S/remote.git" "$S/main"
		git -C "$S/main" checkout -q --detach
		git -C "$S/main" worktree add -q "$P" main
		;;
	submodule)
		git clone -q "$S/sub.git" "$S/super"
		git -C "$S/super" submodule --quiet add -b main "$S/remote.git" project
		git -C "$S/super" commit -qm submodule
		P=$S/super/project
		;;
	esac
	cd "$P" || return 1
	for branch in old clash without; do
		git branch -q --no-track "$branch" "origin/$branch"
	done
}

# state : what there is of it for the host
state() {
	local top git
	top=$(git rev-parse --show-toplevel)
	git=$(git rev-parse --absolute-git-dir)
	git for-each-ref
	cat "$git/HEAD"
	git --no-optional-locks status --porcelain=v2 --branch --untracked-files=all
	git config --local --list | sort
	git stash list --format=%H
	git worktree list --porcelain
	git submodule status 2>&1
	(cd "$top" && find . -name .git -prune -o -printf '%P %y %#m\n' | sort &&
		find . -name .git -prune -o -type f -print0 | sort -z |
		xargs -0 sha256sum)
	(cd "$git" && find . -maxdepth 1 \( -name '*HEAD' -o -name 'BISECT*' \
		-o -name 'rebase*' -o -name '*.lock' -o -name MERGE_MSG \) | sort)
	git --git-dir="$S/remote.git" for-each-ref
	git fsck --no-dangling 2>&1
}

# The two repositories that every world begins with, and what runs the commands,
# one a line, and prints the status of each; one that is to fail has the status
# before it.
setup_file() {
	local made=$BATS_FILE_TMPDIR
	mkdir -p "$made/home" "$made/seed" "$made/sub"
	(
		HOME=$made/home
		git_settings
		cd "$made/sub" && git init -q && echo s >s && git add s && git commit -qm s
		cd "$made/seed" && git init -q && history
		git clone -q --bare "$made/seed" "$made/remote.git"
		git clone -q --bare "$made/sub" "$made/sub.git"
	)
	cat >"$BATS_FILE_TMPDIR/each" <<-'END'
		while read -r line; do
			want=0
			[[ $line != [0-9]* ]] || read -r want line <<<"$line"
			(eval "$line") >"$TMPDIR/out" 2>&1 </dev/null
			got=$?
			echo "$got: $line"
			[ "$got" = "$want" ] || sed 's/^/UNEXPECTED: /' "$TMPDIR/out"
		done <"$TMPDIR/commands"
	END
}

# same KIND… -- COMMANDS [IGNORED] : in each kind of place the same inside and
# outside; lines of the state that match IGNORED differ for a reason
same() {
	local kinds=() kind bad=0
	while [ "$1" != -- ]; do
		kinds+=("$1")
		shift
	done
	for kind in "${kinds[@]}"; do
		world "$kind"
		mkdir -p "$T/tmp"
		printf '%s\n' "$2" >"$T/tmp/commands"
		cp "$BATS_FILE_TMPDIR/each" "$T/tmp/each"
		{
			TMPDIR=$T/tmp bash "$T/tmp/each"
			state
		} | grep -vE "${3:-^$}" >"$T/outside"
		if grep UNEXPECTED "$T/outside"; then
			return 1
		fi
		world "$kind"
		{
			pen --offline --ro "$T/tmp/each" --ro "$T/tmp/commands" \
				--env 'GIT_AUTHOR_*' --env 'GIT_COMMITTER_*' \
				--rw "$S/remote.git" --ro "$S/sub.git" bash -c \
				'TMPDIR=/tmp; export TMPDIR; cp '"$T"'/tmp/* /tmp/; bash /tmp/each' \
				2>"$T/said"
			state
		} | grep -vE "${3:-^$}" >"$T/inside"
		if ! diff -u "$T/outside" "$T/inside"; then
			echo "in a $kind:"
			cat "$T/said"
			bad=1
		fi
	done
	return "$bad"
}

all='plain subdirectory worktree submodule'

# silent : pen had nothing to say at the end of the last run
silent() {
	[ ! -s "$T/said" ] || {
		cat "$T/said"
		return 1
	}
}

@test "push -u, push, fetch, pull" {
	same $all -- 'git switch -c topic
git commit --allow-empty -m topic
git push -u origin topic
git commit --allow-empty -m more
git push
git fetch
git pull
git push origin :topic'
	silent
}

@test "checkout --track, switch, branches made, renamed and deleted" {
	same $all -- 'git checkout --track origin/other
git switch -
git switch -c made origin/clash
git branch -m renamed
git branch --set-upstream-to=origin/other
git branch --unset-upstream
git switch other
1 git branch -d renamed
git branch -D renamed
git checkout origin/old
git switch -
git switch without
git switch other'
	silent
}

@test "a branch without a directory that tools obey" {
	same $all -- 'git switch without'
	silent
	same $all -- 'git switch without
git switch main
git merge --no-edit without
git reset --hard origin/main'
	silent
}

@test "remotes and harmless configuration" {
	same $all -- 'git remote add up https://example.org/up.git
git remote set-url up https://example.org/other.git
git config pull.rebase true
git config branch.main.description text
git remote rename up down
git remote remove down
git config --unset pull.rebase'
	silent
}

@test "submodules: added, updated, and in other branches" {
	# where a submodule comes from is held back: git submodule init has it
	same plain subdirectory -- 'git submodule add '"$S"'/sub.git sub
git commit -m sub
git submodule update --init --recursive
git submodule foreach git log --oneline
git switch old
git switch main
git submodule sync' '^submodule\.(pkg/)?sub\.url='
	grep -q 'held back from git: .git/config submodule.pkg/sub.url' "$T/said"
}

@test "a worktree in the project, made, worked in and removed" {
	same plain subdirectory submodule -- 'git worktree add wt -b wt
cd wt && echo x >x && git add x && git commit -m x
git worktree list
git worktree remove wt
git branch -D wt
git worktree prune'
	silent
}

@test "sparse checkouts" {
	# the extension is held back, and so where git keeps what needs it
	same plain submodule -- 'git sparse-checkout set pkg
git sparse-checkout list
git switch other
git switch main
git sparse-checkout disable' '^(extensions\.worktreeconfig|core\.worktree)='
}

@test "stash, merge, its conflicts and its abort" {
	same $all -- 'echo x >>$(git rev-parse --show-toplevel)/file
git stash
git stash pop
git stash
git merge --no-edit origin/other
1 git merge origin/clash
git merge --abort
1 git merge origin/clash
git checkout --theirs $(git rev-parse --show-toplevel)/file
git add -A $(git rev-parse --show-toplevel)
git commit -m merged
git stash pop'
}

@test "rebase, also interactive with edit, continue and abort" {
	same $all -- 'git switch -c topic origin/other
git rebase main
git switch -C topic origin/other
GIT_SEQUENCE_EDITOR="sed -i 1s/pick/edit/" git rebase -i old
git commit --amend -m amended
git rebase --continue
git switch -c side main
1 git rebase origin/clash
git rebase --abort
1 git rebase origin/clash
1 git rebase --continue
git rebase --quit
git reset --hard main
GIT_SEQUENCE_EDITOR="sed -i 2d" git rebase -i HEAD~2
git rebase --exec true HEAD~1
1 git cherry-pick clash
git cherry-pick --abort
git revert --no-edit HEAD
git switch main'
	# what a commit of the run's own made of files that tools obey is held back
	same plain -- 'echo "echo hi" >>.husky/pre-commit
git commit -am hook' '.husky/pre-commit$'
	grep -q 'held back from git: .husky/pre-commit' "$T/said"
}

@test "bisect" {
	same $all -- 'cd $(git rev-parse --show-toplevel) && git bisect start main old
cd $(git rev-parse --show-toplevel) && git bisect run sh -c "! grep -q 3 .husky/pre-commit"
cd $(git rev-parse --show-toplevel) && git bisect log
cd $(git rev-parse --show-toplevel) && git bisect reset'
	silent
}

@test "reset and checkout across commits that differ in what tools obey" {
	same $all -- 'git reset --hard old
git reset --hard origin/main~1
git reset --hard origin/main
git reset --hard origin/other
git reset --soft old
git reset --hard without
git reset --hard origin/main
git checkout old -- $(git rev-parse --show-toplevel)/.husky
git checkout HEAD -- $(git rev-parse --show-toplevel)/.husky
git clean -fdx'
	silent
}

@test "gc, repack, maintenance, tags and notes" {
	same $all -- 'git tag -a v1 -m v1
git notes add -m note
git gc
git repack -ad
git maintenance run
git pack-refs --all
git commit-graph write
git reflog expire --all
git tag -d v1'
	silent
}

@test "git-lfs" {
	command -v git-lfs >/dev/null || skip_missing git-lfs
	git lfs install --skip-repo >/dev/null
	same plain subdirectory submodule -- 'git lfs track "*.bin"
echo large >a.bin
git add -A
git commit -m large
git show HEAD:./a.bin | grep -q git-lfs
git switch old
git switch main
cat a.bin' '^lfs\.repositoryformatversion='
}
