#!/usr/bin/env bats
# Real hook managers: npm's newest, and pre-commit of the host.  Each is installed
# inside and its hook runs there, in this pen and in later ones; outside nothing of
# it runs until pen-review has kept it.

load ../lib/common
load ../lib/agents

setup_file() {
	agent_fetch husky8 husky@8
	[ -n "$AGENT_MISSING" ] || agent_fetch husky9 husky@9
	[ -n "$AGENT_MISSING" ] || agent_fetch lefthook lefthook
	[ -n "$AGENT_MISSING" ] || agent_fetch simple simple-git-hooks
	export AGENT_MISSING
}

setup() {
	scratch
	git init -q -b main .
	git config user.name A
	git config user.email a@example.org
	echo node_modules >.gitignore
	echo 'inside or out' >file
	git add -A
	git commit -qm one
}

# fetched NAME : that of npm's is the project's own
fetched() {
	agent_require
	mkdir -p node_modules/.bin
	cp -r "$CACHE/$1/lib/node_modules/." node_modules/
	(cd node_modules/.bin && for f in "$CACHE/$1"/bin/*; do
		ln -s "../${f##*/}/$(readlink "$f" | sed 's,.*node_modules/[^/]*/,,')" \
			"${f##*/}"
	done)
}

# The hook leaves a mark, and refuses what says so: it does its work.
hook='echo ran >>ran; ! grep -q forbidden file'

# commits WHERE RAN : a commit there runs the hook that often, and not a forbidden
# one; WHERE is pen, or env for outside
commits() {
	local where=(env)
	[ "$1" != pen ] || where=(pen --offline)
	rm -f ran
	echo "$RANDOM$RANDOM" >>file
	expect 0 "${where[@]}" git commit -qam "$1"
	if [ "$2" = 0 ]; then
		[ ! -e ran ]
		return
	fi
	[ "$(cat ran)" = ran ]
	echo forbidden >>file
	run "${where[@]}" git commit -qam forbidden
	[ "$status" -ne 0 ]
	[ "$(git log -1 --format=%s)" = "$1" ]
	git checkout -q file
}

# works PATH KEY : after an install inside, until it is kept
works() {
	commits pen 1
	commits env 0
	commits pen 1
	pen-review --list | tee "$T/list"
	grep -q "held.*$1" "$T/list"
	expect 0 pen-review --keep
	commits env 1
	commits pen 1
}

@test "husky 9" {
	fetched husky9
	echo '{"name":"x","scripts":{"prepare":"husky"}}' >package.json
	expect 0 pen --offline npm run prepare
	has 'held back from git: .git/config core.hookspath'
	expect 0 pen --offline bash -c "echo '$hook' >.husky/pre-commit"
	works '.git/config#core.hookspath'
}

@test "husky 8" {
	fetched husky8
	echo '{"name":"x","scripts":{"prepare":"husky install"}}' >package.json
	expect 0 pen --offline npm run prepare
	expect 0 pen --offline npx husky add .husky/pre-commit "$hook"
	works '.git/config#core.hookspath'
}

@test "lefthook" {
	fetched lefthook
	printf 'pre-commit:\n  jobs:\n    - run: "%s"\n' "$hook" >lefthook.yml
	echo '{"name":"x"}' >package.json
	expect 0 pen --offline npx lefthook install
	has 'held back from git: .git/hooks/pre-commit'
	works .git/hooks/pre-commit
}

@test "simple-git-hooks" {
	fetched simple
	jq -n --arg hook "$hook" '{name: "x", "simple-git-hooks": {"pre-commit": $hook}}' \
		>package.json
	expect 0 pen --offline npx simple-git-hooks
	has 'held back from git: .git/hooks/pre-commit'
	works .git/hooks/pre-commit
}

@test "pre-commit" {
	command -v pre-commit >/dev/null || skip_missing pre-commit
	cat >.pre-commit-config.yaml <<-END
		repos:
		  - repo: local
		    hooks:
		      - id: it
		        name: it
		        language: system
		        entry: bash -c '$hook'
		        pass_filenames: false
		        always_run: true
	END
	git add -A
	git commit -qm configuration
	expect 0 pen --offline pre-commit install
	has 'held back from git: .git/hooks/pre-commit'
	works .git/hooks/pre-commit
}
