# pen-review: drafts and accounts made by hand.
load ../lib/common
load ../lib/report

setup() {
	scratch
	project
}

@test "where no pen has run there is nothing, and no error" {
	cd "$HOME"
	run -0 pen-review --list
	[ -z "$output" ]
}

@test "it finds the project around the current directory, or the one that is named" {
	mkdir -p "$STATE/draft/tree/$P/.git/hooks" sub
	echo x >"$STATE/draft/tree/$P/.git/hooks/pre-commit"
	cd sub
	run -0 pen-review --list
	has '.git/hooks/pre-commit'
	cd /
	run -0 pen-review --project "$P" --list
	has '.git/hooks/pre-commit'
	run -0 pen-review --project "$HOME/src" --list
	[ -z "$output" ]
}

# held PATH TEXT [MODE] : a run left that for the host's PATH, as it is now
held() {
	local path=$STATE/draft/tree$1 sha=null
	mkdir -p "${path%/*}"
	printf '%s\n' "$2" >"$path"
	chmod "${3:-644}" "$path"
	[ ! -f "$1" ] || sha=\"$(sha256sum <"$1" | cut -d' ' -f1)\"
	note "$1" '{"by":"git","merge":"none","sha256":'"$sha}"
}

# note PATH JSON : what is said of the draft
note() {
	[ -e "$STATE/draft/base.json" ] || echo '{}' >"$STATE/draft/base.json"
	jq --arg path "$1" '.[$path] = '"$2" "$STATE/draft/base.json" >"$T/base"
	mv "$T/base" "$STATE/draft/base.json"
}

# held_config : of git's configuration, two keys
held_config() {
	local c=$P/.git/config
	held "$c" ''
	mkdir -p "$STATE/draft/host$P/.git"
	cp "$c" "$STATE/draft/host$c"
	cp "$c" "$STATE/draft/tree$c"
	git config --file "$STATE/draft/tree$c" core.pager evil
	git config --file "$STATE/draft/tree$c" alias.st '!evil'
	note "$c" '{"by":"git","merge":"gitconfig"}'
}

@test "a project that was removed loses no draft: it is listed, and can be kept" {
	held "$P/.git/hooks/pre-commit" x 755
	echo "$P" >"$STATE/path"
	cd /
	rm -rf "$P"
	run -0 pen-ctl drafts
	has "$P  (gone)"
	run -0 pen-review --project "$P" --list
	has 'pre-commit'
	git init -q "$P"
	rm -rf "$P/.git/hooks"
	run -0 pen-review --project "$P" --keep
	[ "$(cat "$P/.git/hooks/pre-commit")" = x ]
}

@test "the examples of the page work" {
	local lines
	held "$P/.git/hooks/pre-commit" x 755
	lines=$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/s/^\.Dl //p' \
		"$ROOT/man/pen-review.1" | sed 's/\\(dq/"/g')
	[ "$(wc -l <<<"$lines")" -ge 3 ]
	while read -r line; do
		run -0 bash -c "$line" </dev/null
		has pre-commit
	done <<<"$lines"
	[ "$(cat .git/hooks/pre-commit)" = x ]
}

@test "--show makes unified diffs, names modes and links, and shows no escape" {
	echo old >.envrc
	held "$P/.envrc" $'new \e[31m' 755
	held "$P/.git/hooks/pre-commit" 'echo hook' 755
	ln -s /etc/passwd "$STATE/draft/tree$P/.git/hooks/post-commit"
	mknod "$STATE/draft/tree$P/file" c 0 0
	run -0 pen-review --show
	has '--- host/.envrc'
	has '+++ held/.envrc'
	has '-old'
	has '+new \x1b[31m'
	has 'can be executed then'
	has '+echo hook'
	has 'a symbolic link to /etc/passwd'
	has removed
	lacks $'\e'
	run -0 pen-review --show .envrc
	lacks hook
}

@test "--show leaves no line of a file out, whatever comes before it" {
	held "$P/.git/hooks/pre-commit" '' 755
	{
		echo '#!/bin/sh'
		yes '# a comment' | head -n 1000
		printf '# \0\nindex () { :; }\ndiff --git a b; evil\n'
	} >"$STATE/draft/tree$P/.git/hooks/pre-commit"
	run -0 pen-review --show
	has '+# \x00'
	has '+index () { :; }'
	has '+diff --git a b; evil'
	[[ $output != *'diff --git host'* && $output != *'index 0'* ]]
}

@test "--keep gives the host what is held, with the mode that the file had" {
	echo old >.envrc
	chmod 640 .envrc
	held "$P/.envrc" new 666
	held "$P/.git/hooks/pre-commit" hook 755
	held "$P/new/dir/x" x 4644
	run -0 pen-review --keep
	[ -z "$output" ]
	[ "$(cat .envrc .git/hooks/pre-commit new/dir/x)" = $'new\nhook\nx' ]
	[ "$(stat -c %a .envrc .git/hooks/pre-commit new/dir/x)" = $'640\n755\n644' ]
	[ -z "$(pen-review --list)" ]
}

