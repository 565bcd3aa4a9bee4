#!/usr/bin/env bats
# Which directories pen takes as a project, and by which way.

load ../lib/common

setup() {
	scratch
}

# refused DIR WHY : pen does not run there; --project-anyway does, and says so
refused() {
	expect 125 pen --project "$1" true
	has "cannot be the project: "
	has "$2"
	has "--project-anyway"
	expect 0 pen --project-anyway "$1" --offline true
	has "--project-anyway: '$(realpath "$1")' is the project: "
	has "$2"
}

# taken DIR... : these are projects, without a word
taken() {
	local dir
	for dir; do
		expect 0 pen --project "$dir" --offline sh -c ': >new'
		[ -z "$output" ]
		[ -e "$dir/new" ]
	done
}

@test "a directory of all users is refused, one of the user's in it is not" {
	mkdir -m 1777 "$T/shared"
	mkdir "$T/shared/own"
	refused "$T/shared" "its sticky bit is set"
	taken "$T/shared/own"
	cd /var/tmp
	expect 125 pen true
	has "'/var/tmp' cannot be the project"
	expect 0 pen --project-anyway /var/tmp --offline true
}

@test "mode 0777 is no reason where the directory is the user's own" {
	mkdir -m 0777 "$T/volume"
	taken "$T/volume"
}

@test "mode 0777 of somebody else is refused" {
	local ns=(unshare --map-root-user --map-auto)
	"${ns[@]}" true || skip_missing "newuidmap and numbers in /etc/subuid"
	mkdir -m 0777 "$T/volume" "$T/own"
	"${ns[@]}" chown 5 "$T/volume"
	[ "$(stat -c %a "$T/volume")" = 777 ]
	expect 125 pen --project "$T/volume" true
	has "'$T/volume' cannot be the project: everybody can write to it"
	has "it belongs to somebody else (uid $(stat -c %u "$T/volume"))"
	expect 0 pen --project-anyway "$T/volume" --offline sh -c ': >new'
	has "everybody can write to it"
	[ -O "$T/volume/new" ]
	"${ns[@]}" chown 0 "$T/volume"
	taken "$T/volume"
}

@test "a repository in a directory of all users is not looked for" {
	mkdir -m 1777 "$T/shared"
	git -C "$T/shared" init -q
	mkdir "$T/shared/own"
	cd "$T/shared/own"
	expect 0 pen --offline pwd
	[ "$output" = "$T/shared/own" ]
}

@test "the system's trees and runtime directories are refused" {
	local dir
	for dir in /etc /etc/ssl /usr /usr/share /usr/local /var /var/lib \
		/var/log /bin /dev /proc /sys /run /home /opt /mnt; do
		[ -d "$dir" ] || continue
		expect 125 pen --project "$dir" true
		has "cannot be the project: "
	done
	mkdir -p "$XDG_RUNTIME_DIR/x/y"
	refused "$XDG_RUNTIME_DIR/x/y" "sockets of running programs"
	# a runtime directory that holds the home directory refuses nothing
	XDG_RUNTIME_DIR=$HOME taken "$HOME/src/sibling"
}

@test "where credentials are kept, what is above it and below it is refused" {
	mkdir -p "$HOME/.gnupg/private-keys-v1.d" "$HOME/.config/gh" \
		"$HOME/.config/rclone" "$HOME/.local/share/keyrings/x" \
		"$HOME/.cache/huggingface/hub/model" "$HOME/.cargo/registry/x"
	refused "$HOME/.gnupg" "credentials are kept ('~/.gnupg')"
	refused "$HOME/.gnupg/private-keys-v1.d" "'~/.gnupg'"
	refused "$HOME/.config/gh" "'~/.config/gh'"
	refused "$HOME/.local/share/keyrings/x" "'~/.local/share/keyrings'"
	refused "$HOME/.local/share" "are kept"
	refused "$HOME/.cargo" "'~/.cargo/credentials'"
	refused "$HOME/.cache" "are kept"
	taken "$HOME/.cargo/registry/x" "$HOME/.cache/huggingface/hub/model"
}

