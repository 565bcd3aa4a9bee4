# pen.conf(5): groups of rules, named and by what the host's tools are
# configured for.

load ../lib/common

setup() {
	scratch
	unset npm_config_registry NPM_CONFIG_REGISTRY NPM_CONFIG_USERCONFIG \
		PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE
	mkdir -p "$HOME/.config/pen"
	CONF=$HOME/.config/pen/pen.conf
}

# setting KEY OPTION… : its values, one a line
setting() {
	local key=$1
	shift
	expect 0 bash -c '"${@:2}" | sed -n "s/^$1 = \(.*\)	# .*/\1/p"' - \
		"$key" pen --print=conf "$@" true
}

# on_a_host COMMAND… : where /etc has what is in $T/etc
on_a_host() {
	local binds=() f
	for f in "$T"/etc/*; do
		binds+=(--ro-bind "$f" "/etc/${f##*/}")
	done
	bwrap --dev-bind / / --tmpfs /etc --ro-bind /etc/passwd /etc/passwd \
		--ro-bind-try /etc/alternatives /etc/alternatives \
		"${binds[@]}" "$@"
}

# ---- named -----------------------------------------------------------------

@test "@NAME in a list of rules is the rules of that group" {
	setting allow --allow @crates --allow a.example
	[ "$output" = $'index.crates.io\nstatic.crates.io\na.example' ]
	setting allow --allow @github
	has ssh://github.com
	has codeload.github.com
	expect 0 pen --print --allow @go true
	has "--allow proxy.golang.org"
	lacks @go
}

@test "every shipped group can be used, and is named like its file" {
	local f
	for f in "$ROOT"/groups/*.conf; do
		f=${f##*/}
		setting allow --allow "@${f%.conf}"
		[ -n "$output" ]
		lacks @
	done
}

@test "a group of one's own adds to a shipped one, or is new, and can be denied" {
	cat >"$CONF" <<-'END'
		group crates { allow += {"crates.corp.example"} }
		group go { allow = {"goproxy.corp.example"} }
		group corp { allow = {"*.corp.example", "tcp://db.corp.example:5432"} }
		profile default { allow = {"@corp", "@crates", "@go"} }
		profile less { allow = {"@crates"} deny = {"@corp"} }
	END
	setting allow
	[ "$output" = $'*.corp.example\ntcp://db.corp.example:5432\nindex.crates.io\nstatic.crates.io\ncrates.corp.example\ngoproxy.corp.example' ]
	setting deny --profile less
	[ "$output" = $'*.corp.example\ntcp://db.corp.example:5432' ]
	expect 0 pen --print=conf true
	has "allow = index.crates.io	# $CONF, profile default, @crates"
}

@test "a group that is not there, or has another key, is 125 and says which" {
	expect 125 pen --print --allow @none true
	has "command line, @none: there is no group 'none'"
	expect 125 pen --print --allow @../agents/claude true
	has "it is not the name of a group"
	echo 'group a { env = {"X"} }' >"$CONF"
	expect 125 pen --print true
	has "no such option 'env'"
	echo 'group a { allow = {"@crates"} } profile default { allow = {"@a"} }' \
		>"$CONF"
	expect 125 pen --print true
	has "a group names a group"
}

# ---- by configuration ------------------------------------------------------

@test "@npm is the registries that the user's npm is configured for" {
	cat >"$HOME/.npmrc" <<-'END'
		; a comment = https://comment.example/
		registry = "https://user:SECRET@npm.corp.example/repository/npm/"
		@corp:registry=http://other.corp.example:4873
		//npm.corp.example/:_authToken=TOKEN
		always-auth=true
	END
	setting allow --allow @npm
	[ "$output" = $'npm.corp.example\nhttp://other.corp.example:4873' ]
	npm_config_registry=https://env.corp.example/ setting allow --allow @npm
	has env.corp.example
	rm "$HOME/.npmrc"
	setting allow --allow @npm
	[ "$output" = '*.npmjs.org' ]
}

