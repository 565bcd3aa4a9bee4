# pen, for callPackage.  Linked dynamically: nixpkgs has no static libraries.
{ lib
, stdenv
, pkg-config
, c-ares
, curl
, jansson
, libconfuse
, libseccomp
, openssl
, readline
, zlib
, zstd
}:

let
  version = builtins.head (builtins.match ".*\nVERSION = ([0-9.]+)\n.*"
    (builtins.readFile ../../Makefile));
in
stdenv.mkDerivation {
  pname = "pen";
  inherit version;
  src = ../..;

  nativeBuildInputs = [ pkg-config ];
  buildInputs = [ c-ares curl jansson libconfuse libseccomp openssl readline zlib zstd ];

  postPatch = "patchShebangs src/manifest bin";
  makeFlags = [ "STATIC=no" "MUSL=no" "V=1" "PREFIX=$(out)" ];
  enableParallelBuilding = true;
  # the store knows what is installed
  postInstall = "rm $out/share/pen/manifest";

  meta = {
    description = "Jail for LLM coding agents on an ordinary account";
    license = lib.licenses.mit;
    platforms = [ "x86_64-linux" "aarch64-linux" ];
    mainProgram = "pen";
  };
}
