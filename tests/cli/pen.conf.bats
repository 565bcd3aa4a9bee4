#!/usr/bin/env bats
# pen.conf(5): what is read, what wins, and what is refused.

load ../lib/common

setup() {
	scratch
	mkdir -p "$HOME/.config/pen"
	CONF=$HOME/.config/pen/pen.conf
}

conf() {
	cat >"$CONF"
}

# setting KEY : its values as --print=conf has them, one a line
setting() {
	local key=$1
	shift
	run pen --print=conf "$@"
	[ "$status" -eq 0 ] || {
		echo "$output" >&2
		return 1
	}
	output=$(sed -n "s/^$key = \([^	]*\).*/\1/p" <<<"$output")
}

@test "without a file, the defaults are what they say" {
	rm -r "$HOME/.config"
	setting allow true
	[ -z "$output" ]
	setting network true
	[ "$output" = allowlist ]
	setting draft_size true
	[ "$output" = 256M ]
	setting overlay_size true
	[ "$output" = 16G ]
	setting at_end true
	[ "$output" = tell ]
}

@test "the default profile applies to any command, another when it is named" {
	conf <<-'END'
		profile default { allow = {"default.example"} }
		profile other { allow = {"other.example"} network = offline }
	END
	setting allow true
	[ "$output" = default.example ]
	setting allow --profile other true
	[ "$output" = other.example ]
	setting network --profile other true
	[ "$output" = offline ]
	expect 125 pen --profile nobody true
	has "there is no profile 'nobody'"
	expect 0 pen --profile default true
}

