#!/bin/bash
# base_images.sh NAME...: makes stand-ins for base images that cannot be pulled where this is built, under their own names, from Debian
# packages and the tools that bootstrap.sh installs. Names: debian, deno, distroless, rclone. What buildah's storage has already, it leaves.
#   deno        Debian with Deno, and the stand-in for denort (docs/adr/0012-denort-stand-in.md)
#   distroless  the packages of gcr.io/distroless/cc-debian12, no shell, and Deno, by which the stand-in runs grad
# docs/verification.md says what this leaves unverified.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
# shellcheck source=buildah.sh
. "$HERE/buildah.sh"

DEBIAN=docker.io/library/debian:bookworm-slim
DENO=docker.io/denoland/deno:$DENO_VERSION
DISTROLESS=gcr.io/distroless/cc-debian12:nonroot
RCLONE=docker.io/rclone/rclone:$RCLONE_VERSION
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/grad-images.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT

have() { buildah_ inspect --type image "$1" >/dev/null 2>&1; }
from_folder() { # from_folder NAME FOLDER [LINE...]: an image of that folder, with further lines of a Dockerfile
  local name=$1 folder=$2
  printf '%s\n' 'FROM scratch' 'COPY . /' "${@:3}" >"$SCRATCH/Dockerfile"
  build_image -f "$SCRATCH/Dockerfile" -t "$name" "$folder"
}

debian() {
  local archive=${KUBELAB_HOME:-$HOME/.cache/kubelab}/img/debian.tar
  if [ -e "$archive" ]; then
    buildah_ tag "$(buildah_ pull "oci-archive:$archive" | tail -n 1)" "$DEBIAN"
  else
    command -v debootstrap >/dev/null || fail "Cannot make $DEBIAN: debootstrap is not installed"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$SCRATCH/debian"
    from_folder "$DEBIAN" "$SCRATCH/debian" 'CMD ["/bin/bash"]'
  fi
}

deno() {
  make_debian
  mkdir -p "$SCRATCH/deno"
  cp "$TOOLS_BIN/deno" "$SCRATCH/deno/"
  cp "$ROOT/tools/denort/denort_standin.c" "$SCRATCH/deno/"
  cat >"$SCRATCH/Dockerfile" <<EOF
FROM $DEBIAN AS compiler
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends gcc libc6-dev
COPY denort_standin.c /
RUN gcc -O2 -o /denort /denort_standin.c
FROM $DEBIAN
COPY --from=compiler /denort /usr/local/libexec/denort
COPY deno /usr/bin/deno
ENV DENORT_BIN=/usr/local/libexec/denort DENO_DIR=/deno-dir
EOF
  build_image -f "$SCRATCH/Dockerfile" -t "$DENO" "$SCRATCH/deno"
}

distroless() {
  local root=$SCRATCH/distroless package
  mkdir -p "$root" "$SCRATCH/packages"
  (cd "$SCRATCH/packages" && chmod 777 . && apt-get download -q base-files ca-certificates libc6 libgcc-s1 libssl3 libstdc++6 netbase tzdata)
  for package in "$SCRATCH/packages"/*.deb; do dpkg-deb -x "$package" "$root"; done
  rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
  cat "$root"/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
  printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$root/etc/passwd"
  printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
  mkdir -p "$root/home/nonroot" "$root/tmp" "$root/usr/bin"
  chmod 1777 "$root/tmp"
  chown 65532:65532 "$root/home/nonroot"
  cp "$TOOLS_BIN/deno" "$root/usr/bin/deno"
  from_folder "$DISTROLESS" "$root" 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt' 'USER 65532' 'WORKDIR /home/nonroot'
}

rclone() {
  mkdir -p "$SCRATCH/rclone/usr/local/bin" "$SCRATCH/rclone/tmp"
  chmod 1777 "$SCRATCH/rclone/tmp"
  cp "$TOOLS_BIN/rclone" "$SCRATCH/rclone/usr/local/bin/"
  from_folder "$RCLONE" "$SCRATCH/rclone" 'ENTRYPOINT ["/usr/local/bin/rclone"]'
}

make_debian() { have "$DEBIAN" || step "Stand-in for $DEBIAN" debian; }
make_deno() { have "$DENO" || step "Stand-in for $DENO" deno; }
make_distroless() { have "$DISTROLESS" || step "Stand-in for $DISTROLESS" distroless; }
make_rclone() { have "$RCLONE" || step "Stand-in for $RCLONE" rclone; }

for name in "$@"; do
  case $name in
  debian | deno | distroless | rclone) "make_$name" ;;
  *) fail "Cannot make \"$name\": the names are debian, deno, distroless, rclone" ;;
  esac
done
