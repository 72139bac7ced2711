#!/bin/bash
# ci.sh: the part of CI that needs a Kubernetes cluster. Where ../shared/kube is beside the repository, its scripts build one (ten minutes on a
# new machine, seconds later) and start it; elsewhere this says so and ends.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
KUBE=$ROOT/../shared/kube
if [ ! -x "$KUBE/up" ]; then
  say "Not tested: runners on a cluster. There is no $KUBE/up; on a cluster of your own run \`make test-cluster\` (docs/testing-on-a-cluster.md)."
  exit 0
fi
if [ "$(id -u)" != 0 ]; then
  say "Not tested: runners on a cluster. $KUBE/up needs root."
  exit 0
fi

# One line of the scripts' own settings.
setting() { bash -c '. "$1/env.sh" && printf "%s\n" "${!2}"' bash "$KUBE" "$1"; }

"$KUBE/up"
"$KUBE/registry"
host=$(setting HOST_IP)
KUBECONFIG=$(setting LAB)/kubeconfig
PATH=$PATH:$(setting BIN)
# This cluster is CI's own: tests may take its API server away (docs/testing-on-a-cluster.md).
api_server=$(cat "$(setting RUN)/pid/kube-apiserver")
export GRAD_TEST_STOP_API_SERVER="$KUBE/in kill -STOP $api_server" GRAD_TEST_START_API_SERVER="$KUBE/in kill -CONT $api_server"
export KUBECONFIG PATH GRAD_TEST_REGISTRY=$host:5000 GRAD_TEST_CLUSTER_HOST=$host GRAD_TEST_PREFIX=ci-
# A test that hangs must not hold up CI for ever.
exec timeout --kill-after=60 1500 "$HERE/test.sh"
