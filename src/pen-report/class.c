#include "pen-report/class.h"

#include <string.h>

/*
 * A name is of a file in any directory, "name/" of a directory and all that is
 * below it, "begin*end" of a file whose name begins and ends so, and "dir/name"
 * of what is so called below any directory.
 */
struct row {
	const char *pattern, *by;
};

/* Obeyed by who enters, opens or looks at a directory, without a question. */
static const struct row told[] = {
    {".envrc", "direnv"},
    {".direnv/", "direnv"},
    {".mise.toml", "mise"},
    {".mise.local.toml", "mise"},
    {"mise.toml", "mise"},
    {"mise.local.toml", "mise"},
    {"mise/config.toml", "mise"},
    {"mise/config.local.toml", "mise"},
    {".mise/", "mise"},
    {".config/mise/", "mise"},
    {".rtx.toml", "mise"},
    {".tool-versions", "asdf, mise"},
    {".shadowenv.d/", "shadowenv"},
    {".autoenv", "autoenv"},
    {".autoenv.zsh", "autoenv"},
    {".devcontainer/", "dev containers"},
    {".devcontainer.json", "dev containers"},
    {"devbox.json", "devbox"},
    {"devenv.nix", "devenv"},
    {".vscode/", "VS Code"},
    {"*.code-workspace", "VS Code"},
    {".idea/", "JetBrains"},
    {".run/", "JetBrains"},
    {".fleet/", "JetBrains"},
    {".zed/", "Zed"},
    {".nova/", "Nova"},
    {".vs/", "Visual Studio"},
    {".vim/", "Vim"},
    {".vimrc", "Vim"},
    {".nvimrc", "Neovim"},
    {".nvim.lua", "Neovim"},
    {".exrc", "Vim"},
    {".lvimrc", "Vim"},
    {".local.vimrc", "Vim"},
    {".projections.json", "Vim"},
    {".dir-locals.el", "Emacs"},
    {".dir-locals-2.el", "Emacs"},
    {".projectile", "Emacs"},
    {".helix/", "Helix"},
    {".kakrc", "Kakoune"},
    {".sublime-project", "Sublime Text"},
    {"*.sublime-project", "Sublime Text"},
    {".claude/", "Claude Code"},
    {".claude.json", "Claude Code"},
    {".mcp.json", "Claude Code"},
    {"CLAUDE.md", "Claude Code"},
    {"CLAUDE.local.md", "Claude Code"},
    {"AGENTS.md", "agents"},
    {"AGENTS.override.md", "agents"},
    {".agents/", "agents"},
    {".codex/", "Codex"},
    {".gemini/", "Gemini"},
    {"GEMINI.md", "Gemini"},
    {".opencode/", "opencode"},
    {"opencode.json", "opencode"},
    {"opencode.jsonc", "opencode"},
    {".cursor/", "Cursor"},
    {".cursorrules", "Cursor"},
    {".windsurf/", "Windsurf"},
    {".windsurfrules", "Windsurf"},
    {".continue/", "Continue"},
    {".continuerc.json", "Continue"},
    {".factory/", "Factory"},
    {".roo/", "Roo"},
    {".clinerules", "Cline"},
    {".clinerules/", "Cline"},
    {".kiro/", "Kiro"},
    {".amazonq/", "Amazon Q"},
    {".qwen/", "Qwen"},
    {".goosehints", "Goose"},
    {".goose/", "Goose"},
    {".aider.conf.yml", "aider"},
    {".crush.json", "Crush"},
    {"crush.json", "Crush"},
    {".crush/", "Crush"},
    {".copilot/", "Copilot"},
    {".github/copilot-instructions.md", "Copilot"},
    {".github/hooks/", "Copilot"},
    {".gitmodules", "git"},
    {".gitattributes", "git"},
    {".gitconfig", "git"},
    {".githooks/", "git"},
    {".husky/", "husky"},
    {".huskyrc", "husky"},
    {".pre-commit-config.yaml", "pre-commit"},
    {".pre-commit-config.yml", "pre-commit"},
    {"prek.toml", "prek"},
    {"lefthook.yml", "lefthook"},
    {"lefthook.yaml", "lefthook"},
    {"lefthook.toml", "lefthook"},
    {"lefthook.json", "lefthook"},
    {"lefthook-local.yml", "lefthook"},
    {"lefthook-local.yaml", "lefthook"},
    {"lefthook-local.toml", "lefthook"},
    {"lefthook-local.json", "lefthook"},
    {".lefthook.yml", "lefthook"},
    {".lefthook.yaml", "lefthook"},
    {".lefthook.toml", "lefthook"},
    {".lefthook.json", "lefthook"},
    {".lefthook/", "lefthook"},
    {".lefthook-local/", "lefthook"},
    {".config/lefthook.yml", "lefthook"},
    {".simple-git-hooks.json", "simple-git-hooks"},
    {".simple-git-hooks.js", "simple-git-hooks"},
    {".simple-git-hooks.cjs", "simple-git-hooks"},
    {"simple-git-hooks.json", "simple-git-hooks"},
    {"simple-git-hooks.js", "simple-git-hooks"},
    {"simple-git-hooks.cjs", "simple-git-hooks"},
    {".overcommit.yml", "overcommit"},
    {".git-hooks/", "overcommit"},
    {".lintstagedrc", "lint-staged"},
    {".lintstagedrc.json", "lint-staged"},
    {".lazygit.yml", "lazygit"},
    {".hg/", "Mercurial"},
    {".hgsub", "Mercurial"},
    {".svn/", "Subversion"},
    {".jj/", "jj"},
    {".sl/", "Sapling"},
    {".bzr/", "Bazaar"},
    {".fossil-settings/", "Fossil"},
    {".profile", "shells"},
    {".bashrc", "shells"},
    {".zshrc", "shells"},
    {".zshenv", "shells"},
    {".tmux.conf", "tmux"},
    {".tmuxinator.yml", "tmux"},
    {".gdbinit", "gdb"},
    {".lldbinit", "lldb"},
    {".inputrc", "readline"},
    {"sitecustomize.py", "Python"},
    {"usercustomize.py", "Python"},
    {"pyvenv.cfg", "Python"},
    {"*.pth", "Python"},
    {".pythonstartup", "Python"},
    {".pdbrc", "pdb"},
    {".irbrc", "irb"},
    {".pryrc", "pry"},
    {".Rprofile", "R"},
    {".Renviron", "R"},
    {".psqlrc", "psql"},
    {".sqliterc", "sqlite3"},
    {".ansible.cfg", "Ansible"},
    {"ansible.cfg", "Ansible"},
    {"mise.*.toml", "mise"},
    {".mise.*.toml", "mise"},
    {"mise-tasks/", "mise"},
    {".mise-tasks/", "mise"},
    {".prototools", "proto"},
    {".rvmrc", "RVM"},
    {".autoenv_leave.zsh", "autoenv"},
    {"AGENT.md", "agents"},
    {".agent/", "agents"},
    {".rules", "agents"},
    {".mcp/", "agents"},
    {"mcp.json", "agents"},
    {".roomodes", "Roo"},
    {".kilocode/", "Kilo Code"},
    {".kilocodemodes", "Kilo Code"},
    {".trae/", "Trae"},
    {".augment/", "Augment"},
    {".augment-guidelines", "Augment"},
    {".junie/", "Junie"},
    {".openhands/", "OpenHands"},
    {"WARP.md", "Warp"},
    {".amp/", "Amp"},
    {"QWEN.md", "Qwen"},
    {"CRUSH.md", "Crush"},
    {".github/instructions/", "Copilot"},
    {".github/prompts/", "Copilot"},
    {".github/agents/", "Copilot"},
    {".github/chatmodes/", "Copilot"},
    {".replit", "Replit"},
    {".gitpod.yml", "Gitpod"},
    {".gitpod.Dockerfile", "Gitpod"},
    {"captainhook.json", "captainhook"},
    {"grumphp.yml", "grumphp"},
    {".mrconfig", "myrepos"},
    {".p4config", "Perforce"},
    {".repo/", "repo"},
    {"_darcs/", "darcs"},
    {".pijul/", "Pijul"},
    {"hie.yaml", "Haskell language server"},
    {".ghci", "ghci"},
    {".merlin", "OCaml"},
    {".ocamlinit", "OCaml"},
    {".bsp/", "build servers"},
    {".project", "Eclipse"},
    {".settings/", "Eclipse"},
    {".externalToolBuilders/", "Eclipse"},
    {".factorypath", "Eclipse"},
    {".ycm_extra_conf.py", "YouCompleteMe"},
    {".neoconf.json", "Neovim"},
    {".nvim/", "Neovim"},
    {".kateproject", "Kate"},
    {".kateproject.build", "Kate"},
    {".lite_project.lua", "Lite XL"},
    {".ropeproject/", "rope"},
    {"rust-analyzer.toml", "rust-analyzer"},
    {".rust-analyzer.toml", "rust-analyzer"},
    {".sourcekit-lsp/", "SourceKit"},
    {".iex.exs", "iex"},
    {".erlang", "Erlang"},
    {".octaverc", "Octave"},
    {".RData", "R"},
    {".gnuplot", "gnuplot"},
    {".perldb", "perl -d"},
    {".pdbrc.py", "pdb"},
    {".byebugrc", "Ruby"},
    {".rdbgrc", "Ruby"},
    {"jupyter_notebook_config.py", "Jupyter"},
    {"jupyter_server_config.py", "Jupyter"},
    {"jupyter_lab_config.py", "Jupyter"},
    {"ipython_config.py", "Jupyter"},
    {".venv/bin/activate*", "Python"},
    {".venv/bin/python*", "Python"},
    {"venv/bin/activate*", "Python"},
    {"venv/bin/python*", "Python"},
    {"gtags.conf", "GNU Global"},
    {".htaccess", "Apache"},
    {".user.ini", "PHP"},
    {".autorun", "the desktop"},
    {"autorun.sh", "the desktop"},
    {"desktop.ini", "the desktop"},
    {"*.desktop", "the desktop"},
    {".directory", "the desktop"},
    {"autorun.inf", "the desktop"},
};

