# shellcheck shell=bash disable=SC2034
# Sourced by the scripts in tools/: paths. Everything that is installed is outside of the tree.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# The same folders as in shared/local_paths.ts, for shell scripts.
GRAD_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/grad
GRAD_STATE=${GRAD_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/grad}
TOOLS_BIN=$GRAD_CACHE/tools/bin
VENV=$GRAD_CACHE/venv
VENV_DEV=$GRAD_CACHE/venv-dev
export PATH=$TOOLS_BIN:$PATH
export DENO_NO_UPDATE_CHECK=1 DENO_NO_PROMPT=1
# shellcheck source=../versions.env
. "$ROOT/tools/versions.env"

# One hash of the contents of files and folders below ROOT. Neither their times matter nor where ROOT is: another checkout of the same
# tree, as the README test makes one, must not install the runners' environment again while runners start from it.
hash_of() {
  find "$@" -type f ! -path '*/__pycache__/*' ! -name '*.pyc' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum |
    sed "s|  $ROOT/|  |" | sha256sum | cut -c1-32
}
