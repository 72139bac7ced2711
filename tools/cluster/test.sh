#!/bin/bash
# test.sh [FILE...]: `make test-cluster`. Builds and pushes the images, unless GRAD_TEST_IMAGE and GRAD_TEST_RUNNER_IMAGE name some; deploys grad
# with two replicas into the cluster of KUBECONFIG; runs the tests of tests/cluster and the scenarios of tests/cluster/scenarios.txt, or those
# files; and removes the deployment.
# docs/testing-on-a-cluster.md names the variables. GRAD_TEST_KEEP=true leaves the deployment.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
for name in KUBECONFIG GRAD_TEST_CLUSTER_HOST; do
  [ -n "${!name:-}" ] || fail "Cannot test on a cluster: $name is not set (docs/testing-on-a-cluster.md)"
done
command -v kubectl >/dev/null || fail "Cannot test on a cluster: kubectl is not installed"
kubectl get --raw /readyz >/dev/null || fail "Cannot test on a cluster: the API server that KUBECONFIG names does not answer"
"$ROOT/tools/bootstrap.sh" test
"$ROOT/tools/build.sh" --launchers
cd "$ROOT"
[ -t 1 ] || export NO_COLOR=1
export GRAD_TEST_DIST=$ROOT/dist GRAD_DEV_PYTHON=$VENV_DEV/bin/python PATH=$GRAD_CACHE/bin:$PATH
prefix=${GRAD_TEST_PREFIX:-tests-}
exported() { # exported COMMAND...: the variables that it prints
  local lines
  lines=$("$@")
  while IFS='=' read -r name value; do
    case $name in GRAD_TEST_*) export "$name=$value" ;; esac
  done <<<"$lines"
}
if [ -z "${GRAD_TEST_IMAGE:-}" ] || [ -z "${GRAD_TEST_RUNNER_IMAGE:-}" ]; then exported "$HERE/images.sh"; fi
remove() { [ "${GRAD_TEST_KEEP:-}" = true ] || step "Removing the deployment" "$HERE/deploy.sh" --prefix "$prefix" --delete; }
trap remove EXIT
exported "$HERE/deploy.sh" --prefix "$prefix"
if (($# > 0)); then
  deno test --frozen -A "$@"
  exit
fi
failed=false
# Two files at once, each in namespaces of its own: they wait for pods for most of their time. One after the other, those that change
# the deployment, have bounds of time, or build images; and at the end the one without an API server, whose absence a provisioner of
# volumes may not get over.
last=tests/cluster/api_server_stopped_test.ts
alone=(deployed_kills deployment development faults_datasets)
mapfile -t alone < <(printf 'tests/cluster/%s_test.ts\n' "${alone[@]}")
ignored=$(IFS=, && printf '%s' "${alone[*]},$last")
DENO_JOBS=2 deno test --frozen --parallel -A "--ignore=$ignored" tests/cluster || failed=true
deno test --frozen -A "${alone[@]}" || failed=true
if [ "${GRAD_TEST_SCENARIOS:-}" = all ]; then
  scenarios=(tests/end_to_end tests/analysts tests/attacks)
else
  mapfile -t scenarios < <(grep -v '^#' tests/cluster/scenarios.txt)
fi
GRAD_TEST_BACKEND=kubernetes DENO_JOBS=2 deno test --frozen --parallel -A "${scenarios[@]}" || failed=true
deno test --frozen -A "$last" || failed=true
[ "$failed" = false ]