/* Obeyed by who builds, tests, installs or starts what is in a directory. */
static const struct row asked[] = {
    {".editorconfig", "editors"},
    {".github/workflows/", "GitHub Actions"},
    {".github/actions/", "GitHub Actions"},
    {".gitlab-ci.yml", "GitLab"},
    {".circleci/", "CircleCI"},
    {"package.json", "npm"},
    {".npmrc", "npm"},
    {".yarnrc", "yarn"},
    {".yarnrc.yml", "yarn"},
    {".yarn/", "yarn"},
    {".pnpmfile.cjs", "pnpm"},
    {".pnpmfile.mjs", "pnpm"},
    {"pnpm-workspace.yaml", "pnpm"},
    {"bunfig.toml", "bun"},
    {"deno.json", "deno"},
    {"deno.jsonc", "deno"},
    {"binding.gyp", "npm"},
    {"Makefile", "make"},
    {"makefile", "make"},
    {"GNUmakefile", "make"},
    {"*.mk", "make"},
    {"justfile", "just"},
    {"Justfile", "just"},
    {".justfile", "just"},
    {"Taskfile.yml", "task"},
    {"Taskfile.yaml", "task"},
    {"Rakefile", "rake"},
    {"Gemfile", "bundler"},
    {".bundle/", "bundler"},
    {"CMakeLists.txt", "cmake"},
    {"CMakePresets.json", "cmake"},
    {"CMakeUserPresets.json", "cmake"},
    {"meson.build", "meson"},
    {"configure", "configure"},
    {"BUILD.bazel", "bazel"},
    {"WORKSPACE", "bazel"},
    {"MODULE.bazel", "bazel"},
    {".bazelrc", "bazel"},
    {"user.bazelrc", "bazel"},
    {".buckconfig", "buck"},
    {"Cargo.toml", "cargo"},
    {".cargo/", "cargo"},
    {"build.rs", "cargo"},
    {"rust-toolchain", "rustup"},
    {"rust-toolchain.toml", "rustup"},
    {"go.work", "go"},
    {"setup.py", "Python"},
    {"setup.cfg", "Python"},
    {"pyproject.toml", "Python"},
    {"conftest.py", "pytest"},
    {"pytest.ini", "pytest"},
    {"tox.ini", "tox"},
    {"noxfile.py", "nox"},
    {"pip.conf", "pip"},
    {"uv.toml", "uv"},
    {".python-version", "Python"},
    {".ruby-version", "Ruby"},
    {".node-version", "node"},
    {".nvmrc", "node"},
    {".java-version", "Java"},
    {".sdkmanrc", "Java"},
    {".mvn/", "Maven"},
    {"mvnw", "Maven"},
    {"pom.xml", "Maven"},
    {"gradlew", "Gradle"},
    {"gradle.properties", "Gradle"},
    {"gradle/wrapper/", "Gradle"},
    {".sbtopts", "sbt"},
    {".jvmopts", "sbt"},
    {"Directory.Build.props", "dotnet"},
    {"Directory.Build.targets", "dotnet"},
    {"NuGet.config", "dotnet"},
    {"nuget.config", "dotnet"},
    {"global.json", "dotnet"},
    {"Dockerfile", "docker"},
    {"Containerfile", "podman"},
    {"docker-compose.yml", "docker"},
    {"docker-compose.yaml", "docker"},
    {"docker-compose.override.yml", "docker"},
    {"docker-compose.override.yaml", "docker"},
    {"compose.yml", "docker"},
    {"compose.yaml", "docker"},
    {"compose.override.yml", "docker"},
    {"compose.override.yaml", "docker"},
    {"Vagrantfile", "Vagrant"},
    {"flake.nix", "nix"},
    {"shell.nix", "nix"},
    {"default.nix", "nix"},
    {".terraformrc", "terraform"},
    {".eslintrc.js", "eslint"},
    {".eslintrc.cjs", "eslint"},
    {".prettierrc", "prettier"},
    {".prettierrc.js", "prettier"},
    {".stylelintrc.js", "stylelint"},
    {"Procfile", "foreman"},
    {".env", "programs that read .env"},
    {".env.local", "programs that read .env"},
    {".clangd", "clangd"},
    {"compile_commands.json", "clangd"},
    {".luarc.json", "lua"},
    {"composer.json", "composer"},
    {"mix.exs", "mix"},
    {"Package.swift", "swift"},
    {"Podfile", "CocoaPods"},
    {"dune-project", "dune"},
    {"stack.yaml", "stack"},
    {".forgejo/workflows/", "Forgejo"},
    {".gitea/workflows/", "Forgejo"},
    {"Jenkinsfile", "Jenkins"},
    {"azure-pipelines.yml", "Azure"},
    {".travis.yml", "Travis"},
    {".pnp.cjs", "npm"},
    {".pnp.loader.mjs", "npm"},
    {"node_modules/.bin/", "npm"},
    {".venv/bin/", "Python"},
    {"venv/bin/", "Python"},
    {"Pipfile", "Python"},
    {"requirements.txt", "Python"},
    {"tasks.py", "Python"},
    {"fabfile.py", "Python"},
    {"dodo.py", "Python"},
    {".pylintrc", "pylint"},
    {"pylintrc", "pylint"},
    {"mypy.ini", "mypy"},
    {".mypy.ini", "mypy"},
    {".flake8", "flake8"},
    {".luacheckrc", "luacheck"},
    {".luarc.jsonc", "lua"},
    {".formatter.exs", "mix"},
    {".credo.exs", "mix"},
    {"latexmkrc", "latexmk"},
    {".latexmkrc", "latexmk"},
    {"tools/bazel", "bazel"},
    {"BUILD", "bazel"},
    {"SConstruct", "SCons"},
    {"SConscript", "SCons"},
    {"wscript", "waf"},
    {"build.ninja", "ninja"},
    {"build.xml", "ant"},
    {"xmake.lua", "xmake"},
    {"build.zig", "zig"},
    {"*.gradle", "Gradle"},
    {"*.gradle.kts", "Gradle"},
    {"buildSrc/", "Gradle"},
    {"*.sbt", "sbt"},
    {"project/build.properties", "sbt"},
    {"project.clj", "Leiningen"},
    {"deps.edn", "Clojure"},
    {"bb.edn", "Clojure"},
    {"rebar.config", "rebar3"},
    {"*.csproj", "dotnet"},
    {"*.fsproj", "dotnet"},
    {"*.vbproj", "dotnet"},
    {"*.props", "dotnet"},
    {"*.targets", "dotnet"},
    {".config/dotnet-tools.json", "dotnet"},
    {"omnisharp.json", "dotnet"},
    {"*.pro.user", "Qt Creator"},
    {"CMakeLists.txt.user", "Qt Creator"},
    {"*.pbxproj", "Xcode"},
    {"*.xcscheme", "Xcode"},
    {"*.tf", "terraform"},
    {".terraform/", "terraform"},
    {"terragrunt.hcl", "terraform"},
    {"Pulumi.yaml", "Pulumi"},
    {"serverless.yml", "Serverless"},
    {"Tiltfile", "Tilt"},
    {"Earthfile", "Earthly"},
    {"go.mod", "go"},
    {"magefile.go", "go"},
    {".golangci.yml", "golangci-lint"},
    {".golangci.yaml", "golangci-lint"},
    {".rubocop.yml", "rubocop"},
    {".rspec", "RSpec"},
    {"config.ru", "Ruby"},
    {"Guardfile", "Ruby"},
    {"Capfile", "Ruby"},
    {"Thorfile", "Ruby"},
    {"Dangerfile", "Ruby"},
    {"Brewfile", "Ruby"},
    {"fastlane/", "fastlane"},
    {"phpunit.xml", "PHP"},
    {"phpstan.neon", "PHP"},
    {".php-cs-fixer.php", "PHP"},
    {"php.ini", "PHP"},
    {".coveragerc", "tox"},
    {".flox/", "devbox"},
    {"pixi.toml", "pixi"},
    {"_opam/", "opam"},
    {"guix.scm", "Guix"},
    {"manifest.scm", "Guix"},
    {"Procfile.dev", "foreman"},
    {".tmuxp.yaml", "tmuxp"},
    {".tmuxp.yml", "tmuxp"},
    {"nx.json", "nx"},
    {"turbo.json", "turbo"},
    {"tsconfig.json", "TypeScript"},
    {"jsconfig.json", "TypeScript"},
    {".lintstagedrc.js", "lint-staged"},
    {".lintstagedrc.cjs", "lint-staged"},
    {".lintstagedrc.mjs", "lint-staged"},
    {".babelrc", "babel"},
    {".babelrc.js", "babel"},
    {".mocharc.js", "mocha"},
    {".mocharc.cjs", "mocha"},
    {"gulpfile.js", "gulp"},
    {"Gruntfile.js", "grunt"},
    {".eslintrc", "eslint"},
    {".eslintrc.json", "eslint"},
    {"*.config.js", "node"},
    {"*.config.cjs", "node"},
    {"*.config.mjs", "node"},
    {"*.config.ts", "node"},
    {"*.config.mts", "node"},
    {"cabal.project", "cabal"},
};

