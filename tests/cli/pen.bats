#!/usr/bin/env bats
# pen: what it refuses, what it becomes, and what the program sees of it.

load ../lib/common

setup() {
	scratch
	git init -q .
}

# --- the contract of every link

@test "the exit status is the program's own" {
	expect 0 pen true
	expect 3 pen sh -c 'exit 3'
	expect 143 pen sh -c 'kill -TERM $$'
}

@test "without a program, with an unknown option or a bad value: 125" {
	expect 125 pen
	has "no program to run"
	expect 125 pen --no-such-option true
	has "unknown option '--no-such-option'"
	expect 125 pen --allow 'a b' true
	has "pen: --allow: 'a b': it is not a host name"
	expect 125 pen --allow $'a.example\nb.example' true
	has '\x0a'
	expect 125 pen --publish 0 true
	expect 125 pen --publish 99999:80 true
	expect 125 pen --reach x true
	expect 125 pen --connect-to a:b true
	has "pen: --connect-to: 'a:b': it is not HOST:PORT:ADDR:PORT"
	local option
	for option in ro rw project config; do
		expect 125 pen --$option "" true
		has "pen: --$option: the path is empty"
	done
	expect 125 pen --env 'A-B=1' true
	expect 125 pen --env PEN_SNI_FD=3 true
	has "PEN and PEN_* are pen's own"
	expect 125 pen --print=yaml true
	has "'yaml' is not conf"
}

@test "a program that is not there is 127, one that cannot be executed 126" {
	expect 127 env PATH="$BIN:/usr/bin:/bin" pen no-such-program
	has "pen: cannot execute 'no-such-program'"
	: >plain
	expect 126 pen ./plain
	expect 126 pen /etc
}

@test "options end at the program: its own are its own" {
	expect 0 pen echo --allow -- --help
	[ "$output" = "--allow -- --help" ]
	expect 0 pen -- echo -n x
	[ "$output" = x ]
}

@test "it is silent, and stdout belongs to the program" {
	run --separate-stderr pen echo only this
	[ "$status" -eq 0 ]
	[ "$output" = "only this" ]
	# shellcheck disable=SC2154 # set by run
	[ -z "$stderr" ]
}

@test "--help lists the options and --version says which pen" {
	expect 0 pen --help
	has "--print[=WHAT]"
	expect 0 pen --version
	[[ $output == "pen "[0-9]* ]]
}

# --- the project

@test "the project is the repository around the current directory" {
	mkdir -p sub/dir
	cd sub/dir
	expect 0 pen sh -c 'pwd; : >../../made'
	[ "$output" = "$HOME/src/project/sub/dir" ]
	[ -e "$HOME/src/project/made" ]
}

@test "outside a repository it is the current directory and nothing above it" {
	mkdir -p "$HOME/plain/sub"
	cd "$HOME/plain/sub"
	expect 0 pen sh -c ': >here && ls ..'
	[ "$output" = sub ]
	[ -e here ]
}

@test "a home directory under version control is not the project" {
	git init -q "$HOME"
	mkdir "$HOME/notes"
	cd "$HOME/notes"
	expect 0 pen ls "$HOME"
	[ "$output" = notes ]
}

@test "--project names it, and the program starts there" {
	cd /
	expect 0 pen --project "$HOME/src/sibling" sh -c 'pwd; cat secret'
	has "$HOME/src/sibling"
	has PLANTED-SIBLING
	expect 125 pen --project "$HOME/nowhere" true
	has "cannot find the project"
}

@test "/, the home directory and what is above it are refused" {
	local dir
	for dir in / "$HOME" "$T" "$HOME/." "$HOME/src/.."; do
		expect 125 pen --project "$dir" true
		has "cannot be the project"
		has "hint: change to the project's directory"
	done
	cd "$HOME"
	expect 125 pen true
	has "it is the home directory"
}

@test "links to them are refused as well" {
	ln -s "$HOME" "$T/link"
	ln -s / "$HOME/root"
	expect 125 pen --project "$T/link" true
	expect 125 pen --project "$HOME/root" true
	expect 125 pen --project "$T/link/src/.." true
}

@test "pen's own files are no project, and in none" {
	mkdir -p "$HOME/.config/pen" "$HOME/.local/state/pen/log"
	local dir
	for dir in .config .config/pen .local .local/state/pen/log; do
		expect 125 pen --project "$HOME/$dir" true
		has "pen keeps its own files in"
	done
	expect 125 pen --rw "$HOME/.config" true
	has "pen keeps its own files in"
}

