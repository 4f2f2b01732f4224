# Sourced by every script here: where things are and which versions of tools are pinned.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/opbook
# Outside the clone, so that fresh clones share what is already compiled.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/target}
export PATH="$CACHE/tools/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

# Cargo.toml pins the library to the same version: the two speak a private format.
WASM_BINDGEN_VERSION=0.2.130
# Cuts the program into its parts; must know what this wasm-bindgen writes.
WASM_SPLIT_VERSION=0.2.4
NODE_MODULES=$ROOT/end2end/node_modules
# Debian keeps the server's binaries out of PATH, in a folder per version: the newest one.
POSTGRES_BIN=${OPBOOK_TEST_POSTGRES_BIN:-$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1 || true)}
# Started by the tests of attached files, and what fills templates in those of the import;
# scripts/setup test installs both.
S3_SERVER=$CACHE/python/bin/moto_server
export OPBOOK_TEST_S3_SERVER=$S3_SERVER
export OPBOOK_TEST_PYTHON=$CACHE/python/bin/python

# What the released server can do. Quick builds leave the typesetting engine out: it is most of a build.
RELEASE_FEATURES=ssr,print

bold='' red='' plain=''
if [[ -t 2 ]]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; fi
say() { printf '%s· %s%s\n' "$bold" "$*" "$plain" >&2; }
die() {
  printf '%sopbook: %s%s\n' "$red" "$*" "$plain" >&2
  exit 1
}
