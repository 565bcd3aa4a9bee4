# Loaded by every test file: `load ../lib/common`.
#
#   $ROOT      the source tree           $B      the build directory, absolute
#   $BIN       $B/bin, first on PATH     $PROBE  $B/test, the test programs
#   $T         this test's own scratch directory
#
# A test runs as an ordinary user; HOME is a scratch directory and the rest of
# the caller's environment is gone (tests/run sees to both).

bats_require_minimum_version 1.5.0

# In CI a test that fails is tried once more, and tests/run names it: a thousand
# tests on a machine that others use too are not to hang on one late process.
if [ -n "${CI:-}" ]; then
	BATS_TEST_RETRIES=1
	[ "${BATS_TEST_TRY_NUMBER:-1}" -eq 1 ] ||
		echo "${BATS_TEST_FILENAME##*/}: $BATS_TEST_NAME" >>"$TMPDIR/retried"
fi

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
B=$(cd "$ROOT" && cd "${B:-build}" && pwd)
BIN=$B/bin
PROBE=$B/test
PATH=$BIN:$PATH

source "$ROOT/tests/lib/wait.bash"
# shellcheck source=/dev/null
source "$ROOT/tests/lib/ports.bash"

# A skip names the missing host feature; where CI must have it, it is a failure.
skip_missing() {
	if [ -n "${CI:-}" ]; then
		echo "this host lacks: $1" >&2
		return 1
	fi
	skip "this host lacks: $1"
}

# landlock_abi : prints it, or -1
landlock_abi() {
	/usr/bin/python3 -c 'import ctypes
print(ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1))'
}

# needs_landlock ABI LINUX : skips where Landlock is older than that
needs_landlock() {
	[ "$(landlock_abi)" -ge "$1" ] || skip_missing "Landlock ABI $1 (Linux $2)"
}

# scratch: $T with a home, a project and secrets to steal
scratch() {
	T=$BATS_TEST_TMPDIR
	export HOME=$T/home XDG_RUNTIME_DIR=$T/run
	unset XDG_CONFIG_HOME XDG_STATE_HOME XDG_DATA_HOME XDG_CACHE_HOME
	mkdir -p "$HOME/.ssh" "$HOME/.aws" "$HOME/src/project" \
		"$HOME/src/sibling"
	mkdir -p -m 700 "$XDG_RUNTIME_DIR"
	echo PLANTED-KEY >"$HOME/.ssh/id_ed25519"
	echo PLANTED-AWS >"$HOME/.aws/credentials"
	echo PLANTED-SIBLING >"$HOME/src/sibling/secret"
	cd "$HOME/src/project" || return 1
}

# expect STATUS COMMAND… : run, and say everything when the status differs
expect() {
	local want=$1 flag=()
	shift
	[ "$want" -ne 127 ] || flag=(-127) # or bats takes it for a mistake
	run "${flag[@]}" "$@"
	[ "$status" -eq "$want" ] && return 0
	printf 'wanted %s, got %s from: %s\n%s\n' "$want" "$status" "$*" \
		"$output" >&2
	return 1
}

# has TEXT / lacks TEXT : is it in $output?
has() {
	[[ $output == *"$1"* ]] || {
		printf "lacks '%s':\n%s\n" "$1" "$output" >&2
		return 1
	}
}
equals() {
	[ "$output" = "$1" ] || {
		printf "wanted '%s', got:\n%s\n" "$1" "$output" >&2
		return 1
	}
}
lacks() {
	[[ $output != *"$1"* ]] || {
		printf "has '%s':\n%s\n" "$1" "$output" >&2
		return 1
	}
}
