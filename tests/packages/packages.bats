#!/usr/bin/env bats
# The packages that Debian's tools can build: each holds what make install places,
# and its distribution's own checker has nothing to say.

load ../lib/common

setup_file() {
	export BATS_TEST_TIMEOUT=900 # it compiles
	cd "$BATS_FILE_TMPDIR"
	mkdir tree
	(cd "$BATS_TEST_DIRNAME/../.." && find . -path './build*' -prune -o \
		-path ./.git -prune -o ! -type d -print0 |
		xargs -0 cp -P --parents -t "$BATS_FILE_TMPDIR/tree")
}

setup() {
	scratch
	OUT=$BATS_FILE_TMPDIR/tree/build/dist
}

# package KIND COMMAND… : builds it once, where these commands are
package() {
	local kind=$1 c
	shift
	for c; do
		PATH=$PATH:/usr/sbin command -v "$c" >/dev/null ||
			skip_missing "$c"
	done
	[ ! -e "$BATS_FILE_TMPDIR/$kind" ] || return 0
	expect 0 env MAKEFLAGS= make -s -C "$BATS_FILE_TMPDIR/tree" B=build \
		packages PACKAGES="$kind"
	touch "$BATS_FILE_TMPDIR/$kind"
}

# installed : what make install places, below /, sorted
installed() {
	(cd "$ROOT" && src/manifest list "$B" | sed 's,^[^ ]* [^ ]* ,usr/,' | sort)
}

# same FILE… : the lists of $T/have and of make install, without what the
# distribution adds, and with the names that it gives
same() {
	sed -E 's,^\./,,; s,(/man[157]/.*)\.(gz|bz2|xz|zst)$,\1,
		s,share/zsh/vendor-completions,share/zsh/site-functions,
		\,/$,d; \,^usr/share/(doc|licenses)/pen,d; /^$/d; /^\./d
		\,^usr/share/lintian/,d; \,^etc/apparmor.d/pen$,d' "$T/have" | sort >"$T/named"
	expect 0 diff "$T/named" <(installed)
}

@test "deb: it holds what make install places" {
	package deb dpkg-buildpackage dh dh_apparmor apparmor_parser
	dpkg-deb --fsys-tarfile "$OUT"/pen_*.deb | tar -t >"$T/have"
	same
}

@test "deb: lintian has nothing to say" {
	package deb dpkg-buildpackage dh dh_apparmor apparmor_parser
	command -v lintian >/dev/null || skip_missing lintian
	expect 0 lintian --fail-on warning "$OUT"/pen_*.changes
	[ -z "$output" ]
}

@test "deb: a profile where the release's AppArmor can read it" {
	package deb dpkg-buildpackage dh dh_apparmor apparmor_parser
	dpkg-deb --fsys-tarfile "$OUT"/pen_*.deb | tar -t >"$T/have"
	dpkg-deb --ctrl-tarfile "$OUT"/pen_*.deb | tar -x -C "$T"
	if [ -e /etc/apparmor.d/abi/4.0 ]; then
		grep -qx ./etc/apparmor.d/pen "$T/have"
		grep -q 'apparmor_parser -r' "$T/postinst"
		grep -qx /etc/apparmor.d/pen "$T/conffiles"
	else
		run -1 grep apparmor.d "$T/have"
		[ ! -e "$T/postinst" ]
	fi
}

@test "rpm: it holds what make install places" {
	package rpm rpmbuild
	rpm -qp --nosignature --qf '[%{FILEMODES:perms} %{FILENAMES}\n]' \
		"$OUT"/pen-*."$(uname -m)".rpm | sed -n 's,^-[^ ]* /,,p' >"$T/have"
	same
}

@test "rpm: rpmlint has nothing to say" {
	package rpm rpmbuild
	command -v rpmlint >/dev/null || skip_missing rpmlint
	expect 0 rpmlint -c "$ROOT/packaging/rpm/rpmlint.toml" "$OUT"/*.rpm \
		"$OUT/pen.spec"
	has '0 errors, 0 warnings'
}

@test "arch: it holds what make install places, and the source's checksum" {
	package arch makepkg pacman bsdtar
	bsdtar -tf "$OUT"/pen-*.pkg.tar.* >"$T/have"
	same
	grep -qF "$(sha256sum "$OUT"/pen-[0-9]*.[0-9].tar.gz | cut -d ' ' -f 1)" \
		"$OUT/PKGBUILD"
}

@test "alpine: it is a shell script that has the version (abuild is not tried)" {
	expect 0 bash -c '. <("$1/packaging/fill" "$1/packaging/alpine/APKBUILD") &&
		echo "$pkgname-$pkgver"' - "$ROOT"
	[ "$output" = "pen-$(sed -n 's/^VERSION = //p' "$ROOT/Makefile")" ]
}

@test "each package is built with the libraries that install.sh installs" {
	local when shown apt dnf pacman zypper apk
	while read -r when shown apt dnf pacman zypper apk; do
		[[ $when == build && $shown == pkg:* ]] || continue
		echo "$shown"
		grep -q "^ $apt,$" "$ROOT/packaging/debian/control"
		grep -qx "BuildRequires:  pkgconfig(${shown#pkg:})" \
			"$ROOT/packaging/rpm/pen.spec"
		grep -qE "^(make)?depends=.*[( ]$pacman[ )]" \
			"$ROOT/packaging/arch/PKGBUILD"
		grep -qE "^makedepends=.*[\" ]$apk[\" ]" \
			"$ROOT/packaging/alpine/APKBUILD"
		# nixpkgs has its own names
		grep -qE "^, (lib)?${pacman#lib}\$" "$ROOT/packaging/nix/package.nix"
	done <"$ROOT/install/packages.table"
}
