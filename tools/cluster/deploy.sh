#!/bin/bash
# deploy.sh [--prefix P-] [--delete]: installs grad with two replicas (tests/cluster/overlay) into the cluster that KUBECONFIG names, and prints
# what to export for tests: address, file with its authority's certificate, namespaces. Safe to repeat; --prefix makes a second one beside it.
#   GRAD_TEST_IMAGE, GRAD_TEST_RUNNER_IMAGE   images, as nodes pull them; without them images.sh makes both
#   GRAD_TEST_CLUSTER_HOST                    the address of this machine that pods reach: runners may reach S3 servers of tests there
# --delete removes the deployment and all of its runners.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
prefix='' delete=false
while (($# > 0)); do
  case $1 in
  --prefix) prefix=$2 && shift 2 ;;
  --delete) delete=true && shift ;;
  *) fail "usage: deploy.sh [--prefix P-] [--delete]" ;;
  esac
done
exec 3>&1 1>&2 # the last lines alone go to standard output
NAMESPACE=${prefix}grad RUNNERS=${prefix}grad-runners USERS=${prefix}grad-users ADMINS=${prefix}grad-admins

remove() {
  # grad takes its finalizers away while it runs. Where it does not, they must not hold up the namespace for ever.
  if ! kubectl delete runners.grad.dev --all --namespace "$RUNNERS" --timeout=60s; then
    kubectl get runners.grad.dev --namespace "$RUNNERS" --output=name |
      xargs --no-run-if-empty --max-args=1 kubectl patch --namespace "$RUNNERS" --type=merge --patch '{"metadata":{"finalizers":null}}' ||
      true # one of them has gone meanwhile
  fi
  kubectl delete namespace "$NAMESPACE" "$RUNNERS" "$USERS" "$ADMINS" --ignore-not-found --timeout=120s
  kubectl delete clusterrolebinding "${prefix}grad-token-review" --ignore-not-found
}
if [ "$delete" = true ]; then
  remove
  exit
fi

if [ -z "${GRAD_TEST_IMAGE:-}" ] || [ -z "${GRAD_TEST_RUNNER_IMAGE:-}" ]; then
  images=$("$HERE/images.sh")
  GRAD_TEST_IMAGE=$(sed -n 's/^GRAD_TEST_IMAGE=//p' <<<"$images")
  GRAD_TEST_RUNNER_IMAGE=$(sed -n 's/^GRAD_TEST_RUNNER_IMAGE=//p' <<<"$images")
fi
node=$(kubectl get nodes --output=jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}')
arguments=(--image "$GRAD_TEST_IMAGE" --runner-image "$GRAD_TEST_RUNNER_IMAGE" --name "$node" --prefix "$prefix")
if [ -n "${GRAD_TEST_CLUSTER_HOST:-}" ]; then arguments+=(--s3-host "$GRAD_TEST_CLUSTER_HOST"); fi
STATE=${GRAD_TEST_STATE:-$GRAD_CACHE/cluster}
mkdir -p "$STATE"
deno run --quiet --no-prompt --allow-read --allow-env --allow-run=kubectl "$HERE/render.ts" "$ROOT/tests/cluster/overlay" "${arguments[@]}" >"$STATE/$NAMESPACE.yaml"

made() { # waits until the certificates are there
  local tries
  for ((tries = 0; tries < 180; tries++)); do
    kubectl get --namespace "$NAMESPACE" secret/grad-tls secret/grad-runner-ca configmap/grad-ca && return
    sleep 1
  done
  return 1
}
# grad's pods come when their Secrets are there: the kubelet looks for a missing one again only after up to two minutes.
apply() {
  local file=$STATE/$NAMESPACE.yaml
  kubectl apply --filename="$file" --selector='app.kubernetes.io/name!=grad' &&
    kubectl wait --for=condition=Established --timeout=60s crd/runners.grad.dev &&
    made &&
    kubectl apply --filename="$file"
}
show() { # what is wrong, where something is
  kubectl get pods --namespace "$NAMESPACE" --output=wide
  kubectl get events --namespace "$NAMESPACE" --field-selector=type=Warning
  kubectl logs --namespace "$NAMESPACE" --selector=app.kubernetes.io/part-of=grad --all-containers --tail=20 --prefix || true
  kubectl logs --namespace "$NAMESPACE" deployment/grad --tail=20 || true
  kubectl logs --namespace "$NAMESPACE" deployment/grad-certificates --tail=20 || true
}
started() {
  kubectl rollout status deployment/grad-certificates --namespace "$NAMESPACE" --timeout=180s &&
    kubectl rollout status deployment/grad --namespace "$NAMESPACE" --timeout=180s && return
  show
  return 1
}
step "Applying the manifests" apply
step "Starting grad, two replicas" started
port=$(kubectl get service grad --namespace "$NAMESPACE" --output=jsonpath='{.spec.ports[0].nodePort}')
kubectl get configmap grad-ca --namespace "$NAMESPACE" --output=jsonpath='{.data.ca\.crt}' >"$STATE/$NAMESPACE-ca.crt.new"
mv "$STATE/$NAMESPACE-ca.crt.new" "$STATE/$NAMESPACE-ca.crt" # callers may read it meanwhile
cat >&3 <<EOF
GRAD_TEST_ADDRESS=https://$node:$port
GRAD_TEST_CA=$STATE/$NAMESPACE-ca.crt
GRAD_TEST_NAMESPACE=$NAMESPACE
GRAD_TEST_RUNNER_NAMESPACE=$RUNNERS
GRAD_TEST_USER_NAMESPACE=$USERS
GRAD_TEST_ADMIN_NAMESPACE=$ADMINS
# A token: kubectl create token alice --namespace $USERS --audience grad
EOF
