# shellcheck shell=bash
# Sourced: images by buildah, which needs no Docker. One build at a time on this machine: builds share the storage and its cache.

buildah_() { buildah --storage-driver overlay "$@"; }

# build_image ARGUMENT...: `buildah bud` with its cache of layers, and this machine's own certificate authorities, from which a mirror of
# packages may have its certificate.
build_image() {
  local authorities=/usr/local/share/ca-certificates volumes=()
  if [ -d "$authorities" ]; then volumes=(-v "$authorities:$authorities:ro"); fi
  flock "${GRAD_BUILDAH_LOCK:-$GRAD_CACHE/buildah.lock}" \
    buildah --storage-driver overlay bud --layers --isolation chroot --pull=never "${volumes[@]}" "$@"
}
