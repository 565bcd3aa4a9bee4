#!/usr/bin/env bats
# action.yml: what a runner would do with it, done here by hand.

load ../lib/common

setup() {
	scratch
	/usr/bin/python3 -c 'import yaml' 2>/dev/null || skip_missing python3-yaml
}

# step N : the Nth step's script, with its variables from the inputs, which are
# the environment's INPUT_*
step() {
	/usr/bin/python3 -c '
import os, re, subprocess, sys, yaml
action = yaml.safe_load(open(sys.argv[1] + "/action.yml"))
given = lambda s: re.sub(r"\$\{\{ *(inputs|github)\.([a-z-]+) *\}\}",
    lambda m: os.environ.get("INPUT_" + m[2].upper().replace("-", "_"),
        action["inputs"].get(m[2], {}).get("default", "")), s)
assert action["runs"]["using"] == "composite"
step = action["runs"]["steps"][int(sys.argv[2])]
assert step["shell"] == "bash"
env = {k: given(v) for k, v in step.get("env", {}).items()}
os.environ.update(env, GITHUB_ACTION_PATH=sys.argv[1])
sys.exit(subprocess.run(["bash", "-eo", "pipefail", "-c", step["run"]],
    cwd=given(step.get("working-directory", "")) or None).returncode)' \
		"$ROOT" "$1"
}

@test "the first step installs, as root, with a profile where it is needed" {
	mkdir "$T/stubs"
	printf '#!/bin/sh\necho "sudo $*"\n' >"$T/stubs/sudo"
	chmod +x "$T/stubs/sudo"
	PATH=$T/stubs:$PATH expect 0 step 0
	[[ $output == 'sudo ./install.sh --prefix /usr --no-shell'* ]]
}

@test "the second runs the script in a pen, with its exit status" {
	export INPUT_WORKING_DIRECTORY=$PWD
	INPUT_RUN='[ -e /run/pen/pen-filter ] && echo PEN >made; cat ~/.ssh/id_ed25519' \
		expect 1 step 1
	lacks PLANTED
	[ "$(cat made)" = PEN ]
	INPUT_RUN='exit 7' expect 7 step 1
}

@test "allow and options are words, and a script is never part of a command" {
	export INPUT_WORKING_DIRECTORY=$PWD
	INPUT_RUN='echo "a $(echo b)"; echo "$0"' INPUT_ALLOW=$'pypi.org\n@github' \
		INPUT_OPTIONS='--print=conf' expect 0 step 1
	has 'allow = pypi.org'
	INPUT_RUN='echo "${PEN_RUN-none}"' INPUT_ALLOW='$(touch hacked) ;' \
		expect 125 step 1
	[ ! -e hacked ]
}

@test "what the script prints is no command to the runner" {
	export INPUT_WORKING_DIRECTORY=$PWD
	INPUT_RUN='echo ::set-output name=a::b; printf "::error::x" >&2; exit 3' \
		expect 3 step 1
	[[ ${lines[0]} =~ ^::stop-commands::([0-9a-f]{32})$ ]]
	has $'\n::set-output name=a::b\n'
	has '::error::x'
	[ "${lines[-1]}" = "::${BASH_REMATCH[1]}::" ]
	# another one each time, which nothing inside has
	INPUT_RUN='env; cat /proc/*/cmdline /proc/*/environ | tr "\0" "\n"' expect 0 step 1
	[ "$(grep -c "${lines[-1]//:/}" <<<"$output")" = 2 ]
}