/* In a git directory, what git or a tool executes, or is led by. */
static const char *const git_told[] = {
    "hooks/",
    "hooks",
    "config",
    "config.worktree",
    "commondir",
    "gitdir",
    "info/attributes",
    "info/grafts",
    "info",
    "remotes/",
    "branches/",
    "rebase-merge/git-rebase-todo",
    "rebase-apply/",
    "sequencer/todo",
    "objects/info/alternates",
    "objects/info/http-alternates",
    "lfs/config",
    "lazygit.yml",
    "refs/replace/",
    "shallow",
    "modules",
    "worktrees",
    "safe", /* PATH may have .git/safe/../../bin */
    "safe/",
};

/* What git writes in its daily work, and shows. */
static const char *const git_data[] = {
    "objects/",
    "refs/",
    "logs/",
    "index",
    "HEAD",
    "packed-refs",
    "ORIG_HEAD",
    "FETCH_HEAD",
    "MERGE_HEAD",
    "MERGE_MSG",
    "MERGE_MODE",
    "AUTO_MERGE",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "REBASE_HEAD",
    "SQUASH_MSG",
    "COMMIT_EDITMSG",
    "TAG_EDITMSG",
    "description",
    "gc.log",
    "gc.pid",
    "info/refs",
    "info/exclude",
    "info/sparse-checkout",
    "info/commit-graphs/",
    "lfs/",
};

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))

