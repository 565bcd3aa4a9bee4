# git inside as the user has it: each setting has its effect outside first.
load ../lib/common

setup() {
	scratch
	git init -q .
	printf '[user]\n\tname = Some Body\n\temail = body@example.org\n' \
		>"$HOME/.gitconfig"
	git commit -q --allow-empty -m one
}

# global KEY VALUE : the user sets it
global() {
	git config --global "$@"
}

# same COMMAND… : git says the same inside as outside, and says something
same() {
	local outside
	outside=$("$@")
	[ -n "$outside" ]
	expect 0 pen --offline "$@"
	equals "$outside"
}

# inside KEY [VALUE] : the setting inside; without VALUE there is none
inside() {
	if [ $# -eq 2 ]; then
		expect 0 pen --offline git config --global "$1"
		equals "$2"
	else
		git config --global "$1"
		expect 1 pen --offline git config --global "$1"
	fi
}

@test "settings of every kind of data hold inside" {
	global core.autocrlf input
	global core.quotePath off
	global init.defaultBranch trunk
	global pull.rebase merges
	global push.autoSetupRemote true
	global rebase.autosquash true
	global diff.algorithm histogram
	global color.diff.meta 'blue black bold'
	global column.ui always
	global alias.last 'log -1 --format=%an'
	global safe.bareRepository explicit
	global diff.ada.xfuncname '^ "x" \y'
	git config --global --list -z | tr '\0\n' '\n=' | sort >"$T/outside"
	expect 0 pen --offline sh -c \
		"git config --global --list -z | tr '\\0\\n' '\\n=' | sort"
	[ "$(grep -c . "$T/outside")" -eq 14 ]
	equals "$(cat "$T/outside")"
	same git last
}

@test "includes of each kind count as they do outside" {
	printf '[user]\n\temail = dir@example.org\n' >"$HOME/dir.inc"
	printf '[user]\n\tname = Url\n' >"$HOME/url.inc"
	printf '[log]\n\tdate = iso\n' >"$HOME/branch.inc"
	printf '[rerere]\n\tenabled = true\n' >"$HOME/other.inc"
	mkdir -p "$HOME/.config/git"
	printf '[include]\n\tpath = ../../plain.inc\n' >"$HOME/.config/git/config"
	printf '[status]\n\tshort = true\n' >"$HOME/plain.inc"
	cat >>"$HOME/.gitconfig" <<-END
		[includeIf "gitdir/i:~/SRC/**"]
			path = dir.inc
		[includeIf "hasconfig:remote.*.url:https://work.example/**"]
			path = $HOME/url.inc
		[includeIf "onbranch:topic"]
			path = ~/branch.inc
		[includeIf "gitdir:~/elsewhere/"]
			path = ~/other.inc
	END
	git remote add origin https://work.example/x.git
	git checkout -q -b topic
	same git config user.name
	same git config user.email
	same git config log.date
	same git config status.short
	expect 1 git config rerere.enabled
	expect 1 pen --offline git config rerere.enabled
}

@test "a worktree's includes go by its git directory" {
	printf '[user]\n\temail = w@example.org\n' >"$HOME/w.inc"
	printf '[includeIf "gitdir:~/src/project/.git/worktrees/"]\npath = %s\n' \
		"$HOME/w.inc" >>"$HOME/.gitconfig"
	git worktree add -q "$HOME/src/w"
	cd "$HOME/src/w"
	same git config user.email
	cd ../project
	same git config user.email
}

@test "the user's ignore and attributes files are there, and nothing beside them" {
	mkdir -p "$HOME/dotfiles" "$HOME/.config/git"
	echo '*.secret' >"$HOME/dotfiles/ignored"
	echo TOKEN >"$HOME/dotfiles/token"
	ln -s dotfiles/ignored "$HOME/.ignored"
	global core.excludesFile '~/.ignored'
	echo '*.bin -text' >"$HOME/.config/git/attributes"
	echo TOKEN >"$HOME/.config/git/credentials"
	touch a.secret a.bin
	same git status --short
	lacks a.secret
	same git check-attr text a.bin
	run pen --offline sh -c "cat $HOME/dotfiles/* $HOME/.config/git/*;
		echo x >>$HOME/.ignored"
	lacks TOKEN
	[ "$(cat "$HOME/dotfiles/ignored")" = '*.secret' ]
}

@test "they are there when XDG_CONFIG_HOME moves them" {
	export XDG_CONFIG_HOME=$HOME/conf
	mkdir -p "$HOME/conf/git"
	echo '*.secret' >"$HOME/conf/git/ignore"
	touch a.secret b
	same git status --short
	lacks a.secret
}

@test "a link that a run can have made leads to no file" {
	mkdir "$HOME/src/dotfiles"
	ln -s ../../.ssh/id_ed25519 "$HOME/src/dotfiles/ignore"
	global core.excludesFile "$HOME/src/dotfiles/ignore"
	expect 0 cat "$HOME/src/dotfiles/ignore"
	has PLANTED-KEY
	run pen --offline cat "$HOME/src/dotfiles/ignore" "$HOME/.ssh/id_ed25519"
	lacks PLANTED-KEY
}

@test "programs and secrets of the configuration are not inside" {
	global core.pager 'less -R'
	global core.hooksPath "$HOME/hooks"
	global alias.sh '!sh'
	global credential.helper 'store'
	global http.extraHeader 'Authorization: Basic T0KEN'
	global filter.crypt.clean 'git-crypt clean'
	global url.https://T0KEN@git.example/.insteadOf x:
	global sendemail.smtpPass T0KEN
	inside core.pager
	inside core.hooksPath
	inside alias.sh
	inside credential.helper
	inside filter.crypt.clean
	run pen --offline sh -c 'cat ~/.gitconfig; grep -r T0KEN ~'
	has 'Some Body'
	lacks T0KEN
}

@test "a setting that a command of git's makes inside stays inside" {
	expect 0 pen --offline sh -c 'git config --global user.name Other &&
		git config user.name'
	equals Other
	[ "$(git config user.name)" = 'Some Body' ]
}

@test "a URL is rewritten to what the run may reach" {
	global url.https://mirror.example/.insteadOf https://git.example/
	global url.git@git.example:.insteadOf gh:
	global url.ssh://git@other.example:2222/.insteadOf ot:
	global url.ext::sh.insteadOf ex:
	git remote add a https://git.example/x
	git remote add b gh:x
	git remote add c ot:x
	git remote add d ex:x
	same git remote get-url a
	expect 0 pen git remote get-url b
	equals gh:x
	expect 0 pen --allow ssh://git.example git remote get-url b
	equals git@git.example:x
	expect 0 pen --allow ssh://git.example git remote get-url c
	equals ot:x
	expect 0 pen --allow tcp://other.example:2222 git remote get-url c
	equals ssh://git@other.example:2222/x
	expect 0 pen --allow ssh://git.example git remote get-url d
	equals ex:x
}

@test "of safe.directory only what is shown is named" {
	global --add safe.directory "$PWD"
	global --add safe.directory "$HOME/src/client"
	global --add safe.directory "$HOME/src/*"
	inside safe.directory "$HOME/src/*"
	expect 0 pen --offline git config --get-all safe.directory
	has "$PWD"
	lacks client
}

@test "git-lfs' own filter holds, and another of that name does not" {
	global filter.lfs.clean 'git-lfs clean -- %f'
	global filter.lfs.process 'git-lfs filter-process'
	global filter.lfs.required true
	inside filter.lfs.process 'git-lfs filter-process'
	global filter.lfs.clean 'sh -c x'
	inside filter.lfs.clean
}

@test "a git-lfs that is not shown is named" {
	global filter.lfs.process 'git-lfs filter-process'
	global filter.lfs.required true
	mkdir "$HOME/tools"
	printf '#!/bin/sh\necho mine\n' >"$HOME/tools/git-lfs"
	chmod +x "$HOME/tools/git-lfs"
	PATH=$HOME/tools:$PATH
	local without=(pen-ns --nested --dev-bind / /) lfs
	for lfs in /usr/bin/git-lfs /usr/local/bin/git-lfs; do
		[ ! -e $lfs ] || without+=(--mask $lfs)
	done
	expect 0 "${without[@]}" pen --offline true
	has "'$HOME/tools/git-lfs', which git is to filter by, is not shown"
	expect 0 pen --offline --ro "$HOME/tools" git-lfs
	equals mine
}

@test "signing is off, is said to be, and commits work" {
	global commit.gpgSign yes
	global user.signingKey 0123456789ABCDEF
	run git commit --allow-empty -m two
	[ "$status" -ne 0 ]
	expect 0 pen --offline git commit -q --allow-empty -m two
	has 'commit.gpgsign is off inside'
	inside user.signingKey
	global --unset commit.gpgSign
	git config tag.gpgSign true
	run git tag -m x x
	[ "$status" -ne 0 ]
	expect 0 pen --offline git tag -m x x
	has 'tag.gpgsign is off inside'
	git config tag.gpgSign false
	expect 0 pen --offline git tag -m y y
	equals ''
}

@test "a hostile configuration of the project neither stops pen nor says who commits" {
	printf '[include]\n\tpath = evil\n' >>.git/config
	printf '[user]\n\tname = Evil\n[core]\n\texcludesFile = %s\n' \
		"$HOME/.ssh/id_ed25519" >.git/evil
	expect 0 git config core.excludesFile
	run pen --offline sh -c 'cat ~/.ssh/id_ed25519 ~/.gitconfig'
	lacks PLANTED-KEY
	lacks Evil
	has 'Some Body'
	echo '[core]' >.git/config
	echo 'repositoryformatversion = 999' >>.git/config
	expect 128 git status
	expect 0 pen --offline cat "$HOME/.gitconfig"
	has 'Some Body'
	rm .git/evil
	mkfifo .git/evil
	printf '[include]\n\tpath = evil\n' >.git/config
	expect 0 pen --offline cat "$HOME/.gitconfig"
	has 'Some Body'
}

@test "reading it executes nothing that the project names" {
	local k
	for k in core.pager pager.config core.fsmonitor core.sshCommand \
		core.editor diff.external alias.config core.askPass \
		credential.helper trace2.eventTarget filter.x.process; do
		git config "$k" "touch '$HOME/ran'; false"
	done
	echo x >f
	git add f
	echo y >f
	run git --no-pager diff # the control
	[ -e "$HOME/ran" ]
	rm "$HOME/ran"
	expect 0 pen --offline true
	[ ! -e "$HOME/ran" ]
	export GIT_PAGER_IN_USE=1 GIT_TRACE=$HOME/ran GIT_DIR=$HOME
	expect 0 pen --offline cat "$HOME/.gitconfig"
	has 'Some Body'
	[ ! -e "$HOME/ran" ]
}

@test "line ends, identity of the environment, and a configuration elsewhere" {
	export GIT_CONFIG_GLOBAL=$T/elsewhere
	printf '[user]\n\tname = Else\n\temail = e@example.org\n' >"$T/elsewhere"
	git config --file "$T/elsewhere" core.autocrlf input
	printf 'a\r\n' >f
	expect 0 pen --offline sh -c 'git add f 2>&1; git commit -qm two'
	[ "$(git cat-file -s HEAD:f)" -eq 2 ]
	[ "$(git log -1 --format=%an)" = Else ]
	GIT_AUTHOR_NAME=Env GIT_COMMITTER_EMAIL=env@example.org expect 0 \
		pen --offline git commit -q --allow-empty -m three
	[ "$(git log -1 --format='%an %ce')" = 'Env env@example.org' ]
}

@test "a git that the project ships is not asked" {
	mkdir bin
	printf '#!/bin/sh\necho LEAKED >%q\n' "$HOME/ran" >bin/git
	chmod +x bin/git
	PATH=$PWD/bin:$PATH expect 0 git
	[ -e "$HOME/ran" ]
	rm "$HOME/ran"
	PATH=$PWD/bin:$PATH expect 0 pen --offline true
	[ ! -e "$HOME/ran" ]
}

@test "without git name and address still hold, for what else reads them" {
	mkdir "$T/bin"
	ln -s "$(command -v cat)" "$T/bin/cat"
	PATH=$T/bin expect 0 "$BIN/pen" --offline /bin/cat "$HOME/.gitconfig"
	has body@example.org
}

@test "a configuration that git cannot read is said to be one" {
	echo '[' >>"$HOME/.gitconfig"
	expect 128 git config user.name
	expect 0 pen --offline true
	has 'none of it holds inside'
}

@test "the user's own file, shown by name, is the one that counts" {
	global core.pager more
	inside core.pager
	expect 0 pen --offline --ro "$HOME/.gitconfig" git config core.pager
	equals more
}

@test "a worktree that is made beside the project is said to be forgotten; one in it is not" {
	pen sh -c 'git worktree add -b here wt' >/dev/null 2>"$T/end"
	[ -e wt/.git ]
	run -1 grep forgotten "$T/end"
	pen sh -c 'git worktree add -b beside ../beside && echo x >../beside/f' \
		>/dev/null 2>"$T/end"
	[ ! -e ../beside ]
	grep "forgotten: the worktree '$HOME/src/beside', outside the project" "$T/end"
	git rev-parse --verify beside
	pen true 2>"$T/end"
	run -1 grep forgotten "$T/end"
}
