# Who obeys a file: why a change matters, never whether it counts.
load ../lib/common

# says WANT PATH… : that of each
says() {
	local want=$1
	shift
	run -0 "$PROBE/unit/class" "$@"
	[ "$output" = "$want" ] || { echo "$output" >&2; return 1; }
}

@test "what is obeyed by who enters or opens a directory, anywhere in it" {
	says 'told direnv .envrc
told direnv a/b/.envrc
told VS Code .vscode/
told VS Code a/.vscode/
told husky .husky/
told Claude Code sub/.claude/
told VS Code x.code-workspace' .envrc a/b/.envrc .vscode/tasks.json \
		a/.vscode/deep/x .husky/_/h sub/.claude/settings.json x.code-workspace
}

@test "what is obeyed by who builds is source code" {
	says 'asked make Makefile
asked npm a/package.json
asked cargo .cargo/config.toml' Makefile a/package.json .cargo/config.toml
}

@test "names with a part that is free, in the directory that they belong to" {
	says 'told mise mise.dev.toml
told mise a/.mise.x.toml
told Python .venv/bin/
told Python a/venv/bin/
asked Python .venv/bin/pip
asked npm a/node_modules/.bin/tsc
asked node a/vite.config.ts
not - mise.toml.x
not - bin/python3
not - xvenv/bin/python
asked Python venv/bin/x/python' mise.dev.toml a/.mise.x.toml .venv/bin/python3.12 \
		a/venv/bin/activate .venv/bin/pip a/node_modules/.bin/tsc \
		a/vite.config.ts mise.toml.x bin/python3 xvenv/bin/python \
		venv/bin/x/python
}

@test "what interpreters, language servers and agents read where they are started" {
	local name
	for name in .RData .Rprofile .ghci .iex.exs .octaverc .ocamlinit .perldb hie.yaml \
		.merlin .rules AGENT.md .roomodes .kilocode/x .trae/x captainhook.json \
		.bsp/x.json .factorypath .ropeproject/config.py .git/safe/ \
		jupyter_notebook_config.py; do
		run -0 "$PROBE/unit/class" "$name"
		[[ $output == told* ]] || { echo "$output" >&2; return 1; }
	done
	for name in .pylintrc latexmkrc .latexmkrc tools/bazel .formatter.exs .luacheckrc \
		.luarc.jsonc app.csproj main.tf; do
		run -0 "$PROBE/unit/class" "$name"
		[[ $output == asked* ]] || { echo "$output" >&2; return 1; }
	done
}

@test "names that only look like them are nobody's" {
	says 'not - x.envrc
not - .envrc.sample
not - vscode/tasks.json
not - a.vscode/x
not - Makefile.old
not - src/main.c' x.envrc .envrc.sample vscode/tasks.json a.vscode/x \
		Makefile.old src/main.c
}

@test "in a git directory, what git executes and what it shows" {
	says 'told git .git/hooks/pre-commit
told git a/.git/config
told git .git
told git .git/info/attributes
told git .git/objects/info/alternates
told git .git/rebase-merge/git-rebase-todo
told git .git/modules/x/y/hooks/post-checkout
told git .git/worktrees/w/commondir
told git .git/worktrees/w/gitdir
told git .git/refs/replace/0123
git git .git/hooks/x.sample
git git .git/refs/heads/main
git git .git/index
told git .git/index.lock
git git .git/refs/heads/main.lock
git git .git/modules/x/objects/pack/pack-1.idx
told git .git/modules/x/refs/y/config
told git .git/modules/x/logs/y/hooks/post-checkout
told git .git/modules/x/objects/y/info/attributes
told git .git/worktrees/x/refs/y/commondir
git git .git/modules/x/refs/heads/main
git git .git/refs/y/config
asked git .git/lazygit-state.yml
not - .gitignore' .git/hooks/pre-commit a/.git/config .git .git/info/attributes \
		.git/objects/info/alternates .git/rebase-merge/git-rebase-todo \
		.git/modules/x/y/hooks/post-checkout .git/worktrees/w/commondir \
		.git/worktrees/w/gitdir .git/refs/replace/0123 .git/hooks/x.sample \
		.git/refs/heads/main .git/index .git/index.lock .git/refs/heads/main.lock \
		.git/modules/x/objects/pack/pack-1.idx .git/modules/x/refs/y/config \
		.git/modules/x/logs/y/hooks/post-checkout \
		.git/modules/x/objects/y/info/attributes .git/worktrees/x/refs/y/commondir \
		.git/modules/x/refs/heads/main .git/refs/y/config .git/lazygit-state.yml \
		.gitignore
}
