#!/usr/bin/env bats
# flake.nix, evaluated and built by Debian's nix, with a stand-in for nixpkgs
# (tests/packages/nixpkgs), for what Nix fetches is not Debian's archive.

load ../lib/common

# nix ARGUMENT… : with a store of its own, and no network
nix() {
	local dir=$BATS_FILE_TMPDIR/nix
	NIX_STORE_DIR=$dir/store NIX_STATE_DIR=$dir/var NIX_LOG_DIR=$dir/log \
		NIX_CONF_DIR=$dir/etc XDG_CACHE_HOME=$dir/cache HOME=$dir/home \
		NIX_CONFIG='experimental-features = nix-command flakes
			sandbox = false
			substituters =
			build-users-group =
			flake-registry =' command nix --offline "$@"
}

setup() {
	command -v nix >/dev/null || skip_missing 'nix (nix-bin)'
	scratch
	FLAKE=$BATS_FILE_TMPDIR/tree
	[ -d "$FLAKE" ] || {
		mkdir -p "$FLAKE"
		(cd "$ROOT" && find . -path './build*' -prune -o \
			-path ./.git -prune -o ! -type d -print0 |
			xargs -0 cp -P --parents -t "$FLAKE")
	}
	SYSTEM=$(uname -m)-linux
	stub=(--override-input nixpkgs "path:$ROOT/tests/packages/nixpkgs"
		--no-write-lock-file)
}

setup_file() {
	export BATS_TEST_TIMEOUT=900 # it compiles
}

teardown_file() {
	chmod -R u+w "$BATS_FILE_TMPDIR"
}

# built ARGUMENT… : its path in the store, into $output
built() {
	run -0 --separate-stderr nix build --no-link --json "$@"
	output=$(jq -r '.[0].outputs.out' <<<"$output")
	[ -d "$output" ]
}

# evaluated EXPRESSION : as JSON, of flake and pkgs
evaluated() {
	run -0 --separate-stderr nix eval --impure --json --expr "
		let
			nixpkgs = builtins.getFlake \"path:$ROOT/tests/packages/nixpkgs\";
			pkgs = nixpkgs.legacyPackages.$SYSTEM;
			flake = (import $FLAKE/flake.nix).outputs {
				self = flake;
				inherit nixpkgs;
			};
			# a module's result, with what a user wrote over its defaults
			module = m: user: let
				result = m { inherit config pkgs; inherit (nixpkgs) lib; };
				options = result.options.programs.pen;
				config = {
					programs.pen = builtins.mapAttrs (_: o: o.default)
						options // user;
					security.apparmor.enable = true;
				};
			in result.config;
		in $1"
}

@test "the package is built, and has what make install places" {
	built "${stub[@]}" "path:$FLAKE#default"
	expect 0 "$output/bin/pen" --version
	[ "$output" = "pen $(sed -n 's/^VERSION = //p' "$ROOT/Makefile")" ]
	built "${stub[@]}" "path:$FLAKE#pen"
	expect 0 diff <(cd "$output" && find . -type f -printf '%P\n' | sort) \
		<(cd "$ROOT" && src/manifest list "$B" | cut -d ' ' -f 3 | sort)
}

@test "both machines and the overlay are there" {
	run -0 --separate-stderr nix flake show --json "${stub[@]}" "path:$FLAKE"
	[ "$(jq -c '.packages | keys' <<<"$output")" = \
		'["aarch64-linux","x86_64-linux"]' ]
	[ "$(jq -c '.overlays | keys' <<<"$output")" = '["default"]' ]
	[ "$(jq -c '.nixosModules | keys' <<<"$output")" = '["default"]' ]
}

@test "NixOS: programs.pen.agents is all that they need" {
	evaluated 'module flake.nixosModules.default { agents = [ "claude" "codex" ]; }'
	local init
	init=$(jq -r .environment.extraInit <<<"$output")
	[[ $init == 'export PATH="'*'-pen-shims/shims:$PATH"'* ]]
	[[ $(jq -r .security.apparmor.policies.pen.profile <<<"$output") == \
		*"/bin/pen{,-bwrap,-check,-key,-net,-ns} flags=(unconfined)"* ]]
	evaluated 'module flake.nixosModules.default { }'
	[ "$output" = '{}' ]
	evaluated 'module flake.nixosModules.default { enable = true; managed = "network = none"; }'
	[ "$(jq -r '.environment.etc."pen/managed.conf".text' <<<"$output")" = 'network = none' ]
	[ "$(jq -c .environment.extraInit <<<"$output")" = '{}' ]
}

@test "home-manager: programs.pen.agents is all that they need" {
	evaluated 'module flake.homeManagerModules.default { agents = [ "claude" ]; }'
	[[ $(jq -r '.home.sessionPath[0]' <<<"$output") == *-pen-shims/shims ]]
	evaluated 'module flake.homeModules.default { enable = true; settings = "allow = {}"; }'
	[ "$(jq -r '.xdg.configFile."pen/pen.conf".text' <<<"$output")" = 'allow = {}' ]
}

@test "an agent that is started through the links runs in a pen" {
	built "${stub[@]}" "path:$FLAKE#pen"
	local pen=$output
	built --impure --expr "
		let
			nixpkgs = builtins.getFlake \"path:$ROOT/tests/packages/nixpkgs\";
		in (import $FLAKE/packaging/nix/common.nix null {
			cfg = {
				agents = [ \"claude\" ];
				package = \"$pen\";
			};
			inherit (nixpkgs) lib;
			pkgs = nixpkgs.legacyPackages.$SYSTEM;
		}).shims"
	[ "$(readlink "$output/shims/claude")" = "$pen/bin/pen-shim" ]
	mkdir -p "$T/bin"
	printf '#!/bin/sh\n[ -e /run/pen/pen-filter ] && echo PEN || echo BARE\n' \
		>"$T/bin/claude"
	chmod +x "$T/bin/claude"
	PATH=$output/shims:$T/bin:/usr/bin:/bin run -0 --separate-stderr claude
	[ "$output" = PEN ]
}