static const char *
last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * Where what the pattern, which ends with "/", is of ends in path: behind the
 * directory of that name; 0 when there is none.
 */
static size_t
match_directory(const char *pattern, const char *path)
{
	size_t n = strlen(pattern);

	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, pattern, n) == 0)
			return (size_t)(at - path) + n;
	}
	return 0;
}

/* The same for a file's name, with or without directories before it. */
static size_t
match_file(const char *pattern, const char *path)
{
	const char *star = strchr(pattern, '*'), *name = last_name(path);
	size_t n = strlen(pattern), m = strlen(path);
	size_t dir = (size_t)(last_name(pattern) - pattern), head, tail;

	if (star) {
		/* the pattern's directory is one thing to be told */
		head = (size_t)(star - pattern);
		tail = n - head - 1;
		if ((size_t)(name - path) < dir ||
		    m - (size_t)(name - path) < head - dir + tail)
			return 0;
		name -= dir;
		if ((name > path && name[-1] != '/') ||
		    strncmp(name, pattern, head) != 0 ||
		    strcmp(path + m - tail, star + 1) != 0)
			return 0;
		return dir > 0 ? (size_t)(name - path) + dir : m;
	}
	if (m < n || strcmp(path + m - n, pattern) != 0 ||
	    (m > n && path[m - n - 1] != '/'))
		return 0;
	return m;
}

