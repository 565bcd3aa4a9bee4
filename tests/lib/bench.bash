# What the benches of the network begin with, in the tree's top directory: pen's
# programs on PATH, what tests/lib/proxies.bash wants, and as many descriptors as
# there may be.
ROOT=$PWD
B=$(cd "${B:-build}" && pwd)
export ROOT PROBE=$B/test
PATH=$B/bin:$PATH:/usr/sbin
T=$(mktemp -d "${TMPDIR:-/tmp}/pen-bench.XXXXXX")
trap 'ended; rm -rf "$T"' EXIT
[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -lt 12000 ] ||
	ulimit -n "$(ulimit -Hn)"
source "$ROOT/tests/lib/wait.bash"
# shellcheck source=/dev/null
source "$ROOT/tests/lib/ports.bash"
source "$ROOT/tests/lib/proxies.bash"
