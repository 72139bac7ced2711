#!/bin/bash
# as_plain_user.sh COMMAND...: runs COMMAND as a user without privileges, so that tests of root's machine also show what holds for others.
# As a plain user already, it only runs COMMAND. As root it makes a mount namespace in which the user "tester" exists, has a home folder,
# may open /dev/fuse (as on usual distributions), and can read what bootstrap.sh installed, also where that lies below root's home.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/env.sh
. "$HERE/lib/env.sh"
# shellcheck source=lib/progress.sh
. "$HERE/lib/progress.sh"
(($# > 0)) || fail "usage: tools/as_plain_user.sh COMMAND..."
[ "$(id -u)" = 0 ] || exec "$@"

USER_ID=61234 # below 65536, so that it exists in containers as well; nobody's on common systems
CACHES=("$GRAD_CACHE" "${DENO_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/deno}")
scratch=$(mktemp -d /tmp/grad-user.XXXXXX)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch"/{mounts,home,tmp} "$GRAD_CACHE/test-data" "${CACHES[@]}"
chmod 711 "$scratch"
chown "$USER_ID:$USER_ID" "$scratch"/{home,tmp}

reads() { setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups test -r "$1"; }

# Shows $1 to everybody although a folder above it is closed: the outermost closed folder is covered by an empty one.
uncover() {
  local closed=$1
  while [ "$(dirname "$closed")" != / ] && ! setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups test -x "$(dirname "$closed")"; do
    closed=$(dirname "$closed")
  done
  covered+=("$closed")
}

inside() {
  local mounts=$scratch/mounts closed folder number=0
  mount -t tmpfs -o mode=711 tmpfs "$mounts"
  mknod -m 666 "$mounts/fuse" c 10 229
  mount --bind "$mounts/fuse" /dev/fuse
  { cat /etc/passwd; echo "tester:x:$USER_ID:$USER_ID::$scratch/home:/bin/bash"; } >"$mounts/passwd"
  { cat /etc/group; echo "tester:x:$USER_ID:"; } >"$mounts/group"
  chmod 644 "$mounts"/{passwd,group}
  mount --bind "$mounts/passwd" /etc/passwd
  mount --bind "$mounts/group" /etc/group
  local covered=() shown=()
  for folder in "$ROOT" "${CACHES[@]}"; do
    if reads "$folder/."; then continue; fi
    uncover "$folder"
    shown+=("$folder")
  done
  for folder in "${shown[@]}"; do
    mkdir "$mounts/$((++number))"
    mount --bind "$folder" "$mounts/$number"
  done
  for closed in "${covered[@]}"; do
    reads "$closed/." || mount -t tmpfs -o mode=755 tmpfs "$closed"
  done
  number=0
  for folder in "${shown[@]}"; do
    mkdir -p "$folder"
    mount --bind "$mounts/$((++number))" "$folder"
  done
  # The tests keep the data that they make there.
  cp -r "$GRAD_CACHE/test-data" "$mounts/test-data"
  chown -R "$USER_ID:$USER_ID" "$mounts/test-data"
  mount --bind "$mounts/test-data" "$GRAD_CACHE/test-data"
  cd "$ROOT"
  exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups "$@"
}

export USER_ID scratch ROOT GRAD_CACHE
status=0
# shellcheck disable=SC2016
unshare --mount --propagation private bash -euo pipefail -c \
  "$(declare -f inside uncover reads); $(declare -p CACHES); inside \"\$@\"" _ \
  env -u GRAD_STATE_DIR -u GRAD_RUNTIME_DIR -u XDG_RUNTIME_DIR -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u SUDO_USER HOME="$scratch/home" USER=tester LOGNAME=tester TMPDIR="$scratch/tmp" \
  XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}" DENO_DIR="${CACHES[1]}" "$@" || status=$?
exit "$status"
