# What the modules for NixOS and home-manager share: their options, and a
# directory of links to pen-shim(1), one for each agent, for the front of PATH.
self: { cfg, lib, pkgs }:

{
  options = {
    enable = lib.mkOption {
      type = lib.types.bool;
      default = cfg.agents != [ ];
      description = "Whether to install pen. On when agents are named.";
    };
    package = lib.mkOption {
      type = lib.types.package;
      default = self.packages.${pkgs.stdenv.hostPlatform.system}.pen;
      description = "The package of pen.";
    };
    agents = lib.mkOption {
      type = lib.types.listOf lib.types.str;
      default = [ ];
      example = [ "claude" "codex" ];
      description = ''
        Agents that run in a pen when they are started by name. Each has to be
        installed as well: the link that PATH leads to first finds it further on.
      '';
    };
  };

  shims = pkgs.runCommand "pen-shims" { } (''
    mkdir -p $out/shims
  '' + lib.concatMapStrings
    (name: ''
      ln -s ${cfg.package}/bin/pen-shim $out/shims/${lib.escapeShellArg name}
    '')
    cfg.agents);
}