@test "--keep makes its new file where no run can link or open it" {
	command -v strace >/dev/null || skip_missing strace
	held "$P/.git/hooks/pre-commit" hook 755
	run -0 strace -f -y -o "$T/trace" -e trace=rename,renameat,renameat2 \
		pen-review --keep
	grep -q "<$STATE>, \"[^\"]*\", [0-9]*<$P/.git/hooks>, \"pre-commit\"" \
		"$T/trace"
}

@test "--keep and --drop take paths, and the rest stays held" {
	held "$P/a" a
	held "$P/d/b" b
	held "$P/d/c" c
	run -0 pen-review --drop d/b
	run -0 pen-review --keep d
	[ "$(cat d/c)" = c ]
	[ ! -e d/b ]
	[ "$(pen-review --list | tr -s ' ')" = 'held created a (git)' ]
	run -125 pen-review --keep nothing
	has "nothing is held back of 'nothing'"
	cd d
	run -0 pen-review --keep ../a
	[ "$(cat ../a)" = a ]
}

@test "a file that the host changed meanwhile is left alone, and the rest kept" {
	echo old >a
	held "$P/a" mine
	held "$P/b" b
	echo theirs >a
	run -1 pen-review --keep
	has "'a' is not kept: the host's file was changed meanwhile"
	[ "$(cat a b)" = $'theirs\nb' ]
	[ "$(pen-review --list | tr -s ' ')" = 'held changed a (git)' ]
}

@test "--keep follows no link, to a file or to a directory" {
	mkdir "$T/outside"
	echo precious >"$T/outside/a"
	held "$P/a" evil
	held "$P/d/b" evil
	ln -s "$T/outside/a" a
	ln -s "$T/outside" d
	run -1 pen-review --keep
	has 'a symbolic link is in the way'
	[ "$(cat "$T/outside/a")" = precious ]
	[ ! -e "$T/outside/b" ]
}

@test "--undo puts back what the last keep replaced, and the drafts" {
	echo old >.envrc
	chmod 600 .envrc
	held "$P/.envrc" new
	held "$P/made" made
	mknod "$STATE/draft/tree$P/file" c 0 0
	note "$P/file" '{"by":"git","merge":"none","sha256":"'"$(sha256sum <file |
		cut -d' ' -f1)"'"}'
	run -0 pen-review --keep
	[ ! -e file ]
	[ "$(cat .envrc)" = new ]
	run -0 pen-review --undo
	[ "$(cat .envrc file)" = $'old\none' ]
	[ "$(stat -c %a .envrc)" = 600 ]
	[ ! -e made ]
	[ "$(pen-review --list | wc -l)" -eq 3 ]
	run -125 pen-review --undo
	has 'nothing to undo'
	run -0 pen-review --keep
	echo again >.envrc
	run -1 pen-review --undo
	has "was changed since"
	[ "$(cat .envrc file)" = $'again\none' ]
}

@test "--undo takes back what was dropped, whole and by key" {
	held "$P/a" a 755
	ln -s x "$STATE/draft/tree$P/b"
	mknod "$STATE/draft/tree$P/file" c 0 0
	held_config
	local was now
	was=$(pen-review --list)
	dropped() { find "$STATE/draft" -type f ! -name base.json -exec sha256sum {} + |
		sort; jq -S . "$STATE/draft/base.json"; }
	dropped >"$T/was"
	run -0 pen-review --drop a b file .git/config#alias.st
	[ "$(pen-review --list | tr -s ' ')" = 'held created .git/config#core.pager (git)' ]
	run -0 pen-review --undo
	[ "$(pen-review --list)" = "$was" ]
	dropped | diff "$T/was" -
	[ "$(stat -c %a "$STATE/draft/tree$P/a")" = 755 ]
	run -125 pen-review --undo
	run -0 pen-review --drop
	held "$P/a" 'of a later run'
	run -1 pen-review --undo
	has "a run changed the draft of '$P/a' since"
	[ "$(cat "$STATE/draft/tree$P/a")" = 'of a later run' ]
	[ "$(pen-review --list)" = "$was" ]
}

# broken_off SIGNAL-CALL : pen-review --keep ends with that system call
broken_off() {
	strace -f -o /dev/null -e "inject=$1" pen-review --keep || :
}

