#!/bin/bash
# images.sh [--target production|dev]: builds the images of grad and of runners, pushes them into the registry GRAD_TEST_REGISTRY, and prints
# what to export: GRAD_TEST_IMAGE and GRAD_TEST_RUNNER_IMAGE. Tags are hashes of what an image is made from: what the registry has already
# is not built again, and nodes, which keep what they have, never run an old one. Plain HTTP, unless GRAD_TEST_REGISTRY_TLS is true.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
# shellcheck source=buildah.sh
. "$HERE/buildah.sh"
REGISTRY=${GRAD_TEST_REGISTRY:-}
[ -n "$REGISTRY" ] || fail "Cannot push images: GRAD_TEST_REGISTRY names no registry (docs/testing-on-a-cluster.md)"
TLS=${GRAD_TEST_REGISTRY_TLS:-false}
[ "$TLS" = true ] && SCHEME=https || SCHEME=http
target=production
if [ "${1:-}" = --target ]; then target=$2; fi
exec 3>&1 1>&2 # the last lines alone go to standard output

pushed() { # pushed NAME TAG
  curl --silent --fail --max-time 10 --output /dev/null --head -H 'Accept: application/vnd.oci.image.manifest.v1+json' \
    "$SCHEME://$REGISTRY/v2/$1/manifests/$2"
}

publish() { # publish NAME TAG ARGUMENT...: builds by `buildah bud ARGUMENT...` and pushes
  local name=$1 tag=$2
  build_image "${@:3}" -t "$name:$tag" "$ROOT"
  buildah_ push --tls-verify="$TLS" "$name:$tag" "docker://$REGISTRY/$name:$tag"
}

cd "$ROOT"
grad=$(hash_of .dockerignore Dockerfile.grad tools/versions.env deno.json deno.lock grad shared proto/gen tools/build.ts tools/permissions.ts tools/bundle tools/denort)
runner=$(hash_of .dockerignore Dockerfile.runner tools/versions.env deno.json runner/pyproject.toml runner/uv.lock runner/grad_runner)
if ! pushed grad "$target-$grad"; then
  "$HERE/base_images.sh" deno distroless
  step "Image of grad ($target)" publish grad "$target-$grad" --target "$target" -f Dockerfile.grad --build-arg "DENO_VERSION=$DENO_VERSION"
fi
if ! pushed grad-runner "$runner"; then
  "$HERE/base_images.sh" debian
  step "Image of runners" publish grad-runner "$runner" -f Dockerfile.runner --build-arg "UV_VERSION=$UV_VERSION"
fi
printf 'GRAD_TEST_IMAGE=%s\nGRAD_TEST_RUNNER_IMAGE=%s\n' "$REGISTRY/grad:$target-$grad" "$REGISTRY/grad-runner:$runner" >&3
