{
  description = "pen, a jail for LLM coding agents on an ordinary account";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      each = nixpkgs.lib.genAttrs [ "x86_64-linux" "aarch64-linux" ];
    in
    {
      packages = each (system: rec {
        pen = nixpkgs.legacyPackages.${system}.callPackage ./packaging/nix/package.nix { };
        default = pen;
      });

      overlays.default = final: prev: {
        pen = final.callPackage ./packaging/nix/package.nix { };
      };

      # programs.pen.agents = [ "claude" "codex" ]; is all that they need.
      nixosModules.default = import ./packaging/nix/nixos.nix self;
      homeManagerModules.default = import ./packaging/nix/home.nix self;
      homeModules.default = import ./packaging/nix/home.nix self;
    };
}