@test "where browsers and mail programs keep their data is refused" {
	mkdir -p "$HOME/.mozilla/firefox/p" "$HOME/.config/google-chrome-beta/Default" \
		"$HOME/.thunderbird" "$HOME/.config/Signal" "$HOME/.bitcoin"
	refused "$HOME/.mozilla/firefox/p" "browser data are kept"
	refused "$HOME/.config/google-chrome-beta/Default" "browser data are kept"
	refused "$HOME/.thunderbird" "mails are kept"
	refused "$HOME/.config/Signal" "messages are kept"
	refused "$HOME/.bitcoin" "wallets are kept"
}

@test "other directories of the same places are projects" {
	mkdir -p "$HOME/.config/nvim/lua" "$HOME/.config/ghostty" "$HOME/.sshx" \
		"$HOME/.local/share/chezmoi" "$HOME/go/src/x" "$HOME/.awsome"
	taken "$HOME/.config/nvim" "$HOME/.config/nvim/lua" \
		"$HOME/.config/ghostty" "$HOME/.sshx" \
		"$HOME/.local/share/chezmoi" "$HOME/go/src/x" "$HOME/.awsome"
}

@test "what a login, the desktop or a command's name starts is refused" {
	local dir
	for dir in .config/systemd/user .config/autostart .config/environment.d \
		.config/fish/functions .local/share/applications .profile.d; do
		mkdir -p "$HOME/$dir"
		refused "$HOME/$dir" "programs and settings that a login starts are kept"
	done
	for dir in .local/bin bin .cargo/bin go/bin .local/lib/python3.12/site-packages; do
		mkdir -p "$HOME/$dir"
		refused "$HOME/$dir" "programs that are started by their names are kept"
	done
	refused "$HOME/go" "'~/go/bin'"
	mkdir -p "$HOME/.config/Code - OSS/User/snippets" "$HOME/.config/Cursor/User"
	refused "$HOME/.config/Code - OSS/User/snippets" "settings that editors obey"
	refused "$HOME/.config/Cursor" "settings that editors obey"
	# in a repository of dotfiles they are drafts or read-only, and it is a project
	mkdir -p "$HOME/src/dotfiles/fish" "$HOME/src/dotfiles/bin"
	rm -r "$HOME/.config/fish" "$HOME/bin"
	ln -s ../src/dotfiles/fish "$HOME/.config/fish"
	ln -s src/dotfiles/bin "$HOME/bin"
	taken "$HOME/src/dotfiles"
	refused "$HOME/src/dotfiles/fish" "'~/.config/fish'"
	refused "$HOME/src/dotfiles/bin" "'~/bin'"
}

@test "a home directory with the characters of a pattern is no pattern" {
	HOME=$T/'h[a]*'
	mkdir -p "$HOME/.kube/cache" "$HOME/.config/x"
	refused "$HOME/.kube/cache" "'~/.kube'"
	taken "$HOME/.config/x"
}

@test "whatever symbolic link leads there" {
	mkdir -p "$HOME/.config/op/x"
	ln -s "$HOME/.config/op" "$T/link"
	ln -s link "$T/second"
	expect 125 pen --project "$T/second/x" true
	has "'~/.config/op'"
	cd "$T/second"
	expect 125 pen true
	has "'~/.config/op'"
	expect 125 pen --project "$T/second/../../.ssh" true
}

@test "a place that is a link itself is refused where it leads" {
	mkdir -p "$HOME/dotfiles/kube/x" "$HOME/dotfiles/nvim" "$HOME/other/cfg/gh"
	ln -s dotfiles/kube "$HOME/.kube"
	refused "$HOME/dotfiles/kube/x" "'~/.kube'"
	refused "$HOME/dotfiles" "'~/.kube'"
	taken "$HOME/dotfiles/nvim"
	ln -s other/cfg "$HOME/.config"
	refused "$HOME/other/cfg/gh" "'~/.config/gh'"
}

@test "a place that a variable has moved is refused as well" {
	mkdir -p "$HOME/cfg/gcloud/x" "$HOME/cfg/nvim" "$T/gpg" "$T/data"
	export XDG_CONFIG_HOME=$HOME/cfg XDG_DATA_HOME=$T/data GNUPGHOME=$T/gpg
	refused "$HOME/cfg/gcloud/x" "'~/.config/gcloud'"
	taken "$HOME/cfg/nvim" "$T/data"
	refused "$T/gpg" "GNUPGHOME is"
	# a project with its own is one
	mkdir "$HOME/src/project/gpg"
	GNUPGHOME=$HOME/src/project/gpg taken "$HOME/src/project"
}

