#!/usr/bin/env bats
# pen-watch: files that the host would obey, while a run goes on.

load ../lib/common

setup() {
	scratch
	P=$PWD
	view=(--system --proc /proc --dev /dev --tmpfs /tmp --bind "$P" "$P"
		--draft-tree "$P" '')
	mkdir -p git/hooks
	echo host >git/config
	link=(--draft-link 0 git/config "$P/git/config")
	hooks=(--draft 0 git/hooks "$P/git/hooks")
	drafts=(--draft-link 0 "$P/git/config" "$P/git/config"
		--draft "$P/git/hooks")
}

# plan OPTION… : pen-watch's; pen-ns' own for it are in WATCH.  What it saw is
# printed at the end of the run
plan() {
	local fd
	printf '%s\n' '#!/bin/sh' 'grep -v "\"end\"" <&5 || :' >"$T/end"
	chmod +x "$T/end"
	printf '%s\0' "$@" >"$T/plan"
	: >"$T/manifest"
	exec {fd}<"$T/manifest"
	WATCH=(--at-end "$T/end" "$fd")
	exec {fd}<"$T/plan"
	WATCH+=(--watch "$BIN/pen-watch" "$fd")
}

# watched OPTION… -- COMMAND… : a run that pen-watch looks at with the options
watched() {
	local options=()
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	plan "${options[@]}"
	expect 0 pen-ns "${view[@]}" "${WATCH[@]}" "$@"
}

# runs SCRIPT… : in the background, until the file "done" is there; waits for "go"
runs() {
	plan "${drafts[@]}"
	pen-ns "${view[@]}" "${link[@]}" "${hooks[@]}" "${WATCH[@]}" \
		"${more[@]}" sh -c "$1" >"$T/out" 2>&1 3>&- &
	RUN=$!
	until_true test -e go
}

@test "--forbid: a name that appears on the host is removed, and noted" {
	watched --forbid "$P/git/commondir" -- bash -c '
		echo evil >git/commondir
		while [ -e git/commondir ]; do :; done'
	[ "$output" = "{\"event\":\"moved-away\",\"path\":\"$P/git/commondir\"}" ]
	watched --forbid "$P/git/commondir" -- bash -c '
		echo evil >git/x; ln -s x git/y; mv git/y git/commondir
		while [ -L git/commondir ]; do :; done; [ -e git/x ]'
	has moved-away
	# what was there before is the host's
	echo mine >git/commondir
	watched --forbid "$P/git/commondir" -- sh -c 'echo x >git/commondir'
	[ -z "$output" ]
	[ -e git/commondir ]
}

@test "--forbid: directories on the way may be missing, made, moved and links" {
	local found path=$P/way/to/file
	found="{\"event\":\"moved-away\",\"path\":\"$path\"}"
	mkdir -p "$HOME/own/to"
	echo own >"$HOME/own/to/file"
	for script in 'mkdir -p way/to; echo evil >way/to/file' \
		'mkdir way; mkdir way/to; ln -s /etc/passwd way/to/file' \
		'mkdir x x/to; echo evil >x/to/file; mv x way' \
		'mkdir -p x/to way; mv way y; echo evil >x/to/file; mv x way'; do
		watched --forbid "$path" -- bash -c "$script"'
			while [ -e way/to/file ] || [ -L way/to/file ]; do :; done'
		[ "${lines[0]}" = "$found" ]
		rm -rf way x y
	done
	# what a link of the run's leads to is the user's
	watched --forbid "$path" -- bash -c "ln -s $HOME/own way"
	has "$found"
	[ "$(cat "$HOME/own/to/file")" = own ]
}

@test "--notice: a name that appears on the host is noted, and stays" {
	watched --notice "$P/x/.git" -- bash -c 'mkdir -p x/.git'
	[ "$output" = "{\"event\":\"appeared\",\"path\":\"$P/x/.git\"}" ]
	[ -d x/.git ]
	rm -r x
	mkdir x
	watched --notice "$P/x/.git" -- bash -c 'mkdir x/.git; rmdir x/.git'
	has appeared
	mkdir x/.git
	watched --notice "$P/x/.git" -- bash -c 'rmdir x/.git; mkdir x/.git'
	[ -z "$output" ]
}

@test "--room: a directory in memory that is full is noted" {
	local options=(--mirror "$T/mirror" --room /tmp --room "$P")
	mkdir "$T/mirror"
	view=(--system --proc /proc --dev /dev --size 1048576 --tmpfs /tmp
		--bind "$P" "$P" --draft-tree "$P" '' "${link[@]}")
	watched "${options[@]}" -- sh -c 'cat /dev/zero >/tmp/x; :' 2>/dev/null
	[ "${lines[-1]}" = '{"event":"full","path":"/tmp"}' ]
	rm -r "$T/mirror/layer"
	watched "${options[@]}" -- sh -c 'echo small >/tmp/x'
	[ -z "$output" ]
}

