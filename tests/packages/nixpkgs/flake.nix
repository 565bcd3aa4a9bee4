# A stand-in for nixpkgs, for an evaluation without a network: of its lib and its
# package set only what pen's flake uses, and a stdenv that builds with this
# machine's own compiler and libraries.
{
  outputs = { self }:
    let
      lib = rec {
        genAttrs = names: f:
          builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
        mkOption = o: o // { _type = "option"; };
        mkIf = condition: content: if condition then content else { };
        concatMapStrings = f: list: builtins.concatStringsSep "" (map f list);
        escapeShellArg = s: "'" + builtins.replaceStrings [ "'" ] [ "'\\''" ] s + "'";
        licenses.mit = "MIT";
        types = {
          bool = "bool";
          package = "package";
          str = "str";
          lines = "lines";
          listOf = t: "list of ${t}";
          nullOr = t: "${t} or null";
        };
      };

      build = system: { name, env ? { }, script }: derivation (env // {
        inherit name system;
        builder = "/bin/bash";
        PATH = "/usr/bin:/bin";
        args = [ "-euc" script ];
      });

      set = system: rec {
        inherit lib;
        stdenv = {
          hostPlatform = { inherit system; };
          mkDerivation = a: build system {
            name = "${a.pname}-${a.version}";
            env = { inherit (a) src; };
            script = ''
              patchShebangs() { :; }
              cp -r "$src" tree && chmod -R u+w tree && cd tree
              ${a.postPatch}
              make -s -j2 ${builtins.concatStringsSep " " (map
                (flag: "'${builtins.replaceStrings [ "$(out)" ] [ "'\"$out\"'" ] flag}'")
                a.makeFlags)} install
              ${a.postInstall}
            '';
          } // { inherit (a) meta buildInputs; };
        };
        runCommand = name: env: script: build system { inherit name env script; };
        callPackage = file: args:
          let f = import file; in
          f (builtins.intersectAttrs (builtins.functionArgs f) all // args);
        passt = "passt";
        all = {
          inherit lib stdenv;
          pkg-config = "pkg-config";
          c-ares = "c-ares";
          curl = "curl";
          jansson = "jansson";
          libconfuse = "libconfuse";
          libseccomp = "libseccomp";
          openssl = "openssl";
          readline = "readline";
          zlib = "zlib";
          zstd = "zstd";
        };
      };
    in
    {
      inherit lib;
      legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] set;
    };
}