@test "another home directory, or a copy of one, is refused" {
	mkdir -p "$T/other/.ssh" "$T/drive/Users/me/AppData/Roaming"
	taken "$T/other"
	echo key >"$T/other/.ssh/id_ecdsa"
	refused "$T/other" "credentials are kept in it ('.ssh/id_ecdsa')"
	refused "$T/drive/Users/me" "AppData/Roaming"
}

@test "a bind mount of the home directory is the home directory" {
	mkdir -p "$T/bound" "$T/up" "$HOME/.kube"
	cat >"$T/mounted" <<-'END'
		mount --bind "$HOME" "$T/bound" && mount --bind "$T" "$T/up" &&
		for dir in "$T/bound" "$T/bound/.kube" "$T/bound/.config/pen" "$T/up"; do
			mkdir -p "$dir"
			pen --project "$dir" true 2>&1
			echo "status $?"
		done
	END
	T=$T unshare -Urm true 2>/dev/null || skip_missing "user namespaces"
	T=$T expect 0 unshare -Urm bash "$T/mounted"
	has "it is the home directory"
	has "'~/.kube'"
	has "pen keeps its own files"
	has "the home directory is in it"
	[ "$(grep -cx 'status 125' <<<"$output")" = 4 ]
}

@test "HOME by either of its names: a link to it, as on ostree systems" {
	local home=$HOME
	mkdir -p "$home/.config/gh" "$home/.config/pen" "$home/src/p"
	ln -s "$home" "$T/by-link"
	for HOME in "$home" "$T/by-link"; do
		local as
		for as in "$home" "$T/by-link"; do
			expect 125 pen --project "$as" true
			has "it is the home directory"
			expect 125 pen --project "$as/.ssh" true
			has "'~/.ssh'"
			expect 125 pen --project "$as/.config/gh" true
			has "'~/.config/gh'"
			taken "$as/src/p"
			rm "$home/src/p/new"
			echo "project \"$as/src/p\" { allow = {\"a.test\"} }" \
				>"$home/.config/pen/pen.conf"
			expect 0 pen --project "$home/src/p" --print=conf true
			has "allow = a.test"
			expect 0 pen --project "$T/by-link/src/p" --print=conf true
			has "allow = a.test"
		done
	done
}

@test "a .git file adds no repository of such a place" {
	git init -q "$HOME/.password-store"
	git -C "$HOME/.password-store" -c user.name=t -c user.email=t@example.org \
		commit -q --allow-empty -m one
	git -C "$HOME/.password-store" worktree add -q "$HOME/src/tree"
	expect 0 git -C "$HOME/src/tree" status
	cd "$HOME/src/tree"
	expect 0 pen --offline sh -c 'test ! -e ~/.password-store/.git'
	has "is not its repository"
}

@test "--project-anyway does not give away pen's own files or the home" {
	local dir
	mkdir -p "$HOME/.config/pen"
	for dir in / "$HOME" "$T" "$HOME/.config" "$HOME/.config/pen"; do
		expect 125 pen --project-anyway "$dir" true
	done
}

@test "a link that another run can have made is said, wherever it is used" {
	local said="the project is '$HOME/src/sibling': the link '$PWD/s2' leads there"
	ln -s ../sibling s2
	expect 0 pen --project s2 --offline true
	has "$said"
	expect 0 pen --project "$PWD/s2/../sibling" --offline true
	has "$said"
	cd s2
	expect 0 pen --offline true
	has "$said"
	expect 0 pen --project . --offline true
	has "$said"
	# what is typed by its own name needs no word
	expect 0 pen --project "$HOME/src/sibling" --offline true
	[ -z "$output" ]
}

@test "a link that no run can have made is not" {
	ln -s src/project "$HOME/work"
	cd "$HOME/work"
	expect 0 pen --offline pwd
	[ "$output" = "$HOME/src/project" ]
	expect 0 pen --project "$HOME/work" --offline true
	[ -z "$output" ]
	PWD=/nowhere expect 0 pen --offline true
	[ -z "$output" ]
}