@test "a draft is mounted again when the host replaces the file by its lock" {
	local more=()
	runs 'touch go; until [ -e done ]; do :; done
		echo "# run" >>git/config; cat git/config'
	git config -f git/config a.b c
	git config -f git/config a.c d
	touch done
	wait "$RUN"
	run cat "$T/out"
	[ "$(grep -v event <<<"$output")" = $'host\n# run' ]
	has "{\"event\":\"mount-lost\",\"path\":\"$P/git/config\"}"
	run grep -c run git/config
	[ "$output" = 0 ]
	git config -f git/config a.c
}

@test "a mount that was lost without a lock is noted, and mounted again" {
	local more=()
	runs 'touch go; until [ -e done ]; do :; done
		until [ -L git/config ]; do :; done; readlink git/config'
	echo other >new
	mv new git/config
	touch done
	wait "$RUN"
	run cat "$T/out"
	[ "${lines[0]}" = /dev/pen/0/config ]
	has "{\"event\":\"mount-lost\",\"path\":\"$P/git/config\"}"
}

@test "a directory that the host makes anew has no mount, and that is noted" {
	local more=()
	runs 'touch go; until [ -e done ]; do :; done; echo evil >git/hooks/x'
	mkdir new
	mv git/hooks old
	mv new git/hooks
	touch done
	wait "$RUN"
	run cat "$T/out"
	[ "$(grep -c mount-gone <<<"$output")" -ge 1 ]
	has "{\"event\":\"mount-gone\",\"path\":\"$P/git/hooks\"}"
	lacks overflow
	# the control: that is where the run wrote
	[ "$(cat git/hooks/x)" = evil ]
}

# replaces_linked : the host moves a file into place that the run has open, and
# a link to; the run writes to both
replaces_linked() {
	printf 'host\n' >new
	chmod 640 new
	touch -d 2020-01-02 new
	runs 'exec 3>>new; ln new grab; touch go; until [ -e done ]; do :; done
		echo EVIL >&3; echo EVIL >>grab'
	mv new git/config
	until_true "$@"
	touch done
	wait "$RUN"
	cat "$T/out"
}

@test "a file that the host moves into place is nobody else's by then" {
	local more=() is_other='[ ! git/config -ef grab ]'
	replaces_linked eval "$is_other"
	[ "$(cat git/config)" = host ]
	[ "$(stat -c '%a %.10y' git/config)" = '640 2020-01-02' ]
	[ "$(cat grab)" = $'host\nEVIL\nEVIL' ]
	[ -z "$(find . -name '.pen*')" ]
	rm -f go done grab
	# without the watch the run has it
	drafts=(--notice "$P/none")
	replaces_linked true
	[ "$(cat git/config)" = $'host\nEVIL\nEVIL' ]
}

@test "two watches of one file do not replace each other's copy for ever" {
	local more=() first
	runs 'touch go; until [ -e done ]; do :; done; cat git/config'
	first=$RUN
	rm go
	runs 'touch go; until [ -e done ]; do :; done; cat git/config'
	git config -f git/config a.b c
	touch done
	wait "$first" "$RUN"
	[ "$(cat "$T/out" | grep -c mount-lost)" -le 4 ]
	expect 0 git config -f git/config a.b
}

@test "a stale lock of the host stops the run for a moment, and no more" {
	local more=()
	runs 'touch go; until [ -e done ]; do :; done; echo END'
	: >git/config.lock
	touch done
	wait "$RUN"
	run cat "$T/out"
	[ "$output" = END ]
	[ -e git/config.lock ]
}

# plays_jail : one that is told to stop; fails where it may go on beside the
# host's lock, since a lock of its own was deleted, and names of its own removed
plays_jail() {
	python3 - "$BIN/pen-watch" "$P/git/" 3>&- <<-'E'
		import os, socket, subprocess, sys
		watch, git = sys.argv[1:]
		ours, jail = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		unread, events = os.pipe()
		p = subprocess.Popen([watch, "--jail", str(jail.fileno()),
		    "--events", str(events), "--draft-link", "0", git + "config",
		    git + "config", "--forbid", git + "commondir"],
		    pass_fds=[jail.fileno(), events])
		jail.close()
		heard = ours.recv(1)
		open(git + "config.tmp", "w").close()
		open(git + "config.lock", "w").close()
		heard += ours.recv(1)
		ours.send(b"d")
		os.unlink(git + "config.tmp")
		for i in range(2):
		    open(git + "commondir", "w").close()
		    while os.path.exists(git + "commondir") and p.poll() is None:
		        pass
		try:
		    heard += ours.recv(1, socket.MSG_DONTWAIT)
		except BlockingIOError:
		    pass
		os.unlink(git + "config.lock")
		ours.close()
		p.wait()
		print(heard.decode())
		sys.exit(heard != b"gs")
	E
}