@test "what pen.conf and the log lead to by links is pen's own as well" {
	mkdir -p "$HOME/dotfiles/pen" "$HOME/dotfiles/config" "$HOME/.config/pen"
	echo 'profile default {}' >"$HOME/dotfiles/pen/pen.conf"
	ln -s ../../dotfiles/pen/pen.conf "$HOME/.config/pen/pen.conf"
	expect 125 pen --project "$HOME/dotfiles" true
	has "pen keeps its own files in '$HOME/dotfiles/pen/pen.conf'"
	expect 125 pen --rw "$HOME/dotfiles/pen" true
	expect 0 pen --project "$HOME/dotfiles/config" true
	# a link that the project could exchange
	mv "$HOME/dotfiles/pen" "$HOME/elsewhere"
	ln -s ../elsewhere "$HOME/dotfiles/pen"
	expect 125 pen --project "$HOME/dotfiles" true
	has "pen keeps its own files in '$HOME/dotfiles/pen'"
	# what is not there yet
	rm -r "$HOME/.config"
	ln -s dotfiles/config "$HOME/.config"
	expect 125 pen --project "$HOME/dotfiles" true
	has "pen keeps its own files in '$HOME/dotfiles/config/pen'"
	rm "$HOME/.config"
	rm -rf "$HOME/.local/state/pen/log"
	ln -s "$HOME/src/sibling/log" "$HOME/.local/state/pen/log"
	expect 125 pen --project "$HOME/src/sibling" true
	has "pen keeps its own files in '$HOME/src/sibling/log'"
}

@test "HOME must be the user's own directory" {
	expect 125 env -u HOME pen true
	expect 125 env HOME=relative pen true
	expect 125 env HOME=/ pen true
	expect 125 env HOME=/usr pen true
	has "belongs to somebody else"
}

# --- what is seen

@test "nothing of the home directory is there but the project" {
	expect 0 cat "$HOME/.ssh/id_ed25519" # the control
	has PLANTED-KEY
	expect 1 pen cat "$HOME/.ssh/id_ed25519"
	expect 1 pen cat "$HOME/src/sibling/secret"
	expect 0 pen ls -A "$HOME"
	[ "$output" = src ]
	expect 0 pen ls -A "$HOME/src"
	[ "$output" = project ]
}

@test "--ro shows a file or directory, --rw makes it writable" {
	expect 0 pen --ro "$HOME/src/sibling" cat "$HOME/src/sibling/secret"
	[ "$output" = PLANTED-SIBLING ]
	expect 2 pen --ro "$HOME/src/sibling" sh -c ": >$HOME/src/sibling/x"
	has "Read-only file system"
	expect 0 pen --rw ../sibling sh -c ": >$HOME/src/sibling/x"
	[ -e "$HOME/src/sibling/x" ]
}

@test "--ro and --rw of the home directory or what is above it are refused" {
	expect 125 pen --ro "$HOME" true
	expect 125 pen --rw / true
	ln -s "$HOME" "$T/link"
	expect 125 pen --ro "$T/link" true
	has "the home directory is in it"
	expect 125 pen --ro "$HOME/nowhere" true
	has "cannot show '$HOME/nowhere' (command line): No such file"
}

@test "what is written to the home directory and /tmp is gone afterwards" {
	expect 0 pen sh -c 'echo x >~/made && echo y >/tmp/made && cat ~/made /tmp/made'
	[ ! -e "$HOME/made" ]
	[ ! -e /tmp/made ]
}

@test "names are answered on the loopback only" {
	expect 0 pen cat /etc/resolv.conf
	[ "$output" = "nameserver 127.0.0.1" ]
	expect 0 pen cat /etc/hosts
	has "127.0.0.1 localhost"
}

@test "git knows who commits, and nothing else of the user's configuration" {
	cat >"$HOME/.gitconfig" <<-'END'
		[user]
			name = "O \"Q\" Smith" ; comment
			email = o@example.org
		[http]
			extraHeader = "Authorization: PLANTED-TOKEN"
	END
	expect 0 pen git commit -q --allow-empty -m one
	expect 0 git log -1 --format='%an <%ae>'
	[ "$output" = 'O "Q" Smith <o@example.org>' ]
	expect 0 grep -c PLANTED-TOKEN "$HOME/.gitconfig"
	expect 1 pen git config --get http.extraHeader
	expect 1 pen grep PLANTED "$HOME/.gitconfig"
}

# --- environment

@test "the environment is scrubbed" {
	export SECRET=PLANTED-ENV LD_LIBRARY_PATH=/nowhere SSH_AUTH_SOCK=/x
	export LC_TIME=C LC_X=y TZ=UTC COLORTERM=truecolor TERM=xterm \
		LOGNAME=somebody EDITOR=vi
	expect 0 sh -c 'echo $SECRET' # the control
	has PLANTED-ENV
	expect 0 pen env
	lacks SECRET
	lacks LD_LIBRARY_PATH
	lacks SSH_AUTH_SOCK
	lacks EDITOR
	lacks XDG_
	lacks PEN_
	local want
	for want in HOME="$HOME" LC_TIME=C LC_X=y TZ=UTC COLORTERM=truecolor \
		TERM=xterm LOGNAME=somebody SHELL=/bin/bash PEN=1; do
		has "$want"
	done
}

