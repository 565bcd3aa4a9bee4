self: { config, lib, pkgs, ... }:

let
  cfg = config.programs.pen;
  common = import ./common.nix self { inherit cfg lib pkgs; };
in
{
  options.programs.pen = common.options // {
    managed = lib.mkOption {
      type = lib.types.nullOr lib.types.lines;
      default = null;
      description = ''
        The system's decisions, which no user's file and no option loosens:
        /etc/pen/managed.conf, see pen.conf(5).
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    environment.systemPackages = [ cfg.package pkgs.passt ];

    # Behind all else that sets PATH for a session.
    environment.extraInit = lib.mkIf (cfg.agents != [ ]) ''
      export PATH="${common.shims}/shims:$PATH"
    '';

    environment.etc."pen/managed.conf" = lib.mkIf (cfg.managed != null) {
      text = cfg.managed;
    };

    # Refuses nothing: a name that may make user namespaces.
    security.apparmor.policies.pen = lib.mkIf config.security.apparmor.enable {
      profile = ''
        abi <abi/4.0>,
        include <tunables/global>

        profile pen ${cfg.package}/bin/pen{,-bwrap,-check,-key,-net,-ns} flags=(unconfined) {
          userns,
        }
      '';
    };
  };
}