static size_t
match(const char *pattern, const char *path)
{
	return pattern[strlen(pattern) - 1] == '/'
		   ? match_directory(pattern, path)
		   : match_file(pattern, path);
}

/* The row that path is of, and how much of it: the shortest part wins. */
static const struct row *
find_row(const struct row *rows, size_t n, const char *path, size_t *part)
{
	const struct row *found = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t m = match(rows[i].pattern, path);

		if (m > 0 && (!found || m < *part)) {
			found = &rows[i];
			*part = m;
		}
	}
	return found;
}

/* The last ".git/" or ".git" in path; what is behind it, or NULL. */
static const char *
behind_git(const char *path)
{
	const char *found = NULL;

	for (const char *at = path; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (strncmp(at, ".git", 4) == 0 && (at[4] == '/' || !at[4]))
			found = at + 4 + (at[4] == '/');
	}
	return found;
}

static int
starts_with_one(const char *path, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t k = strlen(list[i]);

		if (list[i][k - 1] == '/' ? strncmp(path, list[i], k) == 0
					  : strcmp(path, list[i]) == 0)
			return 1;
	}
	return 0;
}

/* By what is below the git directory itself. */
static enum obeyed
class_of_own(const char *path)
{
	size_t n = strlen(path);

	if (strncmp(path, "hooks/", 6) == 0 && n > 13 &&
	    strcmp(path + n - 7, ".sample") == 0)
		return OBEYED_GIT;
	if (*path == '\0' || starts_with_one(path, git_told, LENGTH(git_told)))
		return OBEYED_TOLD;
	/* one that is left there when nobody runs any more stops git */
	if (strcmp(path, "config.lock") == 0 ||
	    strcmp(path, "index.lock") == 0 || strcmp(path, "HEAD.lock") == 0)
		return OBEYED_TOLD;
	if (starts_with_one(path, git_data, LENGTH(git_data)) ||
	    (n > 5 && strcmp(path + n - 5, ".lock") == 0))
		return OBEYED_GIT;
	return OBEYED_ASKED;
}