@test "--env passes a variable on, sets one, or passes on all with a prefix" {
	export ONE=1 GROUP_A=a GROUP_B='b  c'
	expect 0 pen --env ONE --env TWO=2=2 --env 'GROUP_*' --env UNSET env
	has ONE=1
	has TWO=2=2
	has GROUP_A=a
	has "GROUP_B=b  c"
	lacks UNSET
}

@test "a secret in the environment is in no command line" {
	export TOKEN=PLANTED-TOKEN
	expect 0 pen --env TOKEN sh -c 'echo $TOKEN'
	[ "$output" = PLANTED-TOKEN ]
	mkfifo go
	pen --env TOKEN cat go >/dev/null &
	local pen=$!
	exec 5>go # cat is there
	run bash -c "tr '\\0' ' ' </proc/$pen/cmdline"
	exec 5>&-
	wait $pen
	has pen-ns
	lacks PLANTED-TOKEN
	expect 0 pen --print --env TOKEN true
	lacks PLANTED-TOKEN
	expect 0 pen --print=conf --env TOKEN=PLANTED-TOKEN true
	lacks PLANTED-TOKEN
}

@test "PATH has only what is there inside" {
	mkdir -p "$HOME/bin" bin
	PATH="$PWD/bin:$HOME/bin:relative::$BIN:/usr/bin:/nowhere:/bin"
	expect 0 pen sh -c 'echo $PATH'
	[ "$output" = "$PWD/bin:/usr/bin:/bin" ]
}

@test "a shell that is not there inside is replaced by /bin/sh" {
	expect 0 env SHELL="$HOME/bin/fish" pen sh -c 'echo $SHELL'
	[ "$output" = /bin/sh ]
}

@test "the terminal's description is found wherever it is" {
	local dir
	infocmp -x xterm | sed '2s/.*/pen-test|a terminal of the tests,/' \
		>"$T/source"
	for dir in "$HOME/.terminfo" "$T/info" "$HOME/more" "$T/away"; do
		mkdir -p "$dir"
		tic -x -o "$dir" "$T/source"
		: >"$dir/p/other"
	done
	ln -s "$T/away" "$HOME/linked"
	export TERM=pen-test
	expect 0 pen tput cols
	rm -r "$HOME/.terminfo"
	expect 3 pen tput cols
	expect 0 env TERMINFO="$T/info" pen sh -c \
		'tput cols; ls $TERMINFO/p; true 2>/dev/null >$TERMINFO/z'
	lacks other
	[ ! -e "$T/info/z" ]
	expect 0 env TERMINFO_DIRS="/nowhere:$HOME/more" pen tput cols
	expect 0 env TERMINFO_DIRS="$HOME/linked:" pen tput cols
	lacks pen:
}

@test "a *_BASE_URL whose host is not allowed is a warning with its remedy" {
	export ANTHROPIC_BASE_URL=https://llm.corp.example:8443/v1
	expect 0 pen --env ANTHROPIC_BASE_URL true
	has "ANTHROPIC_BASE_URL names llm.corp.example:8443, which is not allowed"
	has 'hint: pen --allow llm.corp.example:8443'
	expect 0 pen --env ANTHROPIC_BASE_URL --allow llm.corp.example:8443 true
	[ -z "$output" ]
	expect 0 pen --env X_BASE_URL=http://127.0.0.1:11434/v1 true
	has "hint: pen --reach 11434"
	expect 0 pen --env X_BASE_URL='not a url' true
	[ -z "$output" ]
}

@test "a file that a variable names and that is not shown is a warning" {
	: >"$HOME/ca.pem"
	export NODE_EXTRA_CA_CERTS=$HOME/ca.pem
	export GOOGLE_APPLICATION_CREDENTIALS=$HOME/gcp.json
	expect 0 pen --env NODE_EXTRA_CA_CERTS true
	has "NODE_EXTRA_CA_CERTS names '$HOME/ca.pem', which is not shown"
	has "hint: pen --ro '$HOME/ca.pem'"
	lacks GOOGLE
	expect 0 pen --env NODE_EXTRA_CA_CERTS --ro "$HOME/ca.pem" true
	[ -z "$output" ]
	expect 0 pen --agent gemini true
	has "GOOGLE_APPLICATION_CREDENTIALS names '$HOME/gcp.json'"
	expect 0 pen --env SSL_CERT_FILE=/etc/passwd true
	[ -z "$output" ]
}

@test "a variable without a value is not passed on" {
	export NOTHING= TZ=
	expect 0 pen --env NOTHING --env GIVEN= env
	lacks NOTHING
	has GIVEN=
	has TZ=
}

# --- print