@test "= replaces a list, += adds to it" {
	conf <<-'END'
		agent claude { allow += {"plus.example"} }
		agent codex { allow = {"only.example"} }
		agent gemini { allow = {} }
		agent aider { allow = {"a.example"} allow += {"b.example"} }
	END
	setting allow --agent claude true
	[[ $output == *api.anthropic.com*plus.example ]]
	setting allow --agent codex true
	[ "$output" = only.example ]
	setting allow --agent gemini true
	[ -z "$output" ]
	setting allow --agent aider true
	[ "$output" = "a.example
b.example" ]
}

@test "agent, profile, project, command line: the later one wins" {
	conf <<-END
		agent own { tmp_size = 1M debug = yes nesting = yes perf = yes
			allow = {"agent.example"} }
		profile default { tmp_size = 2M debug = no nesting = no
			allow += {"profile.example"} }
		project "$PWD" { tmp_size = 3M debug = on
			allow += {"project.example"} }
	END
	setting tmp_size --agent own true
	[ "$output" = 3M ]
	setting debug --agent own true
	[ "$output" = true ]
	setting nesting --agent own true
	[ "$output" = false ]
	setting perf --agent own true
	[ "$output" = true ]
	setting allow --agent own --allow typed.example true
	[ "$output" = "agent.example
profile.example
project.example
typed.example" ]
	setting network --agent own --offline true
	[ "$output" = offline ]
}

@test "a project is meant by its path, ~ and links included" {
	ln -s "$HOME/src" "$HOME/alias"
	local title
	for title in "$PWD" '~/src/project' "$HOME/alias/project"; do
		conf <<<"project \"$title\" { perf = true }"
		setting perf true
		[ "$output" = true ]
	done
	conf <<<'project "~/src" { perf = true }'
	setting perf true
	[ "$output" = false ]
}

@test "--print=conf says where each setting came from" {
	conf <<<'profile default { allow = {"a.example"} perf = yes }'
	expect 0 pen --print=conf --deny b.example true
	has "allow = a.example	# $CONF, profile default"
	has "perf = true	# $CONF, profile default"
	has "deny = b.example	# command line"
	has "network = allowlist	# pen itself"
}

@test "a file in the project is never policy" {
	mkdir -p .config/pen agents
	echo 'profile default { perf = true }' | tee pen.conf .pen.conf \
		.config/pen/pen.conf >agents/true.conf
	setting perf true
	[ "$output" = false ]
	expect 125 pen --config pen.conf true
	has "pen keeps its own files in"
}

@test "--config reads another file instead of the user's" {
	conf <<<'profile default { perf = true }'
	echo 'profile default { debug = true }' >"$HOME/other.conf"
	setting perf --config "$HOME/other.conf" true
	[ "$output" = false ]
	setting debug --config "$HOME/other.conf" true
	[ "$output" = true ]
	expect 125 pen --config "$HOME/nowhere.conf" true
	has "cannot read '$HOME/nowhere.conf': No such file"
}

@test "an agent of one's own is a section" {
	conf <<-'END'
		agent robot {
			allow = {"robot.example"}
			state = {"~/.robot/"}
			env = {"ROBOT_*", "MODE=a b"}
		}
	END
	mkdir "$HOME/bin"
	printf '#!/bin/sh\necho "$MODE $ROBOT_KEY"; : >~/.robot/made' \
		>"$HOME/bin/robot"
	chmod +x "$HOME/bin/robot"
	ROBOT_KEY=k PATH=$HOME/bin:$PATH expect 0 pen robot
	[ "$output" = "a b k" ]
	[ -e "$HOME/.robot/made" ]
}

# bad LINE MESSAGE : what is on stdin is refused there, and nothing runs
bad() {
	conf
	expect 125 pen touch made
	has "$CONF:$1: "
	has "$2"
	[ ! -e made ]
}

@test "an error names file, line and key, and nothing runs" {
	bad 2 "no such option 'alow'" <<-'END'
		profile default {
			alow = {"a.example"}
		}
	END
	bad 5 "no such option 'alow'" <<-'END'
		# comments, which libconfuse counts more than once
		// 2
		profile default { /* 3
			# 4 */ allow = {"a.example"} # 4
			alow = {"a.example"} } // 5
	END
	has "hint: did you mean 'allow'?"
	bad 1 "no such option 'perf'" <<<'perf = true'
	has 'hint: keys are in sections: profile default { perf = ... }'
	bad 1 "invalid boolean value for option 'perf'" \
		<<<'profile default { perf = maybe }'
	bad 3 "allow: 'not a name': it is not a host name" <<-'END'
		profile default {
			allow = {"a.example",
				 "not a name"}
		}
	END
	bad 1 "allow: '*.org': a wildcard" \
		<<<'profile default { allow = {"*.org"} }'
	bad 1 "allow: '*.co.uk': everybody" \
		<<<'profile default { allow = {"*.co.uk"} }'
	bad 1 "network: 'closed': it is none" \
		<<<'profile default { network = closed }'
	bad 1 "ro: 'relative': it is neither absolute" \
		<<<'profile default { ro = {"relative"} }'
	bad 1 "tmp_size: '0G'" <<<'profile default { tmp_size = 0G }'
	bad 1 "processes: '0': it is not" <<<'profile default { processes = 0 }'
	bad 1 "duplicate title 'default'" \
		<<<'profile default {} profile default {}'
	bad 1 "missing title" <<<'profile { perf = true }'
	bad 1 "no such option 'include'" <<<'include("/etc/passwd")'
	bad 1 'allow: '"'a\\x0ab'" <<<"profile default { allow = {\"a\\nb\"} }"
}

@test "a file that ends too early is an error, whatever was read of it" {
	local text
	for text in 'profile default {' 'profile default { perf = yes' profile \
		'profile default' 'profile default { perf =' \
		'profile default { allow = {"a.example"' \
		'profile default { allow = {"a.example",' \
		'profile default { ro = {"~/x' "profile default { ro = {'~/x" \
		'profile default {} /* and' 'profile default {}"' \
		'profile default { allow = {"a.example"} # }'; do
		conf <<<"$text"
		expect 125 pen touch made
		has "pen: $CONF:"
		printf '%s' "$text" >"$CONF"
		expect 125 pen touch made
		[[ $output == "pen: $CONF:"[12]": "* ]]
		[ ! -e made ]
	done
	bad 2 "the file ends too early" <<<$'profile default {\n\tperf = yes'
	bad 3 "the file ends too early" <<<$'profile default {}\n/* and\n'
	bad 1 "no such option 'the-last-line'" <<<'the-last-line = yes'
	bad 1 "no such option 'the-last-line'" \
		<<<$'the-last-line = yes\nprofile default {'
	printf 'profile default {}\n\0profile default {' >"$CONF"
	expect 125 pen true
	has "it is not text"
	: >"$CONF"
	expect 0 pen true
	printf '# only' >"$CONF"
	expect 0 pen true
	# neither is counted as lines are
	conf <<<$'profile default { env = {"A=${NO_SUCH:-\n}", "B=\\\nthe-last-line"} }'
	expect 0 pen true
}

@test "bad text is visible in the message, not obeyed by the terminal" {
	printf 'profile default { allow = {"\e[31mred"} }' >"$CONF"
	expect 125 pen true
	has '\x1b[31mred'
	lacks $'\e'
}

@test "a file that others can write, or somebody else's, is refused" {
	conf <<<'profile default {}'
	chmod g+w "$CONF"
	expect 125 pen true
	has "'$CONF' can be written by others"
	has "hint: chmod go-w '$CONF'"
	chmod 646 "$CONF"
	expect 125 pen true
	chmod 600 "$CONF"
	expect 0 pen true
}

@test "an unreadable file, a directory or a FIFO in its place is an error" {
	conf <<<'profile default {}'
	chmod 0 "$CONF"
	expect 125 pen true
	has "cannot read '$CONF': Permission denied"
	rm -f "$CONF"
	mkdir "$CONF"
	expect 125 pen true
	rmdir "$CONF"
	mkfifo "$CONF"
	expect 125 pen true
	has "it is not a file"
}

@test "ro and rw of a missing path are errors, unless it has a -" {
	conf <<<'profile default { ro = {"~/nowhere"} }'
	expect 125 pen true
	has "cannot show '$HOME/nowhere' ($CONF, profile default)"
	conf <<<'profile default { ro = {"-~/nowhere"} rw = {"-~/nowhere"} }'
	expect 0 pen true
}

@test "mask hides a file or a directory of the project" {
	echo PLANTED >.env
	mkdir private
	echo PLANTED >private/key
	expect 0 pen cat .env private/key # the control
	conf <<<'profile default { mask = {".env", "private", "missing"} }'
	expect 1 pen cat .env private/key
	lacks PLANTED
	expect 1 pen mv .env x
	expect 0 pen ls private
	[ -z "$output" ]
	ln -sf private/key link
	conf <<<'profile default { mask = {"link"} }'
	expect 125 pen true
	has "cannot mask '$PWD/link': it is a symbolic link"
}

# hidden PATH… : their text is PLANTED, and not seen with these options of pen
hidden() {
	local paths=$1
	shift
	run cat $paths
	has PLANTED
	run pen "$@" cat $paths
	lacks PLANTED
}

@test "mask hides what is shown read-only, and what the system shows" {
	mkdir -p "$HOME/docs/sub"
	echo fine >"$HOME/docs/public"
	echo PLANTED | tee "$HOME/docs/secret" >"$HOME/docs/sub/key"
	conf <<-'END'
		profile default { ro = {"~/docs"}
			mask = {"~/docs/secret", "~/docs/sub", "/etc/hostname",
				"/bin/sed"} }
	END
	hidden "$HOME/docs/secret $HOME/docs/sub/key"
	expect 0 pen cat "$HOME/docs/public"
	[ "$output" = fine ]
	expect 0 test -s /etc/hostname # the control
	expect 1 pen cat /etc/hostname
	expect 1 pen cat /usr/bin/sed
	expect 0 pen cat /etc/passwd
}

@test "mask and protect hold whatever the name by which a file is shown" {
	mkdir -p "$HOME/docs"
	echo PLANTED >"$HOME/docs/secret"
	echo kept >"$HOME/docs/keep"
	ln -s docs "$HOME/link"
	ln -s ../docs "$HOME/src/up"
	ln -s "$PWD" "$HOME/alias"
	git init -q .
	echo PLANTED >.env
	conf <<-'END'
		profile default { mask = {"~/docs/./secret", ".env"}
			protect += {"~//src/../docs/keep"} }
	END
	local how
	for how in "--rw $HOME/docs" "--rw ../../docs" "--rw $HOME//docs/." \
		"--rw $HOME/docs/" "--ro ../../docs" \
		"--rw $HOME/docs/secret" "--rw $HOME/docs/../docs/secret"; do
		hidden "$HOME/docs/secret" $how
		expect 0 pen $how sh -c '2>/dev/null echo x >~/docs/keep; :'
		[ "$(cat "$HOME/docs/keep")" = kept ]
	done
	hidden "$HOME/link/secret" --rw "$HOME/link"
	hidden "$HOME/src/up/secret" --rw "$HOME/src/up" --ro "$HOME/docs"
	expect 0 pen --rw "$HOME/link" sh -c '2>/dev/null echo x >~/link/keep; :'
	[ "$(cat "$HOME/docs/keep")" = kept ]
	# the project by another name
	hidden "$HOME/alias/.env" --rw "$HOME/alias"
	expect 0 pen --rw "$HOME/alias" sh -c ': >~/alias/.git/hooks/pre-commit'
	[ ! -e .git/hooks/pre-commit ]
	# the other way round: the mask goes by a link
	conf <<<'profile default { mask = {"~/link/secret", "~/alias/.env"} }'
	hidden "$HOME/docs/secret" --rw "$HOME/docs"
	hidden "$PWD/.env"
}

@test "a mask that hides nothing is a warning" {
	mkdir "$HOME/docs"
	echo PLANTED >"$HOME/docs/secret"
	conf <<<'profile default { ro = {"~/docs"} mask = {"~/docs/secert"} }'
	expect 0 pen true
	has "mask '~/docs/secert' ($CONF, profile default) hides nothing"
	has "there is no such file"
	conf <<<'profile default { ro = {"~/docs"} mask = {"~/docs/sec*"} }'
	expect 0 pen true
	has "it is a path, not a pattern"
	conf <<<'profile default { mask = {"*.env"} }'
	expect 0 pen true
	has "it is a path, not a pattern"
	# what is not shown is hidden already, and .env is not in every project
	conf <<<'profile default { mask = {"~/docs", ".env"} }'
	expect 0 pen true
	[ -z "$output" ]
	hidden "$HOME/docs/secret"
}

@test "protect makes a path of the project read-only" {
	conf <<-'END'
		profile default { protect += {"Makefile", "new"} }
	END
	: >Makefile
	: >package.json
	expect 2 pen sh -c 'echo x >Makefile'
	expect 0 pen sh -c 'echo x >package.json; : >new'
}

@test "draft = {} holds back git's own files still" {
	conf <<<'profile default { draft = {} }'
	git init -q .
	mkdir .vscode
	expect 0 pen sh -c 'echo x >.vscode/x; : >.git/hooks/h'
	[ -e .vscode/x ]
	[ ! -e .git/hooks/h ]
}

@test "protect of a directory or a file that is a draft makes it read-only" {
	conf <<<'profile default { protect = {".git/config", ".vscode"} }'
	git init -q .
	mkdir .vscode
	expect 2 pen sh -c 'echo x >>.git/config'
	expect 2 pen sh -c 'echo x >>.vscode/x'
	expect 0 pen sh -c 'echo x >>.git/hooks/x'
}

@test "a mask in a draft hides what it names" {
	conf <<<'profile default { mask = {".vscode/secret"} }'
	mkdir .vscode
	echo PLANTED >.vscode/secret
	expect 0 pen sh -c 'cat .vscode/secret; echo x >.vscode/x; cat .vscode/x'
	lacks PLANTED
	has x
	[ ! -e .vscode/x ]
}

@test "draft_size bounds what a run writes to drafts" {
	conf <<<'profile default { draft_size = 1M }'
	git init -q .
	expect 1 pen sh -c 'head -c 2000000 /dev/zero >.git/hooks/x'
	expect 0 pen sh -c 'head -c 500000 /dev/zero >.git/hooks/x'
}

@test "keys that are gone are errors that say what follows them" {
	conf <<<'profile default { report = {"x"} }'
	expect 125 pen true
	has "$CONF:1: report: there is no such key any more: whatever a run changes"
	conf <<<'profile default { protect_git_config = no }'
	expect 125 pen true
	has "$CONF:1: protect_git_config: there is no such key any more: git's"
}

@test "tmp_size bounds what the home directory and /tmp hold" {
	conf <<<'profile default { tmp_size = 1M }'
	git init -q .
	expect 1 pen sh -c 'head -c 2000000 /dev/zero >/tmp/x'
	has "pen: /tmp was full during the run: it is in memory, and tmp_size in pen.conf sets its size"
	lacks "home directory"
	expect 1 pen sh -c 'head -c 2000000 /dev/zero >~/x'
	has "pen: the home directory inside was full during the run"
	expect 0 pen sh -c 'head -c 900000 /dev/zero >~/x'
	lacks "full"
}

@test "processes bounds those inside, with nesting too" {
	expect 0 pen bash -c 'ulimit -u'
	[ "$output" -le 8192 ]
	conf <<<'profile default { processes = 200 nesting = yes }'
	expect 0 pen bash -c 'ulimit -u; ulimit -Hu'
	[[ $output == *$'\n200\n200' ]]
}

@test "nesting, debug and perf reach the tools that they are for" {
	conf <<<'profile default { nesting = yes debug = yes perf = yes }'
	expect 0 pen --print true
	[[ $output == *pen-ns*--nested*"-- /run/pen/pen-filter"*--nested*--debug*--perf*"-- true"* ]]
}

@test "cache keeps what package managers fetch, for this project and nobody else" {
	mkdir -p "$HOME/.npm" "$HOME/.cargo/registry"
	echo host >"$HOME/.npm/f"
	local write='for d in .npm .cache/pip .cache/uv .cargo/registry go/pkg/mod \
		.m2/repository .gradle/caches .local/share/pnpm/store; do
		mkdir -p ~/$d && echo inside >>~/$d/f; done; cat ~/.npm/f'
	expect 0 pen --offline sh -c "$write"
	equals inside
	expect 0 pen --offline sh -c "$write" # forgotten
	equals inside
	conf <<<'profile default { cache = yes }'
	expect 0 pen --offline sh -c "$write"
	equals inside
	expect 0 pen --offline sh -c "$write; cat ~/go/pkg/mod/f"
	equals "$(printf 'inside\n%.0s' 1 2 3 4)"
	[ "$(cat "$HOME/.npm/f")" = host ]
	[ -z "$(ls "$HOME/.cargo/registry")" ]
	[ ! -e "$HOME/go" ]
	cd "$HOME/src/sibling"
	expect 1 pen --offline cat "$HOME/.npm/f"
	# what the user has otherwise stays so
	expect 0 pen --offline --rw "$HOME/.npm" cat "$HOME/.npm/f"
	equals host
}

@test "/run/pen/README says what there is; tell_model = no takes it and the notice away" {
	mkdir -p "$T/bin"
	cp /bin/echo "$T/bin/codex"
	PATH=$T/bin:$PATH
	expect 0 pen --allow pypi.org --publish 3000 cat /run/pen/README
	has "$PWD"
	has "    pypi.org"
	has "    3000"
	has "pen-ctl allow NAME"
	has "room for 2G"
	has "    $T/bin"
	lacks "    $BIN"
	lacks "    /usr/bin"
	expect 1 pen --ro "$T/bin" grep -c "    $T/bin" /run/pen/README
	expect 0 pen --offline cat /run/pen/pen.instructions.md
	has "There is none but localhost"
	lacks pen-ctl
	expect 0 pen --offline sh -c 'echo x >/run/pen/README || echo kept'
	has kept
	expect 0 pen codex exec go
	has 'developer_instructions="You are running inside a pen'
	lacks @notice@
	lacks "which is in PATH"
	has "exec go"
	mkdir .codex
	echo developer_instructions >.codex/config.toml
	expect 0 pen codex exec go
	lacks "running inside"
	rm -r .codex
	conf <<<'profile default { tell_model = no }'
	expect 0 pen codex exec go
	lacks "running inside"
	expect 1 pen --offline sh -c 'ls /run/pen | grep -e README -e AGENTS'
	conf <<<'agent codex { tell_args = {} tell_env = {"A=1"} }'
	expect 0 pen codex exec go
	lacks "running inside"
	run -0 pen --print codex
	has "--setenv A 1"
	A=2 run -0 pen --print codex
	lacks "--setenv A"
	conf <<<'agent codex { tell_env = {"A"} }'
	expect 125 pen codex
	has "it is not NAME=VALUE"
	conf <<<'agent codex { tell_unless = {"file"} }'
	expect 125 pen codex
	has "it is not FILE#KEY"
	conf <<<'agent codex { tell_unless += {"@command@"} }'
	expect 0 pen codex exec go
	lacks "running inside"
	expect 0 pen codex --flag exec
	has "running inside"
	expect 0 pen codex 'do this'
	has "running inside"
	expect 0 pen codex
	has "running inside"
}

@test "a key says which API, where the credential is and how it is sent" {
	local wrong
	for wrong in 'key = {"anthropic"}' 'key = {"anthropic here bearer a"}' \
		'key_env = {"anthropic"}' 'key = {"a b c d e f"}' \
		'budget = {"anthropic a=1"}' 'budget = {"up=1"}' \
		'budget = {"anthropic per=week"}' 'budget = {"per=day"}'; do
		conf <<<"profile default { $wrong }"
		expect 125 pen --print true
		has "${wrong%% *}:"
	done
	conf <<<'profile default { key = {"vendor env:A bearer placeholder"} }'
	expect 125 pen --print true
	has 'anthropic, openai and gemini are known'
	conf <<-'END'
		profile default {
			key = {"openai env:OTHER bearer first",
			       "openai env:NAME x-key second INSIDE",
			       "anthropic env:NAME bearer third"}
			key_env = {"openai BASE=http://api.openai.com"}
			key_unless = {"anthropic OTHER_API"}
			budget = {"openai requests=5", "openai per=day",
				  "anthropic tokens=2M"}
			env = {"NAME", "OTHER"}
			allow = {"api.openai.com", "api.anthropic.com"}
		}
	END
	NAME=0123456789abcdefPLANTED OTHER_API=1 expect 0 pen --print true
	has "--header 'x-key: '"
	has '--budget requests=5'
	has '--budget per=day'
	lacks tokens=2M
	has '--placeholder second'
	has '--setenv INSIDE second'
	has '--setenv BASE http://api.openai.com'
	has '--allow api.anthropic.com'
	lacks '--allow api.openai.com'
	lacks PLANTED
	lacks '"$NAME"'
}

@test "key_git is a host, and key_git_push a ref of one" {
	local wrong
	for wrong in 'key_git = {"https://github.com"}' 'key_git = {"*.github.com"}' \
		'key_git = {"@github"}' 'key_git = {"ssh://github.com"}' \
		'key_git_push = {"github.com"}' 'key_git_push = {"github.com main"}' \
		'key_git_push = {"github.com refs/*/main"}'; do
		conf <<<"profile default { $wrong }"
		expect 125 pen --print true
		has "${wrong%% *}:"
	done
	conf <<-'END'
		profile default {
			key_git = {"github.com", "git.example.org:8443"}
			key_git_push = {"git.example.org:8443 refs/heads/pen/*",
					"github.com refs/tags/v1"}
			allow = {"github.com", "ssh://github.com"}
		}
	END
	# the control: a project without remotes there
	expect 0 pen --print true
	lacks pen-key
	has '--allow github.com'
	git init -q .
	git remote add origin git@github.com:owner/name.git
	git remote add other https://me@git.example.org:8443/a/b/c/
	git remote add none https://github.example.org/owner/none
	git remote add token https://ghp_0123456789012345678901234567890123456789@github.com/a/b
	expect 0 pen --print true
	grep -- '--\(upstream\|from\|repository\|push\) ' <<<"$output" |
		tr -d '\\\n' >words
	[ "$(tr -s ' ' <words)" = " --upstream https://github.com --from git --repository owner/name --push refs/tags/v1 --upstream https://git.example.org:8443 --from git:me --repository a/b/c --push 'refs/heads/pen/*' " ]
	lacks '--allow github.com'
	lacks '--allow ssh://github.com'
	lacks ghp_
	expect 0 pen --print=conf true
	has $'outside = git.example.org a/b/c\t'
	conf <<<'profile default { key_git = {"a.test", "b.test", "c.test", "d.test"} }'
	expect 125 pen --print true
	has 'at most 3'
}
