self: { config, lib, pkgs, ... }:

let
  cfg = config.programs.pen;
  common = import ./common.nix self { inherit cfg lib pkgs; };
in
{
  options.programs.pen = common.options // {
    settings = lib.mkOption {
      type = lib.types.nullOr lib.types.lines;
      default = null;
      description = ''
        ~/.config/pen/pen.conf, see pen.conf(5). With it set, pen-ctl allow
        --always and pen --edit cannot write there.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package pkgs.passt ];

    # home-manager puts these before what PATH has.
    home.sessionPath = lib.mkIf (cfg.agents != [ ]) [ "${common.shims}/shims" ];

    xdg.configFile."pen/pen.conf" = lib.mkIf (cfg.settings != null) {
      text = cfg.settings;
    };
  };
}