@test "--print is the chain, and a shell runs it as it is" {
	expect 0 pen --print sh -c 'echo "$HOME"; id -un; exit 4'
	local chain=$output link
	for link in pen-sni pen-net pen-ns pen-filter; do
		has "$link"
	done
	expect 4 bash -c "$chain"
	[ "$output" = "$HOME
$(id -un)" ]
	expect 4 zsh -c "$chain"
}

@test "--print runs nothing" {
	expect 0 pen --print touch made
	[ ! -e made ]
}

# Each file below $HOME, and what tells if it was touched.
tree() {
	find "$HOME" -printf '%p %y %m %s %T@ %C@\n' | sort
}

# The chain that pen --print printed, without what is new each time.
chain() {
	sed -E '/^\(umask/,/\)$/d; s/[0-9]{8}T[0-9]{6}Z-[0-9]+//' <<<"$output"
}

# A home that no pen has run in, with one that keeps all that it can.
fresh_home() {
	rm -rf "$HOME"
	mkdir -p "$HOME/src" "$HOME/.config/pen"
	echo 'profile default { history = yes }' >"$HOME/.config/pen/pen.conf"
	cd "$HOME/src"
}

@test "--print makes nothing, and says what a run makes" {
	local agent file before first dry
	for file in "$ROOT"/agents/*.conf; do
		agent=${file##*/}
		agent=${agent%.conf}
		HOME=$T/$agent
		fresh_home
		before=$(tree)
		expect 0 pen --print --agent "$agent" true
		[ "$(tree)" = "$before" ]
		first=$output dry=$(chain)
		has 'mkdir -p'
		# what is said is made, and then it is the same view
		expect 0 bash -c "$first"
		expect 0 pen --print --agent "$agent" true
		lacks 'mkdir -p'
		diff <(echo "$dry") <(chain)
		# and the same that a run makes
		[ "$(cd "$HOME" && find . -printf '%p %y %m %s\n' | sort)" = "$(
			fresh_home
			pen --agent "$agent" true
			cd "$HOME"
			find . -printf '%p %y %m %s\n' | sort
		)" ]
	done
}