/*
 * "modules/NAME" and "worktrees/NAME" are git directories again.  A name may
 * have slashes in it, so there may be several that the path is in: if it is
 * obeyed in one of them, it is.
 */
static enum obeyed
class_of_inner(const char *path)
{
	enum obeyed found = OBEYED_ASKED;

	for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		enum obeyed own = at[1] ? class_of_own(at + 1) : OBEYED_ASKED;

		if (own == OBEYED_TOLD)
			return own;
		if (own == OBEYED_GIT)
			found = own;
	}
	return found;
}

struct obeyer
class_of_git(const char *path)
{
	static const char *const roots[] = {"modules/", "worktrees/"};

	for (size_t i = 0; i < LENGTH(roots); i++) {
		size_t n = strlen(roots[i]);

		if (strncmp(path, roots[i], n) == 0)
			return (struct obeyer){class_of_inner(path + n), "git"};
	}
	return (struct obeyer){class_of_own(path), "git"};
}

struct obeyer
class_of(const char *path)
{
	const char *git = behind_git(path);
	const struct row *row;
	size_t part = 0;

	if (git)
		return class_of_git(git);
	row = find_row(told, LENGTH(told), path, &part);
	if (row)
		return (struct obeyer){OBEYED_TOLD, row->by};
	row = find_row(asked, LENGTH(asked), path, &part);
	if (row)
		return (struct obeyer){OBEYED_ASKED, row->by};
	return (struct obeyer){OBEYED_NOT, NULL};
}

size_t
class_part(const char *path)
{
	const char *git = behind_git(path);
	size_t part = strlen(path);

	if (!git)
		find_row(told, LENGTH(told), path, &part);
	return part;
}

static size_t
hex_length(const char *s)
{
	return strspn(s, "0123456789abcdef");
}

int
class_is_object(const char *path)
{
	static const char *const ends[] = {".pack",   ".idx",	 ".rev",
					   ".bitmap", ".mtimes", ".keep"};
	size_t n;

	if (strncmp(path, "objects/", 8) != 0)
		return 0;
	path += 8;
	if (hex_length(path) == 2 && path[2] == '\0')
		return 1; /* the directory of some */
	if (hex_length(path) == 2 && path[2] == '/') {
		n = hex_length(path + 3);
		return path[3 + n] == '\0' && (n == 0 || n == 38 || n == 62);
	}
	if (strncmp(path, "pack/pack-", 10) != 0)
		return 0;
	path += 10;
	n = hex_length(path);
	for (size_t i = 0; i < LENGTH(ends); i++)
		if ((n == 40 || n == 64) && strcmp(path + n, ends[i]) == 0)
			return 1;
	return 0;
}