@test "@npm tells npm inside which registry, without the password" {
	echo 'registry=https://user:SECRET@npm.corp.example/npm/' >"$HOME/.npmrc"
	expect 0 pen --allow @npm sh -c 'echo $npm_config_registry'
	[ "$output" = https://npm.corp.example/npm/ ]
	expect 0 pen --allow @npm --env npm_config_registry=https://mine.example/ \
		sh -c 'echo $npm_config_registry'
	[ "$output" = https://mine.example/ ]
	expect 0 pen --print --allow @npm true
	lacks SECRET
}

@test "a project's .npmrc and pip.conf say nothing" {
	echo 'registry=https://evil.example/' >.npmrc
	printf '[global]\nindex-url = https://evil.example/\n' >pip.conf
	setting allow --allow @npm --allow @pip
	lacks evil
	cp .npmrc "$HOME/.npmrc"
	setting allow --allow @npm
	has evil.example
}

@test "@pip is the indexes that the user's pip is configured for" {
	mkdir -p "$HOME/.config/pip"
	cat >"$HOME/.config/pip/pip.conf" <<-'END'
		[global]
		# index-url = https://comment.example/
		index-url = https://u:SECRET@pip.corp.example:8443/simple
		extra-index-url =
		    https://one.corp.example/simple
		    https://two.corp.example/simple
		timeout = 60
		[install]
		no-index = no
		trusted-host = trusted.example
	END
	setting allow --allow @pip
	[ "$output" = $'pip.corp.example:8443\none.corp.example\ntwo.corp.example' ]
	expect 0 pen --allow @pip sh -c 'echo $PIP_INDEX_URL'
	[ "$output" = https://pip.corp.example:8443/simple ]
	rm "$HOME/.config/pip/pip.conf"
	setting allow --allow @pip
	[ "$output" = $'pypi.org\nfiles.pythonhosted.org' ]
	PIP_INDEX_URL=https://env.example/ setting allow --allow @pip
	[ "$output" = env.example ]
}

@test "@apt is the hosts of the system's sources, in both formats" {
	mkdir -p "$T/etc/apt/sources.list.d"
	cat >"$T/etc/apt/sources.list" <<-'END'
		# deb http://comment.example/debian stable main
		deb http://mirror.corp.example/debian stable main
		deb-src [signed-by=/x y=z] https://src.corp.example:8443/debian stable main
		deb cdrom:[Debian]/ stable main
		deb file:/srv/mirror stable main
	END
	cat >"$T/etc/apt/sources.list.d/a.sources" <<-'END'
		Types: deb
		URIs: http://one.corp.example/debian
		 https://two.corp.example/debian
		Suites: stable
		Components: main
	END
	echo 'deb http://off.example/ stable main' >"$T/etc/apt/sources.list.d/b.off"
	setting() {
		expect 0 on_a_host pen --print=conf "$@" true
		output=$(sed -n "s/^allow = \(.*\)	# .*/\1/p" <<<"$output" |
			sort)
	}
	setting --allow @apt
	[ "$output" = $'http://mirror.corp.example\nhttp://one.corp.example\nsrc.corp.example:8443\ntwo.corp.example' ]
}

@test "the system's npmrc and pip.conf count, and the user's too" {
	mkdir -p "$T/etc"
	echo 'registry=https://system.example/' >"$T/etc/npmrc"
	printf '[global]\nindex-url=https://pip.example/\n' >"$T/etc/pip.conf"
	echo 'registry=https://user.example/' >"$HOME/.npmrc"
	expect 0 on_a_host pen --print=conf --allow @npm --allow @pip true
	has "allow = system.example"
	has "allow = user.example"
	has "allow = pip.example"
	lacks pypi.org
}

# ---- private ---------------------------------------------------------------

@test "host NAME { private = true } lets that name have private addresses" {
	cat >"$CONF" <<-'END'
		profile default {
			allow = {"tcp://db.corp.example:5432", "*.corp.example"}
			host "db.corp.example" { private = true }
			host "*.lan.corp.example" { private = true }
		}
		project "~/src/project" {
			host "*.lan.corp.example" { private = false }
		}
	END
	expect 0 pen --print true
	has "--private db.corp.example"
	lacks "--private *.lan"
	lacks "--private '*.lan"
	expect 0 pen --print --private nas.example true
	has "--private nas.example"
}

@test "a host section with another key or no name is 125, with its line" {
	printf 'profile default {\n\thost "10.0.0.1" { private = true }\n}\n' >"$CONF"
	expect 125 pen --print true
	has "pen.conf:2: host: '10.0.0.1': it is not a host name"
	printf 'profile default {\n\thost "a.example" { public = true }\n}\n' >"$CONF"
	expect 125 pen --print true
	has "no such option 'public'"
}

@test "a registry on the host's loopback, or at an address, is said to need more" {
	echo 'registry=http://127.0.0.1:4873/' >"$HOME/.npmrc"
	expect 0 pen --allow @npm true
	has "port 4873 of the host's loopback is not reached"
	has "hint: pen --reach 4873"
	echo 'registry=http://u:SECRET@10.0.0.1/' >"$HOME/.npmrc"
	expect 0 pen --allow @npm true
	has "'http://10.0.0.1/' is not a host that a rule can have"
}

# ---- an upstream proxy -----------------------------------------------------

@test "upstream_proxy goes to pen-sni, with the password in no command line" {
	echo 'profile default { upstream_proxy = "http://us%40er:SEC%3ARET@proxy.example:3128/" }' \
		>"$CONF"
	expect 0 pen --print true
	has "--upstream-proxy proxy.example:3128"
	lacks SEC
	expect 0 pen --print=conf true
	lacks SEC
	expect 0 pen sh -c 'env | grep -c UPSTREAM || tr "\0" "\n" </proc/*/cmdline | grep -c SEC || echo none'
	has none
}

@test "upstream_proxy = env is the proxy that the host's programs use" {
	echo 'profile default { upstream_proxy = env }' >"$CONF"
	HTTPS_PROXY=http://proxy.example:8080 expect 0 pen --print true
	has "--upstream-proxy proxy.example:8080"
	expect 0 env -u HTTPS_PROXY -u https_proxy -u ALL_PROXY -u all_proxy \
		pen --print true
	lacks upstream
	https_proxy=socks5://u:SECRET@proxy.example:1080 expect 125 pen --print true
	has "it is a proxy of another kind: 'socks5'"
	lacks SECRET
	echo 'profile default { upstream_proxy = "ftp://x" }' >"$CONF"
	expect 125 pen --print true
	has "it is none of none, env, http://"
}