@test "hostile names come through --print and its shell unharmed" {
	local name=$'a\nb\e[31m\'"$(touch x)`touch y` \\ ;-é'
	mkdir -- "$HOME/src/$name"
	cd -- "$HOME/src/$name"
	expect 0 pen --print sh -c 'pwd; echo "$1"' sh "$name"
	lacks $'\e'
	expect 0 bash -c "$output"
	[ "$output" = "$PWD
$name" ]
	expect 0 pen sh -c 'pwd'
	[ "$output" = "$PWD" ]
	[ ! -e x ]
	[ ! -e y ]
}

@test "a directory that begins with a dash is a directory" {
	mkdir -- "$HOME/src/--unshare-net"
	cd -- "$HOME/src/--unshare-net"
	expect 0 pen pwd
	[ "$output" = "$PWD" ]
	cd ..
	expect 0 pen --project --unshare-net pwd
	[ "$output" = "$PWD/--unshare-net" ]
}

@test "--offline has no network and no proxy" {
	expect 0 pen --print --offline true
	lacks pen-sni
	lacks pen-net
	has --unshare-net
	expect 0 pen --offline cat /proc/net/dev
	lacks eth0
}

@test "--offline and what needs a network contradict each other" {
	local option
	for option in "--publish 3000" "--reach 5432" "--allow a.example"; do
		expect 125 pen --offline $option true
		has "${option% *} needs a network, and there is none"
		has "network is offline (command line)"
	done
	expect 0 pen --offline --deny a.example true
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { network = offline }' >"$HOME/.config/pen/pen.conf"
	expect 125 pen --publish 3000 true
	has "network is offline ($HOME/.config/pen/pen.conf, profile default)"
	# what a section says for all days is left out on this one
	echo "project \"$PWD\" { publish = {8080} }" >"$HOME/.config/pen/pen.conf"
	expect 0 pen --offline true
}

@test "--proxy has no pen-sni, and contradicts what that would decide" {
	local option
	expect 0 pen --print --proxy 127.0.0.1:8443 true
	has "--proxy 127.0.0.1:8443"
	lacks pen-sni
	for option in "--allow a.example" "--deny a.example" "--private a.example" \
		"--connect-to a.example:443:127.0.0.1:1"; do
		expect 125 pen --proxy 127.0.0.1:8443 $option true
		has "${option% *} has no say where the proxy decides"
		expect 125 pen --open $option true
		has "${option% *} has no say where every public address is reached"
	done
	for option in offline 192.0.2.1:8443 8443; do
		expect 125 pen --proxy "$option" true
		has "--proxy: '$option': it"
	done
	expect 125 pen --proxy 127.0.0.1:8443 --audit true
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { network = "proxy [::1]:8443" allow = {"a.example"} }' \
		>"$HOME/.config/pen/pen.conf"
	expect 0 pen true
	[ "$output" = "pen: network = proxy [::1]:8443: allow and deny have no say here, the proxy decides, and no log of pen says what" ]
	expect 0 pen --offline true
	[ -z "$output" ]
	echo 'profile default { network = "proxy 192.0.2.1:8443" }' \
		>"$HOME/.config/pen/pen.conf"
	expect 125 pen true
	has "network: 'proxy 192.0.2.1:8443': its address is not of loopback"
}

@test "a limit on the size of files is an error, not death without a word" {
	expect 125 sh -c 'ulimit -f 0; exec pen true'
	has "pen: cannot make a file in memory: File too large"
	has "hint: ulimit -f is too small"
}

@test "--no-ask is accepted" {
	expect 0 pen --no-ask true
}

@test "--ask makes pen-sni ask, and --no-ask after it does not" {
	expect 0 pen --print --ask true
	has " --ask "
	expect 0 pen --print --ask --no-ask true
	lacks " --ask "
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { ask = true }' >"$HOME/.config/pen/pen.conf"
	expect 0 pen --print true
	has " --ask "
}

# --- finding programs: test/agents drive the real ones

# tool PATH INTERPRETER : a script that says it ran
tool() {
	mkdir -p "$(dirname "$1")"
	printf '#!%s\necho ran $0\n' "${2:-/bin/sh}" >"$1"
	chmod +x "$1"
}

@test "npm: a link to a script in node_modules, and nothing beside it" {
	tool "$HOME/.npm-global/lib/node_modules/@x/tool/cli.js"
	mkdir "$HOME/.npm-global/bin"
	ln -s ../lib/node_modules/@x/tool/cli.js "$HOME/.npm-global/bin/tool"
	: >"$HOME/.npm-global/secret"
	PATH=$HOME/.npm-global/bin:$PATH
	expect 0 pen tool
	has "ran "
	expect 0 pen --agent claude --print=conf tool
	expect 0 pen sh -c 'ls -A ~/.npm-global 2>/dev/null; :'
	[ -z "$output" ]
	tool "$HOME/.npm-global/bin/sees"
	echo 'ls -A ~/.npm-global' >>"$HOME/.npm-global/bin/sees"
	expect 0 pen sees
	[ "${lines[1]}" = bin ]
}

@test "nvm: the Node.js version that has the program, and no other" {
	local v=$HOME/.nvm/versions/node/v20
	mkdir -p "$v/lib/node_modules/npm" "$HOME/.nvm/versions/node/v18"
	tool "$v/bin/node" # plays the interpreter
	printf '#!/bin/sh\necho node runs "$1"\n' >"$v/bin/node"
	tool "$v/lib/node_modules/tool/cli.js" "/usr/bin/env node"
	ln -s ../lib/node_modules/tool/cli.js "$v/bin/tool"
	PATH=$v/bin:$PATH
	expect 0 pen tool
	[ "$output" = "node runs $v/bin/tool" ]
	echo 'ls ~/.nvm/versions/node; touch ~/.nvm/versions/node/v20/x' \
		>>"$v/bin/node"
	expect 1 pen tool
	has v20
	lacks v18
	has "Read-only file system"
}

@test "fnm: a link to a directory in /run and on to the installation" {
	local v=$HOME/.local/share/fnm/node-versions/v20/installation
	mkdir -p "$v/lib/node_modules/npm" "$XDG_RUNTIME_DIR/fnm_multishells"
	tool "$v/bin/node"
	tool "$v/bin/tool"
	ln -s "$v" "$XDG_RUNTIME_DIR/fnm_multishells/1"
	PATH=$XDG_RUNTIME_DIR/fnm_multishells/1/bin:$PATH
	expect 0 pen tool
	has "ran $XDG_RUNTIME_DIR/fnm_multishells/1/bin/tool"
}

@test "volta, bun, asdf, mise: a shim finds the rest of its own tree" {
	local tree
	for tree in .volta .bun .asdf .local/share/mise .local/share/pnpm; do
		rm -rf "${HOME:?}/.local" "$HOME/.volta"
		tool "$HOME/$tree/bin/tool"
		echo "cat ~/$tree/data" >>"$HOME/$tree/bin/tool"
		echo the data >"$HOME/$tree/data"
		PATH=$HOME/$tree/bin:$PATH expect 0 pen tool
		has "the data"
	done
}

@test "pipx: the virtual environment and the Python that it was made from" {
	local base=$HOME/.local/share/uv/python/cpython-3.12 \
		venv=$HOME/.local/share/pipx/venvs/tool
	mkdir -p "$base/lib/python3.12" "$venv/bin" "$HOME/.local/bin" \
		"$venv/lib"
	: >"$base/lib/python3.12/os.py"
	tool "$base/bin/python3.12"
	printf '#!/bin/sh\necho python runs "$1"; ls %s/lib\n' "$base" \
		>"$base/bin/python3.12"
	ln -s "$base/bin/python3.12" "$venv/bin/python"
	echo "home = $base/bin" >"$venv/pyvenv.cfg"
	tool "$venv/bin/tool" "$venv/bin/python"
	ln -s "$venv/bin/tool" "$HOME/.local/bin/tool"
	: >"$HOME/.local/share/other"
	PATH=$HOME/.local/bin:$PATH
	expect 0 pen tool
	has "python runs $HOME/.local/bin/tool"
	has python3.12
	tool "$HOME/.local/bin/look"
	echo 'ls ~/.local ~/.local/bin' >>"$HOME/.local/bin/look"
	expect 0 pen look
	lacks share
	lacks tool
}

@test "a real virtual environment of the system's Python runs" {
	/usr/bin/python3 -m venv --without-pip "$HOME/venv" ||
		skip_missing "python3 -m venv"
	PATH=$HOME/venv/bin:$PATH
	expect 0 pen python3 -c 'import json, sys; print(sys.prefix)'
	[ "$output" = "$HOME/venv" ]
}

@test "native: a link in ~/.local/bin to a version in ~/.local/share" {
	local v=$HOME/.local/share/tool/versions
	mkdir -p "$v" "$HOME/.local/bin"
	cp /bin/true "$v/1.2.3"
	cp /bin/false "$v/1.2.4"
	ln -s "$v/1.2.3" "$HOME/.local/bin/tool"
	PATH=$HOME/.local/bin:$PATH
	expect 0 pen tool
	expect 0 pen --print tool
	has "--ro-bind $v/1.2.3 $v/1.2.3"
	lacks 1.2.4
}

@test "a home directory that is reached by a link" {
	mkdir -p "$HOME/bin"
	tool "$HOME/bin/tool"
	ln -s "$HOME" "$T/alias"
	HOME=$T/alias
	cd "$HOME/src/project"
	PATH=$HOME/bin:$PATH
	expect 0 pen tool
	has "ran "
	expect 0 pen sh -c 'cd ~ && pwd -P'
	[ "$output" = "$T/home" ]
}

@test "a script's interpreter in the home directory is shown too" {
	tool "$HOME/opt/interp"
	printf '#!/bin/sh\necho interpreted\n' >"$HOME/opt/interp"
	tool "$HOME/bin/script" "$HOME/opt/interp"
	expect 0 pen "$HOME/bin/script"
	[ "$output" = interpreted ]
}

@test "a script of the project's says what it needs, and is not obeyed" {
	tool "$HOME/opt/interp"
	printf '#!/bin/sh\necho interpreted\n' >"$HOME/opt/interp"
	tool "$PWD/script" "$HOME/opt/interp"
	expect 126 pen ./script
	has "'$PWD/script' asks for '$HOME/opt/interp', which is not shown"
	has "hint: if that is what you want: pen --ro '$HOME/opt/interp'"
	expect 0 pen --ro "$HOME/opt/interp" ./script
	[ "$output" = interpreted ]
	# a program that is there anyway
	tool "$PWD/script" "/usr/bin/env sh"
	expect 0 pen ./script
	[ "$output" = "ran ./script" ]
}

@test "./pen-ns of the project does not win" {
	tool "$PWD/pen-ns"
	tool "$PWD/pen-sni"
	PATH=.:$PATH
	expect 0 pen echo fine
	[ "$output" = fine ]
}

# --- agents

@test "an agent is known by its name, and by that of what it links to" {
	tool "$HOME/bin/claude"
	ln -s claude "$HOME/bin/cc"
	PATH=$HOME/bin:$PATH
	expect 0 pen --print claude
	has "--allow api.anthropic.com"
	has "--bind $HOME/.claude.json $HOME/.claude.json"
	expect 0 pen --print cc
	has "--allow api.anthropic.com"
	expect 0 pen --print --agent codex true
	has "--allow api.openai.com"
	expect 125 pen --agent nobody true
	has "there is no agent 'nobody'"
	expect 125 pen --agent ../agents/claude true
}

@test "a program in the project is not an agent, whatever its name" {
	tool "$PWD/claude"
	ln -s claude tests
	tool "$HOME/bin/claude"
	PATH=$HOME/bin:$PATH
	ln -s "$HOME/bin/claude" outside
	local prog
	for prog in ./claude ./tests ./outside; do
		expect 0 pen --print "$prog"
		lacks api.anthropic.com
		lacks .claude.json
		has "is in the project: it is not taken for the agent 'claude'"
		has "hint: pen --agent claude"
	done
	mkdir -p node_modules/.bin
	tool "$PWD/node_modules/.bin/claude"
	PATH=$PWD/node_modules/.bin:$PATH expect 0 pen --print=conf claude
	has "'$PWD/node_modules/.bin/claude' is in the project"
	lacks "agent claude"$'\n'
	lacks api.anthropic.com
}

@test "the user's own link that leads through the project is no agent either" {
	tool "$HOME/opt/claude"
	mkdir "$HOME/bin"
	ln -s "$HOME/opt/claude" here
	ln -s "$PWD/here" "$HOME/bin/claude"
	PATH=$HOME/bin:$PATH expect 0 pen --print claude
	lacks api.anthropic.com
	has "is in the project"
}

@test "every agent that is shipped has a section that can be read" {
	local conf name
	for conf in "$ROOT"/agents/*.conf; do
		name=$(basename "$conf" .conf)
		expect 0 pen --agent "$name" --print=conf true
		has "agent $name"
		expect 0 pen --agent "$name" true
	done
}

@test "the agent's state is made, kept and private" {
	expect 0 pen --agent claude sh -c 'echo kept >~/.claude/note'
	[ "$(cat "$HOME/.claude/note")" = kept ]
	[ "$(stat -c %a "$HOME/.claude")" = 700 ]
	[ "$(cat "$HOME/.claude.json")" = '{}' ]
	[ "$(stat -c %a "$HOME/.claude.json")" = 600 ]
}

@test "state that is replaced by rename can be written and reaches the host" {
	# as Claude Code does: lock, temporary, rename, and on EBUSY in place
	expect 0 pen --agent claude sh -ec '
		cd
		mkdir .claude.json.lock
		echo "{\"new\": 1}" >.claude.json.tmp
		if mv -T .claude.json.tmp .claude.json 2>/dev/null; then exit 9; fi
		cat .claude.json.tmp >.claude.json
		rm .claude.json.tmp
		rmdir .claude.json.lock'
	[ "$(cat "$HOME/.claude.json")" = '{"new": 1}' ]
	expect 0 ls -A "$HOME"
	lacks .lock
	lacks .tmp
}

@test "state that is a link on the host is there under its own name" {
	mkdir -p "$HOME/dotfiles/claude"
	echo '{"mine": 1}' >"$HOME/dotfiles/claude.json"
	ln -s dotfiles/claude "$HOME/.claude"
	ln -s dotfiles/claude.json "$HOME/.claude.json"
	expect 0 pen --agent claude sh -c \
		'cat ~/.claude.json; : >~/.claude/made; echo x >~/.claude.json; ls -A ~'
	has '{"mine": 1}'
	lacks dotfiles
	[ -e "$HOME/dotfiles/claude/made" ]
	[ "$(cat "$HOME/dotfiles/claude.json")" = x ]
	[ -L "$HOME/.claude.json" ]
}

@test "state that is missing behind a link is made where the link leads" {
	mkdir "$HOME/dotfiles"
	ln -s dotfiles/claude "$HOME/.claude"
	expect 0 pen --agent claude sh -c ': >~/.claude/made'
	[ -e "$HOME/dotfiles/claude/made" ]
	[ "$(stat -c %a "$HOME/dotfiles/claude")" = 700 ]
}

@test "state is a directory or a file, as its path says, and nothing else" {
	mkfifo "$HOME/.claude.json"
	expect 125 timeout 20 pen --agent claude true
	has "cannot show '$HOME/.claude.json'"
	has "it is not a file"
	rm "$HOME/.claude.json"
	mkdir "$HOME/.claude.json"
	expect 125 pen --agent claude true
	has "it is not a file"
	rmdir "$HOME/.claude.json" "$HOME/.claude"
	: >"$HOME/.claude"
	expect 125 pen --agent claude true
	has "it is not a directory"
}

@test "CLAUDE_CONFIG_DIR moves the state" {
	export CLAUDE_CONFIG_DIR=$HOME/cc
	expect 0 pen --agent claude sh -c \
		'cd "$CLAUDE_CONFIG_DIR" && echo new >t && mv t .claude.json'
	[ "$(cat "$HOME/cc/.claude.json")" = new ]
	[ ! -e "$HOME/.claude.json" ]
	[ ! -e "$HOME/.claude" ]
}

@test "CLAUDE_CONFIG_DIR without a value is as if it were not there" {
	CLAUDE_CONFIG_DIR='' expect 0 pen --agent claude sh -c \
		'echo kept >~/.claude/note; env'
	lacks CLAUDE_CONFIG_DIR
	[ "$(cat "$HOME/.claude/note")" = kept ]
	[ -e "$HOME/.claude.json" ]
}

@test "an error about a path that a variable made names the variable" {
	CLAUDE_CONFIG_DIR=relative expect 125 pen --agent claude true
	has "claude.conf:"
	has "'relative/', from CLAUDE_CONFIG_DIR: it is neither absolute"
	CLAUDE_CONFIG_DIR=/proc/nowhere expect 125 pen --agent claude true
	has "agent claude, CLAUDE_CONFIG_DIR): No such file"
	CODEX_HOME=$HOME/elsewhere expect 0 pen --agent codex --print=conf true
	has "state = $HOME/elsewhere/"
	has "agent codex, CODEX_HOME"
	expect 0 pen --agent codex --print=conf true
	lacks "agent codex, CODEX_HOME"
}

@test "what a later agent would execute is read-only in its state" {
	mkdir -p "$HOME/.claude/hooks"
	echo '{}' >"$HOME/.claude/settings.json"
	expect 0 sh -c 'echo x >~/.claude/settings.json' # the control
	expect 2 pen --agent claude sh -c 'echo y >~/.claude/settings.json'
	expect 2 pen --agent claude sh -c ': >~/.claude/hooks/h'
	expect 1 pen --agent claude rm -f "$HOME/.claude/settings.json"
	expect 2 pen --agent claude sh -c ': >~/.claude/commands/c'
	expect 0 pen --agent claude sh -c ': >~/.claude/rules'
	has "'$HOME/.claude/rules' was created"
}

@test "a missing path of protect is made only where it says so" {
	mkdir -p "$HOME/.config/pen"
	cat >"$HOME/.config/pen/pen.conf" <<-'END'
		profile default {
			state = {"~/.tool/"}
			protect = {"+~/.tool/a/b/", "+~/.tool/c.json",
				   "~/.tool/d", "+~/elsewhere/"}
			tmpfs = {"~/.tool/p"}
		}
	END
	expect 0 pen sh -c 'cd ~/.tool; ls a/b; cat c.json; : >p/x'
	[ "$output" = '{}' ]
	expect 2 pen sh -c ': >~/.tool/a/b/x'
	expect 2 pen sh -c ': >~/.tool/c.json'
	[ ! -e "$HOME/.tool/p/x" ]
	[ ! -e "$HOME/.tool/d" ]
	[ ! -e "$HOME/elsewhere" ]
	rmdir "$HOME/.tool/p"
	ln -s "$HOME/.ssh" "$HOME/.tool/p"
	expect 125 pen true
	has "cannot mount a tmpfs on '$HOME/.tool/p': it is a symbolic link"
	echo 'profile default { protect = {"+x"} }' \
		>"$HOME/.config/pen/pen.conf"
	expect 125 pen true
	has "it is neither absolute nor below ~/"
}

@test "an agent in its own writable state cannot replace itself" {
	mkdir -p "$HOME/.claude/local/node_modules/.bin"
	tool "$HOME/.claude/local/node_modules/cc/claude"
	ln -s ../cc/claude "$HOME/.claude/local/node_modules/.bin/claude"
	cat >>"$HOME/.claude/local/node_modules/cc/claude" <<-'END'
		cd ~/.claude
		true >local/node_modules/cc/claude && echo LEAKED-write
		mv local away && echo LEAKED-rename
		mv local/node_modules x && echo LEAKED-rename
		rm -f local/node_modules/.bin/claude && echo LEAKED-unlink
		true >fine && echo state is writable
	END
	expect 0 pen "$HOME/.claude/local/node_modules/.bin/claude"
	has "state is writable"
	lacks LEAKED
}

@test "with too few descriptors nothing runs, and with enough all of the chain" {
	local n none=0 all=0
	for n in {10..40}; do
		rm -f ran
		run bash -c "ulimit -n $n && exec pen touch ran"
		if [ "$status" -eq 0 ]; then
			[ -z "$output" ]
			[ -e ran ]
			all=$((all + 1))
		else
			[ "$status" -eq 125 ]
			[ ! -e ran ]
			none=$((none + 1))
		fi
	done
	[ "$none" -gt 0 ]
	[ "$all" -gt 0 ]
}

@test "in the background of a terminal with tostop pen-sni says what is wrong" {
	PS1='outer> ' expect 0 python3 "$ROOT/tests/lib/ns_tty.py" \
		bash --norc --noprofile -i <<-'EOF'
		expect outer>
		send stty tostop; pen --connect-to a.test:443:999.1.1.1:1 true &\r
		expect pen-sni: --connect-to: 'a.test:443:999.1.1.1:1'
		send wait %1; echo status-$?\r
		expect status-125
		send exit 0\r
		end 0
	EOF
}

@test "a standard descriptor that is closed is /dev/null for the program" {
	local closed
	for closed in '<&-' '>&-' '2>&-' '<&- >&- 2>&-'; do
		expect 0 bash -c "pen bash -c 'readlink /proc/self/fd/[012] \
			>seen' $closed"
		[ "$(grep -c . seen)" -eq 3 ]
		grep -qx /dev/null seen
	done
	expect 0 bash -c "pen sh -c 'cat; echo x' <&- >&-"
}