@test "names of the run's take nothing from the time of the host's lock" {
	# a second may be over before it is asked
	until_true plays_jail
}

@test "events that do not fit are lost, the end with them, and the run goes on" {
	local dir=$P name times
	printf -v name '\001%.0s' {1..200}
	for _ in {1..10}; do
		dir+=/$name
	done
	mkdir -p "$dir"
	for times in 1 100; do
		plan --forbid "$dir/x"
		sed -i 's/ -v / -c /' "$T/end"
		expect 0 pen-ns "${view[@]}" "${WATCH[@]}" bash -c 'cd "$1" || exit
			for ((i = 0; i < $2; i++)); do
				echo >x; while [ -e x ]; do :; done; done' \
			- "$dir" "$times"
		[ "$output" = $((times == 1)) ]
	done
}

# stops_jail : in the place of pen-watch, one that stops the run and waits until
# nobody there counts any more
stops_jail() {
	cat >"$T/watch" <<-'E'
		#!/usr/bin/python3
		import os, socket, sys
		def stands():
		    seen = -1
		    while os.path.getsize("count") != seen:
		        seen = os.path.getsize("count")
		        select(100)
		def select(ms):
		    import select
		    select.select([], [], [], ms / 1000)
		arg = dict(zip(sys.argv[1::2], sys.argv[2::2]))
		jail = socket.socket(fileno=int(arg["--jail"]))
		jail.send(b"g")
		while os.path.getsize("count") < 1000:
		    select(1)
		for i in range(10):
		    jail.send(b"s")
		    while jail.recv(1) != b"d":
		        pass
		    stands()
		    now = os.path.getsize("count")
		    jail.send(b"t")
		    while os.path.getsize("count") == now:
		        select(1)
		open("done", "w").close()
		while jail.recv(1):
		    pass
	E
	chmod +x "$T/watch"
}

@test "who lets others go on is stopped with them" {
	plan
	WATCH=("${WATCH[@]/#"$BIN/pen-watch"/"$T/watch"}")
	stops_jail
	: >count
	expect 0 timeout 60 pen-ns "${view[@]}" "${WATCH[@]}" \
		--ro-bind "$PROBE/ns_probe" /probe /probe go-on count done
	[ -z "$output" ]
}

@test "what was stopped inside stays so when the run was frozen" {
	local more=()
	runs 'sh -c "kill -STOP \$\$; touch went-on" & child=$!
		until grep -q "^State:.T" /proc/$child/status; do :; done
		touch go; until [ -e done ]; do :; done
		until [ -e git/one.lock ] || [ -e second ]; do :; done
		[ ! -e went-on ] && grep "^State:.T" /proc/$child/status
		kill -KILL $child'
	git config -f git/config a.b c
	touch second done
	wait "$RUN"
	run cat "$T/out"
	has 'State:'
	[ ! -e went-on ]
}

@test "the run does not begin before it looks, nor where it cannot" {
	plan --forbid relative
	expect 125 pen-ns "${view[@]}" "${WATCH[@]}" touch ran
	has "pen-watch: --forbid: 'relative' is not an absolute path"
	plan --draft "$P/none/file"
	expect 125 pen-ns "${view[@]}" "${WATCH[@]}" touch ran
	has "cannot watch '$P/none/file': No such file or directory"
	[ ! -e ran ]
	expect 125 pen-watch
	has 'hint: pen-ns --watch starts pen-watch'
	expect 125 pen-ns --watch "$BIN/pen-watch" 0 true
	has '--watch needs --at-end'
}

@test "it ends with the run, and a run that it stopped goes on without it" {
	local more=() pid
	runs 'touch go; until [ -e done ]; do :; done; echo END'
	pid=$(pgrep -P "$RUN" -x pen-watch)
	: >git/config.lock
	kill -KILL "$pid"
	touch done
	wait "$RUN"
	run cat "$T/out"
	has END
	until_true test ! -e "/proc/$pid"
	rm git/config.lock go done
	runs 'touch go; until [ -e done ]; do :; done'
	pid=$(pgrep -P "$RUN" -x pen-watch)
	kill -KILL "$RUN"
	wait "$RUN" || :
	until_true test ! -e "/proc/$pid"
}

@test "the examples of the page work" {
	run -0 bash -c "$(sed -n '/^\.Sh EXAMPLES/,/^\.Sh DIAG/s/^\.Dl //p' \
		"$ROOT/man/pen-watch.1")"
	has --notice
}
