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
as_tester() { setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups "$@"; }

# The folder to cover with an empty one, so that what is shown in it can be reached: the outermost one above $1 that is closed.
closed_above() {
  local closed=$1
  while [ "$(dirname "$closed")" != / ] && ! as_tester test -x "$(dirname "$closed")"; do closed=$(dirname "$closed"); done
  echo "$closed"
}

if [ "$1" != --in-namespace ]; then
  scratch=$(mktemp -d /tmp/grad-user.XXXXXX)
  trap 'rm -rf "$scratch"' EXIT
  mkdir -p "$scratch"/{mounts,home,tmp} "$GRAD_CACHE/test-data" "${CACHES[@]}"
  chmod 711 "$scratch"
  chown "$USER_ID:$USER_ID" "$scratch"/{home,tmp}
  status=0
  unshare --mount --propagation private "$HERE/as_plain_user.sh" --in-namespace "$scratch" "$@" || status=$?
  exit "$status"
fi

scratch=$2
shift 2
mounts=$scratch/mounts
mount -t tmpfs -o mode=711 tmpfs "$mounts"
mknod -m 666 "$mounts/fuse" c 10 229
mount --bind "$mounts/fuse" /dev/fuse
{ cat /etc/passwd; echo "tester:x:$USER_ID:$USER_ID::$scratch/home:/bin/bash"; } >"$mounts/passwd"
{ cat /etc/group; echo "tester:x:$USER_ID:"; } >"$mounts/group"
chmod 644 "$mounts"/{passwd,group}
mount --bind "$mounts/passwd" /etc/passwd
mount --bind "$mounts/group" /etc/group

shown=() covered=()
for folder in "$ROOT" "${CACHES[@]}"; do
  if as_tester test -r "$folder/."; then continue; fi
  shown+=("$folder")
  covered+=("$(closed_above "$folder")")
done
for number in "${!shown[@]}"; do
  mkdir "$mounts/$number"
  mount --bind "${shown[number]}" "$mounts/$number"
done
for closed in "${covered[@]}"; do
  as_tester test -r "$closed/." || mount -t tmpfs -o mode=755 tmpfs "$closed"
done
for number in "${!shown[@]}"; do
  mkdir -p "${shown[number]}"
  mount --bind "$mounts/$number" "${shown[number]}"
done
# Folders that the user must be able to write: the tests keep the data that they make, and executables unpack beside themselves.
for folder in "$GRAD_CACHE/test-data" "$ROOT/dist"; do
  [ -d "$folder" ] || continue
  own=$mounts/own-$(basename "$folder")
  cp -a "$folder" "$own"
  chown -R "$USER_ID:$USER_ID" "$own"
  mount --bind "$own" "$folder"
done

cd "$ROOT"
exec setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups \
  env -u GRAD_STATE_DIR -u GRAD_RUNTIME_DIR -u XDG_RUNTIME_DIR -u XDG_STATE_HOME -u XDG_CONFIG_HOME -u SUDO_USER \
  HOME="$scratch/home" USER=tester LOGNAME=tester TMPDIR="$scratch/tmp" XDG_CACHE_HOME="$(dirname "$GRAD_CACHE")" DENO_DIR="${CACHES[1]}" "$@"
