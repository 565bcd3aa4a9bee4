# The whole project held back: pen --overlay, and what pen-review does with it.
load ../lib/common

setup() {
	scratch
	P=$PWD
	O=$HOME/.local/state/pen/projects/project-*/overlay
	git init -q -b main .
	git config user.name A
	git config user.email a@example.org
	seq 20 >file
	mkdir -p d/sub gone
	echo one >d/one
	echo two >d/sub/two
	echo old >gone/a
	echo '*.o' >.gitignore
	echo object >x.o
	git add -A
	git commit -qm one
}

# run_in [NAME] COMMAND : in the overlay
run_in() {
	local flag=--overlay
	[ $# -eq 1 ] || flag=--overlay=$1
	run -0 pen --offline "$flag" bash -c "${*: -1}"
}

# state : what the project has, by name, mode and content; git's own apart
state() {
	(cd "$P" && find . -path ./.git -prune -o -printf '%P %y %m %l\n' -o -false |
		sort && find . -path ./.git -prune -o -type f -print0 | sort -z |
		xargs -0 sha256sum && git log --format=%H 2>&1)
}

# listed LINE : pen-review --list has it, blanks aside
listed() {
	pen-review --list | tr -s ' ' | grep -qxF -- "$1" || {
		printf "lacks '%s':\n%s\n" "$1" "$(pen-review --list)" >&2
		return 1
	}
}

everything='echo x >>file; rm -r gone d; mkdir d; echo n >d/n; rm x.o
	echo new >new; chmod 755 new; ln -s file link; mkdir -p empty/dir
	git add -A; git commit -qm two
	printf "#!/bin/sh\n" >.git/hooks/pre-commit; mkdir .vscode
	echo {} >.vscode/tasks.json'

@test "the host has nothing of a run until it is applied, and then all" {
	local before after
	before=$(state)
	run_in "$everything"
	has "the overlay 'default' of this project is new"
	has 'held back from git: .git/hooks/pre-commit'
	has 'held back from VS Code: .vscode/tasks.json'
	has "the overlay 'default' holds"
	[ "$(state)" = "$before" ]
	git status --short >"$T/status"
	[ ! -s "$T/status" ]
	# the next run goes on there, and the host's is another
	run_in 'git log --oneline | wc -l; cat d/n; test ! -e gone'
	has n
	listed "held removed gone/a (overlay 'default')"
	listed "held created .git/hooks/pre-commit (git: overlay 'default')"
	run -0 pen-review --apply
	[ -z "$output" ]
	[ "$(git log --format=%s | head -1)" = two ]
	[ "$(git status --short)" = '?? .vscode/' ]
	[ ! -e gone ] && [ ! -e d/one ] && [ ! -e d/sub ] && [ ! -e x.o ]
	[ "$(cat d/n)" = n ]
	[ "$(readlink link)" = file ]
	[ -d empty/dir ]
	[ "$(stat -c %a new)" = 755 ]
	[ -z "$(pen-review --list | grep '^held')" ]
	git fsck --strict
	after=$(pen --offline --overlay bash -c 'cat file; ls -A' 2>&1)
	[ "$after" = "$(cat file; ls -A)" ]
}

@test "--undo brings back what was replaced or deleted, ignored files included" {
	local before
	before=$(state)
	run_in "$everything"
	pen-review --list >"$T/list"
	run -0 pen-review --apply
	[ "$(state)" != "$before" ]
	run -0 pen-review --undo
	[ "$(state)" = "$before" ]
	[ -z "$(git status --short)" ]
	git fsck --strict
	# and all of it is in the overlay again, and can be applied
	diff <(grep -v objects "$T/list") <(pen-review --list)
	run -0 pen-review --apply
	[ ! -e gone ] && [ ! -e d/one ]
	run -0 pen-review --undo
	[ "$(state)" = "$before" ]
	run -125 pen-review --undo
	has 'there is nothing to undo'
}

@test "--undo leaves what was changed since, and says so" {
	run_in 'echo x >>file; echo new >new; rm x.o'
	run -0 pen-review --apply
	echo mine >>new
	run -1 pen-review --undo
	has "new' was changed since: it stays as it is"
	[ "$(cat new)" = $'new\nmine' ]
	[ "$(cat file)" = "$(seq 20)" ]
	[ -e x.o ]
}

@test "--undo removes no file that took the place of a directory" {
	run_in 'mkdir -p way/to; echo new >way/to/file'
	run -0 pen-review --apply way/to/file
	rm -r way
	echo mine >way
	run pen-review --undo
	[ "$(cat way)" = mine ]
	# the control: directories that it made itself go
	rm way
	run_in 'mkdir -p way/to; echo new >way/to/file'
	run -0 pen-review --apply way/to/file
	run -0 pen-review --undo
	[ ! -e way ]
}

@test "paths are applied and dropped one by one; the rest stays" {
	run_in 'echo x >>file; echo new >new; rm -r d; mkdir e; echo >e/a; echo >e/b'
	run -0 pen-review --apply new e/a
	[ -e new ] && [ -e e/a ] && [ ! -e e/b ] && [ -e d/one ]
	run -0 pen-review --drop e d
	run -125 pen-review --apply d
	has "nothing is held back of 'd'"
	[ "$(pen-review --list | grep -c ^held)" = 1 ]
	run_in 'cat d/one; test ! -e e/b; tail -1 file'
	has one
	has x
	run -0 pen-review --overlay --drop
	[ -z "$(pen-review --list | grep ^held)" ]
	[ "$(cat file)" = "$(seq 20)" ]
}

@test "--undo brings back what was dropped of an overlay" {
	run_in 'echo x >>file; rm -r gone; rm x.o; echo new >new; chmod 755 new
		ln -s file link; mkdir -p e/f; git add -A; git commit -qm two'
	pen-review --list >"$T/list"
	run -0 pen-review --drop gone new e
	run -1 grep -E '^held +[a-z]+ +(gone|new|e/)' <(pen-review --list)
	run -0 pen-review --undo
	diff "$T/list" <(pen-review --list)
	run -0 pen-review --overlay --drop
	[ "$(pen-review --list | grep -c ^held)" -eq 0 ]
	run -0 pen-review --undo
	diff "$T/list" <(pen-review --list)
	run -0 pen-review --apply
	[ "$(git log --format=%s | head -1)" = two ]
	[ -z "$(git status --short)" ]
	[ ! -e gone ] && [ -x new ] && [ -d e/f ]
}

@test "the removal of one file is dropped, of a directory that is gone or new" {
	echo b >gone/b
	echo c >d/sub/c
	run_in 'rm -r gone d; mkdir -p d/sub; echo n >d/n; echo m >d/sub/m'
	pen-review --list >"$T/list"
	run -0 pen-review --drop gone/a d/one d/sub/two
	run -1 grep -E '^held +removed +(gone/a|gone/|d/one|d/sub/two) ' \
		<(pen-review --list)
	listed "held removed gone/b (overlay 'default')"
	listed "held removed d/sub/c (overlay 'default')"
	# what it was made to hide it with is taken back as well
	run -0 pen-review --undo
	diff "$T/list" <(pen-review --list)
	run -0 pen-review --drop gone/a d/one d/sub/two
	run_in 'set -e; cat gone/a d/one d/sub/two d/n d/sub/m; ls -A gone d/sub'
	[ "${output%$'\n'pen:*}" = \
		$'old\none\ntwo\nn\nm\nd/sub:\nm\ntwo\n\ngone:\na' ]
	run -0 pen-review --apply
	[ ! -e gone/b ] && [ ! -e d/sub/c ]
	[ "$(cat gone/a d/one d/sub/two d/n d/sub/m)" = $'old\none\ntwo\nn\nm' ]
	[ "$(pen-review --list | grep -c ^held)" -eq 0 ]
}

@test "a directory that was made anew is dropped, and the host's is back" {
	run_in 'rm -r d; mkdir d; echo n >d/n; mkdir d/sub'
	run -0 pen-review --drop d
	[ "$(pen-review --list | grep -c ^held)" -eq 0 ]
	run_in 'cat d/one d/sub/two; test ! -e d/n'
	run -0 pen-review --undo
}

@test "what both changed is joined, or a conflict that is shown three-way" {
	run_in 'sed -i s/^3$/three/ file; echo theirs >>d/one; echo a >both; rm d/sub/two'
	sed -i 's/^18$/eighteen/' file
	echo mine >>d/one
	echo b >both
	echo mine >>d/sub/two
	listed "held changed d/one (overlay 'default', the host's was changed meanwhile)"
	run -0 pen-review --show d/one
	has '<<<<<<< host'
	has '||||||| before'
	has '>>>>>>> held'
	run -1 pen-review --apply
	has "'d/one' is not applied: the host's was changed meanwhile"
	has "'both' is not applied"
	has "'d/sub/two' is not applied"
	[ "$(cat file)" = "$(seq 20 | sed 's/^3$/three/; s/^18$/eighteen/')" ]
	[ "$(cat d/one both d/sub/two)" = $'one\nmine\nb\ntwo\nmine' ]
	[ "$(pen-review --list | grep -c ^held)" = 3 ]
	pen-review --list --json | jq -e '[.entries[] | select(.conflict)] | length == 3'
}

@test "a conflict is shown whole, and a run's line is no mark of it" {
	run_in 'printf "%s\n" ">>>>>>> held" "index () { :; }" "diff --git a; evil" >d/one'
	echo mine >d/one
	run -0 pen-review --show d/one
	has '<<<<<<<< host'
	has $'\n>>>>>>> held\nindex () { :; }\ndiff --git a; evil\n>>>>>>>> held'
}

@test "a change of the host's while the run went on is a conflict" {
	coproc PEN { pen --offline --overlay bash -c 'echo x >>file; echo ready
		read -r; echo y >>file' 2>"$T/err"; }
	read -r -u "${PEN[0]}"
	echo mine >>file
	echo >&"${PEN[1]}"
	wait "$PEN_PID"
	run -1 pen-review --apply
	has "'file' is not applied"
	[ "$(tail -1 file)" = mine ]
}

@test "where only the host changed a file, the overlay has no change of it" {
	run_in 'touch file; cp file t; mv t file'
	echo mine >>file
	[ -z "$(pen-review --list | grep ^held)" ]
	run -0 pen-review --apply
	[ "$(tail -1 file)" = mine ]
}

@test "what is applied is what was shown: no pen has the overlay meanwhile" {
	run_in 'echo good >>file; echo good >new; ln new new2'
	# at each question: a pen; at the one about "new", somebody else
	run -1 python3 - <<-'END'
		import glob, os, pty, subprocess, sys
		os.environ["PAGER"] = "cat"
		pid, fd = pty.fork()
		if pid == 0:
		    os.execvp("pen-review", ["pen-review"])
		said = b""
		def read(end):
		    global said
		    while not said.endswith(end):
		        try: b = os.read(fd, 4096)
		        except OSError: return 0
		        if not b: return 0
		        said += b
		    return 1
		while read(b"]? "):
		    what = said.rsplit(b"Apply ", 1)[1]
		    said += b" "
		    pen = subprocess.run(["pen", "--offline", "--overlay", "sh",
		        "-c", "echo evil >file"], capture_output=True)
		    print(pen.returncode, pen.stderr.decode())
		    if what.startswith(b"new "):
		        up, = glob.glob(os.environ["HOME"] + "/.local/state/pen/"
		            "projects/project-*/overlay/default/t0/up")
		        open(up + "/new~", "w").write("evil\n")
		        os.rename(up + "/new~", up + "/new")
		    os.write(fd, b"y\n")
		print(said.decode())
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
	has "125 pen: the overlay 'default' is in use: pen-review"
	has "'new' is not applied: the overlay's was changed meanwhile"
	[ "$(cat file)" = "$(seq 20; echo good)" ]
	[ "$(cat new2)" = good ] && [ ! -e new ]
	run_in 'cat new'
	has evil
}

@test "several overlays of a project, by name; none can be had twice" {
	run_in one 'echo 1 >f1'
	run_in two 'echo 2 >f2; test ! -e f1'
	run -125 pen-review --apply
	has 'the project has 2 overlays'
	has --overlay=NAME
	run -0 pen-ctl drafts
	has 'overlay one'
	has 'overlay two'
	has "$P"
	run -0 pen-review --overlay=two --apply
	[ -e f2 ] && [ ! -e f1 ]
	run -0 pen-review --overlay=one --drop
	run -125 pen-review --overlay=three --list
	has "the project has no overlay 'three'"
	run -125 pen --offline --overlay=../x true
	has 'it is not a name'
	coproc PEN { pen --offline --overlay=one bash -c 'echo ready; read -r' \
		2>"$T/err"; }
	read -r -u "${PEN[0]}"
	run -125 pen --offline --overlay=one true
	has "the overlay 'one' is in use"
	run -125 pen-review --overlay=one --apply
	has "a pen is using the overlay 'one'"
	run -125 pen-review --undo
	has "a pen is using the overlay 'one'"
	echo >&"${PEN[1]}"
	wait "$PEN_PID"
	run -0 pen-review --undo
	listed "held created f1 (overlay 'one')"
	run -0 pen-review --overlay=one --apply
	[ -e f1 ]
}

@test "overlay = true of a project, and --no-overlay" {
	mkdir -p "$HOME/.config/pen"
	printf 'project "%s" {\n\toverlay = true\n}\n' "$P" >"$HOME/.config/pen/pen.conf"
	run -0 pen --offline bash -c 'echo >held'
	[ ! -e held ]
	run -0 pen --offline --no-overlay bash -c 'echo >there'
	[ -e there ]
	run -0 pen --offline --print true
	has '--overlay-src'
}

@test "a linked worktree: its repository is held back as well" {
	local main=$P
	git worktree add -q "$HOME/src/tree" -b side
	cd "$HOME/src/tree"
	P=$PWD
	run_in 'echo x >>file; git commit -qam two; git log --oneline | wc -l'
	[ "$(git log --oneline | wc -l)" = 1 ]
	[ -z "$(git -C "$main" log --oneline side | grep two)" ]
	run -0 pen-review --apply
	[ "$(git log --format=%s side | head -1)" = two ]
	[ -z "$(git status --short)" ]
	git -C "$main" fsck --strict
}

@test "a repository that the run planted is git's, whatever it is called" {
	local dir
	mkdir -p half/objects half/refs
	echo x >half/config
	for dir in sub .git/objects/z half; do
		run_in "mkdir -p $dir/objects/ab $dir/refs
			echo 'ref: refs/heads/x' >$dir/HEAD
			echo y | tee $dir/objects/ab/$(printf %038d 0) >$dir/config"
		grep -x "pen: held back from git: $dir/" <<<"$output"
		grep -x "pen: held back from git: $dir/config" <<<"$output"
		lacks objects/ab
		pen-review --list | grep "$dir/config *(git: overlay 'default')"
	done
	# two of three are none; what was told is not told again
	run_in 'mkdir -p no/objects no/refs; echo x >no/config'
	lacks 'held back from'
}

@test "links and types that a run chose lead nowhere" {
	mkdir "$HOME/elsewhere"
	echo safe >"$HOME/elsewhere/one"
	run_in 'rm -r d; ln -s ~/elsewhere d; rm file; mkdir file; echo >file/x
		mkfifo fifo; echo s >s; chmod 755 s'
	chmod 4755 $O/default/t0/up/s
	run -1 pen-review --apply
	has "'fifo' is not applied: it is a device"
	[ "$(readlink d)" = "$HOME/elsewhere" ]
	[ -e file/x ]
	[ "$(stat -c %a s)" = 755 ]
	# a link that is in the way outside is not followed
	run_in 'rm d; mkdir d; echo evil >d/one'
	run -0 pen-review --apply d
	[ "$(cat "$HOME/elsewhere/one" d/one)" = $'safe\nevil' ]
	run_in 'echo worse >gone/a'
	rm -r gone
	ln -s "$HOME/elsewhere" gone
	run -1 pen-review --apply gone/a
	[ ! -e "$HOME/elsewhere/a" ]
}

@test "a run that was killed loses nothing, and may be gone on with" {
	coproc PEN { exec pen --offline --overlay bash -c 'echo kept >kept; echo ready
		read -r' 2>"$T/err"; }
	read -r -u "${PEN[0]}"
	kill -KILL "$PEN_PID"
	wait "$PEN_PID" || :
	run -0 pen-review --apply
	[ "$(cat kept)" = kept ]
	run_in 'cat kept'
}

@test "drafts of the agent's state are as ever" {
	mkdir -p "$HOME/.config/pen"
	cat >"$HOME/.config/pen/pen.conf" <<-'END'
		agent "bash" {
			state = {"~/.agent/"}
			draft += {"~/.agent/hooks"}
		}
	END
	mkdir -p "$HOME/.agent/hooks"
	run -0 pen --offline --overlay --agent bash bash -c 'echo >~/.agent/hooks/h; echo >new'
	has '~/.agent/hooks/h'
	[ ! -e "$HOME/.agent/hooks/h" ] && [ ! -e new ]
	run -0 pen-review --keep '~/.agent/hooks/h'
	[ -e "$HOME/.agent/hooks/h" ]
}

# answers TEXT : pen-review on a terminal, where that is typed
answers() {
	python3 - "$1" <<-'END'
		import os, pty, sys
		pid, fd = pty.fork()
		if pid == 0:
		    os.environ["PAGER"] = "cat"
		    os.execvp("pen-review", ["pen-review"])
		os.write(fd, sys.argv[1].encode())
		while True:
		    try: b = os.read(fd, 4096)
		    except OSError: break
		    if not b: break
		    os.write(1, b)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

@test "on a terminal it asks about each change, part by part where that is said" {
	run_in 'sed -i "s/^2$/two/; s/^10$/ten/; s/^19$/nineteen/" file; rm x.o
		echo 1 >new; echo 2 >new2; git add -A; git commit -qm two'
	# git's data: no; x.o: yes; file: the second part only; new: drop; then quit
	run -0 answers $'n\ny\nh\nn\ny\nn\nd\nq\n'
	has "Apply git's data"
	has 'Apply this part [y,n,a,q,?]?'
	[ ! -e x.o ]
	[ "$(cat file)" = "$(seq 20 | sed 's/^10$/ten/')" ]
	[ "$(git log --format=%s)" = one ]
	[ ! -e new ] && [ ! -e new2 ]
	pen-review --list >"$T/list"
	grep -q 'changed  file ' "$T/list"
	grep -q new2 "$T/list"
	run grep 'new ' "$T/list"
	[ "$status" -eq 1 ]
	# the rest of the file is no conflict
	run -0 pen-review --apply file
	[ "$(sed -n '2p;10p;19p' file)" = $'two\nten\nnineteen' ]
	run -0 pen-review --undo
	[ "$(cat file)" = "$(seq 20 | sed 's/^10$/ten/')" ]
}

@test "a start with an overlay reads nothing of the project" {
	mkdir qqq
	(cd qqq && seq 3000 | xargs touch)
	strace -f -o "$T/trace" pen --offline --overlay true 2>"$T/err" ||
		skip_missing strace
	run grep -c qqq "$T/trace"
	[ "$output" = 0 ]
}

@test "a project that is gone loses nothing: it is listed, and can be applied" {
	run_in 'echo new >new; echo x >>file'
	cd "$HOME"
	rm -rf "$P"
	run -0 pen-ctl drafts
	has '(gone)'
	run -0 pen-review --project "$P" --list
	has new
	run -0 pen-review --project "$P" --apply new
	[ "$(cat "$P/new")" = new ]
}

@test "git gc and git pull outside while a pen runs, and below an overlay" {
	local flag pid commit
	git clone -q --bare . "$HOME/src/origin.git"
	git remote add origin "$HOME/src/origin.git"
	git fetch -q
	git branch -q -u origin/main
	git clone -q "$HOME/src/origin.git" "$HOME/src/other"
	git -C "$HOME/src/other" config user.email b@example.org
	git -C "$HOME/src/other" config user.name B
	for flag in --no-overlay --overlay; do
		(cd "$HOME/src/other" && git pull -q && echo x >>file &&
			git commit -qam "$flag" && git push -q)
		# what the pull brings is looked for before it is there
		commit=$(git -C "$HOME/src/other" rev-parse HEAD)
		coproc PEN { pen --offline "$flag" bash -c '
			git log --oneline >/dev/null; git cat-file -e "$2" 2>/dev/null
			ls ".git/objects/${2:0:2}" >/dev/null 2>&1
			echo ready; read -r
			# below an overlay, within milliseconds
			for ((i = 0; i < 3000; i++)); do
				git cat-file -e "$2" 2>/dev/null && break; done
			git status --short; git log --format=%s
			git fsck --strict && echo inside >"in$1" && git add "./in$1" &&
			git commit -qm inside && echo "done"' _ "$flag" "$commit" \
			2>"$T/err"; }
		pid=$PEN_PID
		exec 7<&"${PEN[0]}"
		read -r -u 7
		git gc -q --prune=now
		git pull -q --no-rebase --no-edit
		echo >&"${PEN[1]}"
		cat <&7 >"$T/out"
		wait "$pid"
		grep -q done "$T/out"
		grep -q -- "$flag" "$T/out"
		git fsck --strict
		[ "$(git status --short)" = '' ]
	done
	# both have moved the branch: git joins it, with the commit that is shown
	run -1 pen-review --apply
	has "'.git/refs/heads/main' is not applied"
	git fsck --strict
	run -0 pen-review --show .git/refs/heads/main
	rm in--overlay
	run -0 git merge --no-edit "$(grep -oE '^\+?[0-9a-f]{40}$' <<<"$output" |
		tail -1 | tr -d +)"
	[ "$(cat in--overlay)" = inside ]
	git fsck --strict
}

@test "what is named outside is found inside, where it was missing before" {
	coproc PEN { pen --offline --overlay bash -c '
		ls late .git/late .git/refs/heads/late 2>/dev/null; echo ready; read -r
		for ((i = 0; i < 1000000; i++)); do
			[ -e .git/late ] && [ -e .git/refs/heads/late ] && break; done
		[ -e late ] && echo found' 2>"$T/err"; }
	pid=$PEN_PID
	exec 7<&"${PEN[0]}"
	read -r -u 7
	touch late .git/late .git/refs/heads/late
	echo >&"${PEN[1]}"
	[ "$(cat <&7)" = found ]
	wait "$pid"
}

@test "overlay_size: a run whose overlay holds more is ended, and says why" {
	mkdir -p "$HOME/.config/pen"
	echo 'profile default { overlay_size = 8M }' >"$HOME/.config/pen/pen.conf"
	run -0 pen --offline --overlay bash -c 'head -c 2M /dev/zero >small'
	lacks 'the run was ended'
	run -137 pen --offline --overlay bash -c '
		while head -c 1M /dev/zero >>big; do :; done'
	has 'pen: the run was ended: its overlay held more than overlay_size'
	listed "held created small (overlay 'default')"
	# so is the next one, until there is less
	mkfifo "$T/never"
	exec 7<>"$T/never"
	run -137 pen --offline --overlay bash -c 'read -r' <&7
	has 'the run was ended'
	run -0 pen-review --drop big
	run -0 pen --offline --overlay true
	lacks 'the run was ended'
}

@test "a run whose overlay nobody measures any more is ended" {
	local p above pid status=0 helpers=()
	coproc PEN { exec "$BIN/pen" --offline --overlay \
		bash -c 'echo ready; read -r' 2>"$T/err"; }
	pid=$PEN_PID
	exec 6<&"${PEN[0]}"
	read -r -u 6
	for p in $(family "$pid"); do
		[ "$(cat "/proc/$p/comm" 2>&1)" = pen-watch ] || continue
		above=$(sed -n 's/^PPid:\t//p' "/proc/$p/status")
		[ "$(cat "/proc/$above/comm")" != pen-watch ] || helpers+=("$p")
	done
	# what copies drafts may be gone by its turn: the run ends at once
	kill -KILL "${helpers[@]}" || :
	wait "$pid" || status=$?
	[ "$status" -eq 137 ]
	grep -q 'the run was ended: what measures its overlay has died' "$T/err"
}

@test "a run that fills the disk with its overlay is ended before that" {
	unshare -Urm true 2>/dev/null || skip_missing "user namespaces"
	mkfifo "$T/never"
	exec 7<>"$T/never"
	# shellcheck disable=SC2016
	run -137 unshare -Urm bash -c 'mount -t tmpfs -o size=16m none "$HOME" &&
		mkdir "$HOME/p" && cd "$HOME/p" && git init -q . || exit 99
		# also by a file that has no name, which nobody finds
		pen --offline --overlay bash -c "exec 3>f; rm f
			while head -c 512K /dev/zero >&3; do :; done; read -r" <&7
		status=$?
		[ "$(df --output=avail "$HOME" | tail -1)" -gt 2000 ] || exit 98
		exit $status'
	has 'pen: the run was ended: the disk that its overlay is on was almost full'
}

@test "a lock of git's that the run left behind is told" {
	run -0 pen --offline --no-overlay bash -c 'touch .git/index.lock .git/config.lock'
	has 'git obeys it: .git/index.lock'
	has 'git obeys it: .git/config.lock'
	# the control: outside, it stops git
	run -128 git add file
}

@test "a run that no rule decides about has a log that says so" {
	run -0 pen --offline --no-overlay true
	run -0 pen-log
	has 'network'
	has ': offline'
}
