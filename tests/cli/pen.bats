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

@test "no zombie is left where nobody reaps orphans: the proxy's neither" {
	zombies sh -c '(sh -c : &) ; exec true'
	[ "$output" = 1 ] # the control
	zombies pen true
	[ "$output" = 0 ]
	zombies pen-sni pen-net pen-ns --system --proc /proc true
	[ "$output" = 0 ]
	ANTHROPIC_API_KEY=sk-ant-0123456789 zombies pen --agent claude true
	[ "$output" = 0 ]
	# what the caller left in the background is not waited for
	expect 0 timeout 20 sh -c 'tail -f /dev/null >/dev/null 2>&1 3>&- & echo $! >pid
		exec pen true'
	kill "$(cat pid)"
	# a number that is another's is left alone
	tail -f /dev/null 3>&- &
	PEN_HELPERS=$!:15,1:15,x expect 0 pen --offline printenv PEN
	kill $!
	PEN_HELPERS=$!:15, expect 1 pen --offline printenv PEN_HELPERS
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
		LOGNAME=somebody EDITOR=no-such-editor
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

# what is in the home but what pen notes of the project
made() {
	(cd "$HOME" && find . -path '*/pen/projects' -prune -o \
		-printf '%p %y %m %s\n' | sort)
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
		[ "$(made)" = "$(fresh_home
			pen --agent "$agent" true
			made)" ]
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

# relaxed OPTION PROBE : refused without the option, allowed with it, and warned
relaxed() {
	local options=(--offline --ro "$PROBE" --env ASAN_OPTIONS)
	expect 0 pen "${options[@]}" "$PROBE/sys_probe" "$2"
	[ "$output" = EPERM ]
	run -0 --separate-stderr pen "${options[@]}" "$1" "$PROBE/sys_probe" "$2"
	[ "$output" = ok ]
	[[ $stderr == "pen-filter: warning: $1: "* ]]
	[ "${#stderr_lines[@]}" -eq 1 ]
}

@test "a program that needs an option says which, and not with it" {
	printf '#!/bin/sh\n' >"$T/strace"
	chmod +x "$T/strace"
	expect 0 pen --ro "$T/strace" "$T/strace"
	has 'pen: strace needs --debug here: pen-compat(7)'
	expect 0 pen --debug --ro "$T/strace" "$T/strace"
	lacks 'needs --debug'
}

@test "--debug, --nested and --perf each allow it for one run, with a warning" {
	relaxed --debug ptrace
	relaxed --nested clone-user
	[ "$("$PROBE/sys_probe" perf_event_open)" != ok ] ||
		relaxed --perf perf_event_open
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
	has "File too large"
	has "hint: ulimit -f is too small"
}

@test "limits that are too small for the chain are an error, not a signal" {
	local kib
	# below what the environment takes, and 12 KiB, nothing gets to main
	for kib in 16 32 64 100; do
		expect 125 env -i PATH="$PATH" HOME="$HOME" \
			bash -c "ulimit -s $kib; exec pen true"
		has "the stack is limited"
		has "hint: raise the limit: ulimit -s"
	done
	[ -z "${SAN:-}" ] || return 0 # sanitizers need terabytes
	for kib in 4000 6000; do
		expect 125 bash -c "ulimit -v $kib; exec pen true"
		has "address space is limited"
		has "hint: raise the limit: ulimit -v"
	done
	expect 0 bash -c "ulimit -s 128; exec pen true"
	expect 0 bash -c "ulimit -v 200000; exec pen true"
}

@test "/dev/null is a pen.conf that says nothing" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { network = "open" }' >"$HOME/.config/pen/pen.conf"
	expect 0 pen --config /dev/null true
	[ -z "$output" ]
	expect 0 pen --config /dev/null --print=conf true
	has "network = allowlist	# pen itself"
}

@test "pens that start at once for the first time make one home of their state" {
	local i pids p
	for i in {1..10}; do
		rm -rf "$HOME/.local"
		pids=()
		for p in 1 2 3 4; do
			pen --offline true 3>&- &
			pids+=($!)
		done
		for p in "${pids[@]}"; do
			wait "$p"
		done
	done
}

@test "a strict umask keeps no directory closed that pen makes" {
	local mask
	for mask in 0177 0777; do
		rm -rf "$HOME/.config" "$HOME/.local"
		expect 0 bash -c "umask $mask; exec pen --offline --agent claude sh -c 'umask'"
		[ "$output" = "$mask" ]
		[ -x "$HOME/.local/state/pen/log" ]
		: >"$HOME/.claude/x"
		rm -rf "$HOME/.claude" "$HOME/.claude.json"
	done
}

@test "a /proc without /proc/sys is named" {
	unshare -Urmpf mount -t proc -o subset=pid proc /proc 2>/dev/null ||
		skip_missing "proc's subset=pid for users (Linux 5.8)"
	expect 125 unshare -Urmpf bash -c \
		'mount -t proc -o subset=pid proc /proc && pen --offline true'
	has "subset=pid"
}

@test "state that has no room is not left behind empty" {
	unshare -Urm true 2>/dev/null || skip_missing "user namespaces"
	cat >"$T/full" <<-'END'
		mount -t tmpfs -o size=64k,nr_inodes=200 none "$HOME" && cd "$HOME" &&
		mkdir -p src/p .claude .local/state/pen/log && cd src/p &&
		head -c 1m /dev/zero >"$HOME/fill"
		pen --offline --agent claude true
		echo "status $?"
		[ ! -e "$HOME/.claude.json" ] || wc -c "$HOME/.claude.json"
		rm "$HOME/fill"
		pen --offline --agent claude true
		cat "$HOME/.claude.json"
	END
	expect 0 unshare -Urm bash "$T/full"
	has "status 125"
	has "cannot make '$HOME/.claude.json'"
	lacks "0 $HOME"
	has "{}"
}

@test "a home directory that cannot be written to is said, with what to do" {
	unshare -Urm true 2>/dev/null || skip_missing "user namespaces"
	cat >"$T/read-only" <<-'END'
		mount --bind "$PWD" "$PWD" && mount --rbind "$HOME" "$HOME" &&
		mount -o remount,ro,bind "$HOME" && cd "$PWD" || exit 9
		touch "$HOME/x" 2>/dev/null && exit 8
		pen --offline true
		echo "status $?"
		mkdir -p "$T/state"
		XDG_STATE_HOME=$T/state pen --offline sh -c ': >made' && [ -e made ]
	END
	T=$T expect 0 unshare -Urm bash "$T/read-only"
	has "Read-only file system"
	has "hint: set XDG_STATE_HOME"
	has "status 125"
}

@test "--list prints names, of files and of pen.conf, each once" {
	mkdir -p "$HOME/.config/pen" "$HOME/bin"
	cat >"$HOME/.config/pen/pen.conf" <<-'END'
		// agent commented {}
		profile work {} agent "mine" { mask = {"agent hidden {"} }
		agent claude {} group own { allow = {} }
		/* profile commented {} */ project "/agent x {" {}
	END
	expect 0 pen --list agents
	[ "$(sort -u <<<"$output")" = "$output" ]
	[ "$output" = "$({ for f in "$ROOT"/agents/*.conf; do basename "$f" .conf
		done; echo mine; } | LC_ALL=C sort)" ]
	expect 0 pen --list profiles
	[ "$output" = "default
work" ]
	expect 0 pen --list groups
	has @own
	has @github
	has @npm
	printf '#!/bin/sh\n' >"$HOME/bin/mine"
	chmod +x "$HOME/bin/mine"
	mkdir "$HOME/shims"
	ln -s "$BIN/pen-shim" "$HOME/shims/mine"
	PATH=$HOME/shims:$HOME/bin:$PATH expect 0 pen --list programs
	has "mine	$HOME/bin/mine"
	lacks commented
	expect 125 pen --list things
	has "'things' is none of agents, profiles, groups and programs"
}

@test "--list needs no HOME, and tells what it can of a broken pen.conf" {
	expect 0 env -u HOME "$BIN/pen" --list agents
	has claude
	mkdir -p "$HOME/.config/pen"
	printf 'profile one {}\nprofile two { x = 1 }\n' \
		>"$HOME/.config/pen/pen.conf"
	run --separate-stderr pen --list profiles
	[ "$status" -eq 0 ]
	[[ $output == *one* && $stderr == *pen.conf:2:* ]]
	chmod 666 "$HOME/.config/pen/pen.conf"
	expect 0 pen --list profiles
	has "can be written by others"
	lacks one
}

@test "a slip in an option, an agent, a profile or a group names what was meant" {
	expect 125 pen --ofline true
	has "unknown option '--ofline'"
	has "hint: did you mean '--offline'? pen --help lists the options"
	expect 125 pen --alow=x.org true
	has "did you mean '--allow'?"
	expect 125 pen -offline true
	has "did you mean '--offline'?"
	expect 125 pen --zebra true
	has "hint: pen --help lists the options"
	lacks "did you mean"
	expect 125 pen --agent cluade true
	has "there is no agent 'cluade'"
	has "hint: did you mean 'claude'? agents are"
	expect 127 pen cluade
	[[ $output == *"hint: did you mean 'claude'?" ]]
	expect 127 pen no-such-program
	lacks hint
	mkdir -p "$T/gone" # an agent whose program npm has not finished
	ln -s nowhere "$T/gone/kilo"
	PATH=$T/gone:$PATH expect 127 pen kilo
	lacks hint
	expect 125 pen --allow @githb true
	has "there is no group 'githb'"
	has "hint: did you mean '@github'? groups are"
	expect 125 pen --allow @nmp true
	has "did you mean '@npm'?"
	mkdir -p "$HOME/.config/pen"
	echo 'profile untrusted {}' >"$HOME/.config/pen/pen.conf"
	expect 125 pen --profile untrsted true
	has "did you mean 'untrusted'?"
	expect 125 pen --profile x true
	lacks "did you mean"
	expect 125 pen-sni --alow x.org true
	has "did you mean '--allow'?"
}

@test "-h is --help, in every tool" {
	local tool
	expect 0 pen -h
	has "usage: pen "
	for tool in pen-ns pen-net pen-sni pen-filter pen-ctl pen-log pen-shell; do
		expect 0 $tool -h
		has "usage: $tool "
	done
}

@test "a URL or a git remote for a rule: what to write instead" {
	expect 125 pen --allow https://pypi.org/simple true
	has "write 'pypi.org'"
	expect 125 pen --allow pypi.org/simple true
	has "write 'pypi.org'"
	expect 125 pen --allow 'https://user:pw@x.example.org:8443/a?b' true
	has "write 'x.example.org:8443'"
	expect 125 pen --allow git@github.com:owner/name.git true
	has "write 'ssh://github.com'"
	expect 125 pen --deny http://a.example.org/ true
	has "write 'http://a.example.org'"
	expect 125 pen --allow 'https:///x' true
	lacks "write '"
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { allow = {"https://a.org/b"} }' \
		>"$HOME/.config/pen/pen.conf"
	expect 125 pen true
	has "pen.conf:1: allow: 'https://a.org/b': "
	has "write 'a.org'"
}

@test "an option of pen behind an agent's name: where it goes" {
	mkdir -p "$HOME/bin"
	printf '#!/bin/sh\necho "$@"\n' >"$HOME/bin/claude"
	chmod +x "$HOME/bin/claude"
	PATH=$HOME/bin:$PATH
	expect 0 pen --offline claude --allow @npm
	has "pen: '--allow' comes after 'claude', and is an option of claude there"
	has "hint: options of pen come first: pen --allow ... claude"
	expect 0 pen --offline claude --rw=/x
	has "hint: options of pen come first: pen --rw ... claude"
	# what an agent may have itself, and other programs
	expect 0 pen --offline claude --print --allowedTools x --offline -- --allow
	lacks hint
	expect 0 pen --offline echo --allow @npm
	[ "$output" = "--allow @npm" ]
}

@test "more rules than a command line takes are an error that says so" {
	mkdir -p "$HOME/.config/pen"
	{
		echo 'profile default { allow = {"a.test"'
		printf ', "h%d.example.org"\n' {1..100000}
		echo '} }'
	} >"$HOME/.config/pen/pen.conf"
	expect 125 pen true
	has "Argument list too long"
	has "hint: its command line or environment is too long: fewer rules"
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

@test "a script for a shell of the program's name: the next on PATH is shown, too" {
	mkdir -p "$HOME/real" "$HOME/mine" "$HOME/third"
	cp /bin/echo "$HOME/real/thing"
	cp /bin/true "$HOME/third/thing"
	printf '#!/bin/sh\nexec ~/real/thing ran "$@"\n' >"$HOME/mine/thing"
	chmod +x "$HOME/mine/thing"
	PATH=$HOME/mine:$HOME/real:$HOME/third:$PATH
	expect 0 thing x
	expect 0 pen --offline thing x
	equals "ran x"
	expect 0 pen --offline --print thing
	lacks "--ro-bind $HOME/third"
	# not for what is no script
	PATH=$HOME/real:$HOME/third:$PATH
	expect 0 pen --offline --print thing
	lacks "--ro-bind $HOME/third"
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

@test "an agent is told what its section says, and nothing else is" {
	mkdir -p "$HOME/.config/pen" "$HOME/bin"
	echo 'agent told { args = {"one", "t w o"} }' >"$HOME/.config/pen/pen.conf"
	printf '#!/usr/bin/env -S python3\nimport sys\nprint(sys.argv[1:])\n' \
		>"$HOME/bin/told"
	printf '#!/bin/sh\necho "$@"\n' >"$HOME/bin/script"
	chmod +x "$HOME/bin/told" "$HOME/bin/script"
	ln -s told "$HOME/bin/link"
	PATH=$HOME/bin:$PATH
	expect 0 pen --offline told three
	equals "['one', 't w o', 'three']"
	expect 0 pen --offline link three
	equals "['one', 't w o', 'three']"
	expect 0 pen --offline --agent told script three
	equals three
	mv "$HOME/bin/script" "$HOME/bin/told"
	expect 0 pen --offline told three
	equals three
}

# own_tool DIR NAME : a program of the user's in a directory of the home
own_tool() {
	mkdir -p "$HOME/$1"
	printf '#!/bin/sh\necho ran\n' >"$HOME/$1/$2"
	chmod +x "$HOME/$1/$2"
}

@test "a directory of PATH that is not shown is named once, when it is called for" {
	own_tool tools mytool
	own_tool tools other
	own_tool more mytool
	own_tool more cat
	PATH=$HOME/tools:$HOME/more:$PATH
	expect 0 mytool
	expect 127 pen --offline sh -c 'mytool; other; mytool'
	[ "$(grep -c "is in '$HOME/tools'" <<<"$output")" -eq 1 ]
	has "hint: pen --ro '$HOME/tools'"
	expect 0 pen --offline --ro "$HOME/tools" sh -c mytool
	equals ran
	expect 0 pen --offline sh -c 'cat </dev/null; : ./mytool /x/other'
	equals ''
	# pen's own are in the prompts that pen-shell sets
	expect 0 pen --offline sh -c ': "[pen]" pen-ctl'
	equals ''
}

@test "a script that ends with 127 for a program that is not shown says where PATH has it" {
	own_tool tools mytool
	mkdir "$HOME/empty"
	"$BIN/pen-shim" --install claude 2>/dev/null
	PATH=$HOME/empty:$HOME/tools:$HOME/.local/share/pen/shims:$HOME/tools:$PATH
	printf 'set -e\nmytool\n' >script
	expect 127 pen --offline sh script
	has "pen: status 127, as of a command that is not found: of PATH, '$HOME/tools' is not shown"
	has "hint: pen --ro DIR"
	expect 0 pen --offline --ro "$HOME/tools" sh script
	equals ran
	# once
	expect 127 pen --offline sh -c mytool
	lacks "status 127"
	# the control: another status, and nothing that is hidden
	expect 1 pen --offline sh -c 'sh script || exit 1'
	lacks "status 127"
	PATH=$BIN:/usr/bin:/bin expect 127 pen --offline sh script
	lacks "status 127"
	# what the model is told is the same directory
	expect 0 pen --offline grep -c "^    $HOME" /run/pen/README
	equals 1
}

@test "what a build reads is passed on, and a program that is not there is not" {
	own_tool tools mycc
	export CI=1 NODE_ENV=test CFLAGS=-O0 EDITOR=vi CC='mycc -x' VISUAL=mycc \
		CXX=/usr/bin/env SECRET_TOKEN=x GIT_AUTHOR_NAME=Me
	PATH=$HOME/tools:$PATH
	expect 0 pen --offline sh -c 'echo "$CI $NODE_ENV $CFLAGS $CXX" \
		"$GIT_AUTHOR_NAME <$CC$VISUAL$SECRET_TOKEN>"'
	has "1 test -O0 /usr/bin/env Me <>"
	has "CC is not set inside: 'mycc' is not shown"
	lacks VISUAL
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

@test "state that is replaced by rename can be written, and is there again" {
	# as Claude Code does: lock, temporary, rename, and on EBUSY in place
	expect 0 pen --agent claude sh -ec '
		cd
		mkdir .claude.json.lock
		echo "{\"new\": 1}" >.claude.json.tmp
		if mv -T .claude.json.tmp .claude.json 2>/dev/null; then exit 9; fi
		cat .claude.json.tmp >.claude.json
		rm .claude.json.tmp
		rmdir .claude.json.lock'
	expect 0 pen --agent claude sh -c 'cat ~/.claude.json'
	has '"new": 1'
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
	[[ $output != *$'\ndotfiles'* ]]
	[ -e "$HOME/dotfiles/claude/made" ]
	[ "$(cat "$HOME/dotfiles/claude.json")" = '{"mine": 1}' ]
	[ -L "$HOME/.claude.json" ]
	expect 0 pen --agent claude sh -c 'cat ~/.claude.json'
	[ "$output" = x ]
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
		'cd "$CLAUDE_CONFIG_DIR" && echo new >t && cat t >.claude.json'
	[ "$(cat "$HOME/cc/t" "$HOME/cc/.claude.json")" = $'new\n{}' ]
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

@test "what a later agent would execute is a draft in its state" {
	mkdir -p "$HOME/.claude/hooks"
	echo '{}' >"$HOME/.claude/settings.json"
	expect 0 pen --agent claude sh -c 'cd ~/.claude
		echo "{\"hooks\":{\"Stop\":[{\"hooks\":[{\"type\":\"command\",
			\"command\":\"x\"}]}]}}" >settings.json
		: >hooks/h; : >commands/c'
	[ "$(cat "$HOME/.claude/settings.json")" = '{}' ]
	[ ! -e "$HOME/.claude/hooks/h" ]
	[ ! -e "$HOME/.claude/commands/c" ]
	expect 0 pen --agent claude sh -c 'cd ~/.claude
		cat settings.json; ls hooks commands'
	has '"hooks"'
	[[ $output == *h*c* ]]
	expect 1 pen --agent claude rm -f "$HOME/.claude/settings.json"
}

@test "draft: a missing path is made where it says so, and held back" {
	mkdir -p "$HOME/.config/pen"
	cat >"$HOME/.config/pen/pen.conf" <<-'END'
		profile default {
			state = {"~/.tool/"}
			draft = {"+~/.tool/a/b/", "+~/.tool/c.json#json:tool",
				 "~/.tool/d", "tools/"}
		}
	END
	mkdir tools
	expect 0 pen sh -c ': >~/.tool/a/b/x; cat ~/.tool/c.json
		echo x >~/.tool/c.json; : >tools/x; cat ~/.tool/c.json'
	[ "${lines[0]}" = '{}' ]
	[ "${lines[1]}" = x ]
	[ "$(cat "$HOME/.tool/c.json")" = '{}' ]
	[ ! -e "$HOME/.tool/a/b/x" ]
	[ ! -e tools/x ]
	[ ! -e "$HOME/.tool/d" ]
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
		expect 0 bash -c "pen bash -c 'all=\$(for i in 0 1 2; do
			readlink /proc/\$\$/fd/\$i; done); echo \"\$all\" >seen' $closed"
		[ "$(grep -c . seen)" -eq 3 ]
		grep -qx /dev/null seen
	done
	expect 0 bash -c "pen sh -c 'cat; echo x' <&- >&-"
}

@test "args_if: an agent gets its arguments only where its settings say so" {
	mkdir -p "$HOME/bin" "$HOME/.config/pen" "$HOME/.toy"
	printf '#!/usr/bin/python3\nimport sys\n%s\n' \
		'print("toy:", *sys.argv[1:])' >"$HOME/bin/toy"
	chmod +x "$HOME/bin/toy"
	PATH=$HOME/bin:$PATH
	cat >"$HOME/.config/pen/pen.conf" <<-'END'
		agent toy {
			ro = {"~/bin"}
			args = {"--plain"}
			args_if = {"~/.toy/a.json#box.on", ".toy.json#box.on"}
		}
	END
	expect 0 pen --offline toy x
	[ "$output" = 'toy: x' ]
	echo '{"box": {"on": true}}' >"$HOME/.toy/a.json"
	expect 0 pen --offline toy x
	[ "$output" = 'toy: --plain x' ]
	echo '{"box": {"on": "true"}}' >"$HOME/.toy/a.json"
	mkfifo .toy.json
	expect 0 pen --offline toy x
	[ "$output" = 'toy: x' ]
	rm .toy.json
	echo '{"box": {"on": true}}' >.toy.json
	expect 0 pen --offline toy x
	[ "$output" = 'toy: --plain x' ]
	echo 'agent toy { args_if = {"~/.toy"} }' >"$HOME/.config/pen/pen.conf"
	expect 125 pen --offline toy x
	has 'it is not FILE#KEY'
}

@test "what was writable is noted for the end of the run, with what it is" {
	mkdir -p "$HOME/.config/pen" "$HOME/o"
	echo 'profile default { history = yes }' >"$HOME/.config/pen/pen.conf"
	pen --offline --agent claude --rw "$HOME/o" sh -c \
		': >go; until [ -e done ]; do :; done' 3>&- &
	until_true test -e go
	run /usr/bin/python3 -c 'import glob, json, os
run, = glob.glob(os.environ["HOME"] + "/.local/state/pen/projects/*/runs/*/manifest.json")
for tree in json.load(open(run))["trees"]:
    print(tree["kind"], os.path.basename(tree["path"]))'
	: >done
	wait "$!"
	has "project ${PWD##*/}"
	has 'rw o'
	has 'state .claude'
	has 'state .claude.json'
	lacks history
	run find "$HOME/.local/state/pen/projects" -name manifest.json
	[ -z "$output" ]
}
