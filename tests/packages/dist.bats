#!/usr/bin/env bats
# make dist: the tarballs of a release, and install.sh from the built one.

load ../lib/common

# released DIRECTORY : a release of the tree there, in DIRECTORY/build/dist
released() {
	(cd "$1" && MAKEFLAGS='' make -s B=build dist)
}

setup_file() {
	command -v aarch64-linux-gnu-gcc >/dev/null || return 0
	cd "$BATS_FILE_TMPDIR"
	mkdir one elsewhere
	(cd "$BATS_TEST_DIRNAME/../.." && find . -path './build*' -prune -o \
		-path ./.git -prune -o ! -type d -print0 |
		xargs -0 cp -P --parents -t "$BATS_FILE_TMPDIR/one")
	export SOURCE_DATE_EPOCH=1700000000
	released one >log 2>&1 || :
	cp -r one/. elsewhere
	rm -rf elsewhere/build/dist
	find elsewhere -name '*.c' -exec touch {} +
	(umask 077 && LANG=C.UTF-8 released elsewhere) >>log 2>&1 || :
}

setup() {
	scratch
	cd "$BATS_FILE_TMPDIR"
	command -v aarch64-linux-gnu-gcc >/dev/null ||
		skip_missing aarch64-linux-gnu-gcc
	grep -q 'packaging/unpack: \|Failed to fetch' log &&
		skip_missing "Debian's archive: $(tail -n 1 log)"
	VERSION=$(sed -n 's/^VERSION = //p' one/Makefile)
	[ -e one/build/dist/SHA256SUMS ] || {
		cat log >&2
		return 1
	}
}

# unpacked : the release for this machine, in $T/release
unpacked() {
	mkdir "$T/release"
	tar -C "$T/release" --strip-components=1 -xf \
		"one/build/dist/pen-$VERSION-linux-$(uname -m).tar.gz"
}

@test "two builds in two places, with another umask, give the same bytes" {
	expect 0 diff one/build/dist/SHA256SUMS elsewhere/build/dist/SHA256SUMS
	[ "$(wc -l <one/build/dist/SHA256SUMS)" -eq 3 ]
	cd one/build/dist
	expect 0 sha256sum -c SHA256SUMS
}

@test "the source tarball holds the source and no more" {
	expect 0 diff <(tar -tf "one/build/dist/pen-$VERSION.tar.gz" |
		sed -n 's,^[^/]*/\(.*[^/]\)$,\1,p' | sort) \
		<(cd one && find . -path ./build -prune -o ! -type d \
			-printf '%P\n' | sort)
}

@test "no file of a tarball is another's, writable by others, or set-user-ID" {
	local f
	for f in one/build/dist/*.tar.gz; do
		run -1 --separate-stderr bash -c 'tar --numeric-owner -tvf "$1" |
			grep -vE "^[-dl]r[w-][x-]r-[x-]r-[x-] 0/0 |^l"' - "$f"
	done
}

@test "every program is static, and for the machine that the name says" {
	local m want f n=0
	for m in x86_64:X86-64 aarch64:AArch64; do
		want=${m#*:} m=${m%:*}
		mkdir "$T/$m"
		tar -C "$T/$m" --strip-components=1 -xf \
			"one/build/dist/pen-$VERSION-linux-$m.tar.gz"
		for f in "$T/$m/bin/"*; do
			[ "$(head -c 2 "$f")" != '#!' ] || continue
			expect 0 readelf -hlW "$f"
			has "$want"
			lacks INTERP
			n=$((n + 1))
		done
	done
	[ "$n" -gt 20 ]
}

@test "all but pen-key is in it, as make install places it" {
	unpacked
	cd "$T/release"
	expect 0 diff <(find bin share ! -type d | sort) <(cd "$ROOT" &&
		src/manifest list "$B" | cut -d ' ' -f 3 | sort |
		grep -vE '/_?pen-key(\.[a-z0-9]+)?$')
}

@test "no program names a directory of the machine that built it" {
	unpacked
	expect 1 grep -rlF "$BATS_FILE_TMPDIR" "$T/release"
}

# bare : a PATH without a compiler and make
bare() {
	mkdir "$T/commands"
	local c
	for c in sh bash dirname id cat cp rm mkdir chmod grep sed cut mktemp \
		xargs basename rmdir uname env tr pasta sort tail echo true; do
		ln -s "$(type -P $c)" "$T/commands/$c"
	done
	run -127 env PATH="$T/commands" sh -c 'command -v make cc gcc'
	[ -z "$output" ]
}

@test "install.sh installs from it without a compiler, and takes it away" {
	unpacked
	bare
	cd "$HOME"
	find . | sort >"$T/before"
	PATH=$T/commands expect 0 "$T/release/install.sh"
	has "installed in $HOME/.local"
	lacks 'does not start'
	cd "$HOME/src/project"
	expect 0 env PATH="$T/commands:/usr/bin" "$HOME/.local/bin/pen" echo inside
	[ "$output" = inside ]
	PATH=$T/commands expect 0 "$T/release/install.sh" --uninstall
	has "removed from $HOME/.local"
	[ ! -e "$HOME/.local/bin" ]
	[ ! -e "$HOME/.local/share/pen" ]
}

@test "install.sh says so when the programs are for another machine" {
	mkdir "$T/release"
	local other=aarch64
	[ "$(uname -m)" != aarch64 ] || other=x86_64
	tar -C "$T/release" --strip-components=1 -xf \
		"one/build/dist/pen-$VERSION-linux-$other.tar.gz"
	expect 1 "$T/release/install.sh" --prefix "$T/p"
	has "these programs are for another machine than $(uname -m)"
	[ ! -e "$T/p" ]
}

@test "install.sh --check and its like want the source" {
	unpacked
	expect 1 "$T/release/install.sh" --check
	has '--check needs the source tarball'
}

@test "the version is the one of the news, and the news has a date" {
	local first
	first=$(grep -m 1 '^## ' "$ROOT/NEWS.md")
	[[ $first =~ ^'## '$VERSION', '[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]]
}