@test "a keep that is broken off forgets nothing, and can be undone" {
	command -v strace >/dev/null || skip_missing strace
	[ -z "${SAN:-}" ] || return 0
	local n before=0 this=0
	echo old >.envrc
	held "$P/.envrc" new
	run -0 pen-review --keep
	for n in {1..24}; do
		rm -rf "$STATE/draft"
		printf '%s\n' one >a
		printf '%s\n' two >b
		held "$P/a" 1
		held "$P/b" 2
		rm -rf "$T/undo"
		cp -r "$STATE/undo" "$T/undo"
		# renames, then file syncs, and every call that fails for want of room
		case $((n % 3)) in
		0) broken_off "renameat,renameat2:signal=KILL:when=$((n / 3 + 1))" ;;
		1) broken_off "fdatasync:signal=KILL:when=$((n / 3 + 1))" ;;
		2) broken_off "write:error=ENOSPC:when=$((n / 3 + 1))+" ;;
		esac
		run pen-review --undo
		if [ "$(cat .envrc)" = old ]; then # that of the keep before
			[ "$(cat a b)" = $'one\ntwo' ]
			echo new >.envrc
			before=$((before + 1))
			rm -rf "$STATE/undo" "$STATE/undo.old"
			cp -r "$T/undo" "$STATE/undo"
		else
			[ "$(cat a b)" = $'one\ntwo' ] || { echo "$n"; cat a b; false; }
			[ "$(pen-review --list | grep -c '^held')" -eq 2 ]
			this=$((this + 1))
			rm -rf "$STATE/undo"
			cp -r "$T/undo" "$STATE/undo"
		fi
	done
	[ "$before" -gt 2 ] && [ "$this" -gt 2 ]
}

@test "keys are listed, kept and dropped one by one" {
	held_config
	[ "$(pen-review --list | tr -s ' ')" = 'held created .git/config#core.pager (git)
held created .git/config#alias.st (git)' ]
	run -0 pen-review --list --json
	jq -e '.entries[0] | .key == "core.pager" and .class == "held"' <<<"$output"
	git config user.nickname later
	run -0 pen-review --keep '.git/config#core.pager'
	[ "$(git config core.pager)" = evil ]
	[ "$(git config user.nickname)" = later ]
	run git config alias.st
	[ "$status" -eq 1 ]
	run -0 pen-review --undo
	run git config core.pager
	[ "$status" -eq 1 ]
	run -0 pen-review --drop .git/config#alias.st
	[ "$(pen-review --list | tr -s ' ')" = 'held created .git/config#core.pager (git)' ]
	git config core.pager mine
	run -1 pen-review --keep .git/config#core.pager
	has "changed meanwhile"
	[ "$(git config core.pager)" = mine ]
}

@test "keys of JSON, too" {
	local s=$HOME/.claude/settings.json
	mkdir "$HOME/.claude"
	printf '{\n  "mine": 1\n}\n' >"$s"
	held "$s" ''
	mkdir -p "$STATE/draft/host$HOME/.claude"
	cp "$s" "$STATE/draft/host$s"
	echo '{"mine": 1, "env": {"A": "b"}, "hooks": {}}' >"$STATE/draft/tree$s"
	note "$s" '{"by":"Claude Code","merge":"claude"}'
	[ "$(pen-review --list | tr -s ' ')" = 'held created ~/.claude/settings.json#env (Claude Code)
held created ~/.claude/settings.json#hooks (Claude Code)' ]
	run -0 pen-review --keep '~/.claude/settings.json#env'
	[ "$(jq -c . "$s")" = '{"mine":1,"env":{"A":"b"}}' ]
	run -0 pen-review --drop '~/.claude/settings.json'
	[ -z "$(pen-review --list)" ]
}

@test "--prompt says how much is held back, and nothing where nothing is" {
	run -0 pen-review --prompt
	[ -z "$output" ]
	held "$P/a" a
	held "$P/b" b
	note "$P/b" '{"by":"x","merge":"none","quiet":true}'
	run -0 pen-review --prompt
	[ "$output" = '[1 held]' ]
}

# answers TEXT : pen-review on a terminal, where that is typed
answers() {
	python3 - "$1" <<-'END'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.environ["PAGER"] = "cat"
		    os.execvp("pen-review", ["pen-review"])
		os.write(fd, sys.argv[1].encode())
		while True:
		    try: b = os.read(fd, 4096)
		    except OSError: break
		    if not b: break
		    os.write(1, b)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

@test "on a terminal it asks for one change after the other" {
	held "$P/a" a
	held "$P/b" b
	held "$P/c" c
	held_config
	run -0 answers $'?\ny\nd\nn\ny\nd\n'
	has 'Keep .git/config#core.pager [y,n,d,a,q,?]?'
	has 'Keep a [y,n,d,a,q,?]?'
	has 'd - drop it'
	[ "$(git config core.pager)" = evil ]
	run git config alias.st
	[ "$status" -eq 1 ]
	[ ! -e a ]
	[ "$(cat b)" = b ]
	[ ! -e c ]
	[ "$(pen-review --list | tr -s ' ')" = 'held created a (git)' ]
	run -0 answers $'q\n'
	[ ! -e a ]
	run -0 answers $'a\n'
	[ -e a ]
}

@test "options that do not go together are errors" {
	run -125 pen-review --keep --drop
	has 'exclude each other'
	run -125 pen-review --json
	has '--json goes with --list'
	run -125 pen-review --list x
	has 'a PATH goes with'
}
