#!/bin/bash
# dev.sh: `make dev`. A cluster in minikube, grad in it from these sources, an S3 server with real data, a workspace, and the two analyses of
# `make run`; then it stays, shows skaffold's output, and each change of grad's TypeScript is in the cluster in seconds. Ctrl-C ends it;
# everything in the cluster stays until `minikube delete --profile grad`. What exists is used again.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
PROFILE=grad
STATE=$GRAD_STATE/development
WORKSPACE=${GRAD_DEV_WORKSPACE:-$ROOT/workspace-development}
S3=http://127.0.0.1:7480
gractl() { "$ROOT/dist/gractl" --workspace "$WORKSPACE" "$@"; }

# All that is missing at once, and where to get it.
needs() {
  local missing=()
  command -v docker >/dev/null || missing+=("docker     https://docs.docker.com/engine/install/")
  command -v kubectl >/dev/null || missing+=("kubectl    https://kubernetes.io/docs/tasks/tools/")
  command -v minikube >/dev/null || missing+=("minikube   https://minikube.sigs.k8s.io/docs/start/")
  command -v skaffold >/dev/null || missing+=("skaffold   https://skaffold.dev/docs/install/")
  ((${#missing[@]} == 0)) && return
  printf 'error: Cannot start: these programs are missing:\n' >&2
  printf '  %s\n' "${missing[@]}" >&2
  printf 'hint: Install them and run the command again; make run needs none of them and no cluster.\n' >&2
  exit 3
}

start_cluster() {
  # Calico enforces NetworkPolicy; minikube's own network does not.
  minikube status --profile "$PROFILE" >/dev/null 2>&1 || minikube start --profile "$PROFILE" --cpus 4 --memory 16g --cni calico
}

answers() { (exec 8<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# skaffold forwards a port when what is behind it runs.
forwarded() {
  for _ in $(seq 3600); do
    kill -0 "$SKAFFOLD" 2>/dev/null || {
      tail -n 20 "$STATE/skaffold.log" >&2
      fail "skaffold has ended; its output is in $STATE/skaffold.log"
    }
    if answers 50051 && answers 7480; then return; fi
    sleep 0.25
  done
  fail "grad did not start within 15 minutes; skaffold's output is in $STATE/skaffold.log"
}

credentials() {
  local keys
  keys=$(sed -n 's/^ *RCLONE_AUTH_KEY: *//p' "$ROOT/k8s/overlays/development/s3.yaml" | tr -d "\"'")
  mkdir -p "$STATE"
  (umask 077 && printf '[grad-demo]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "${keys%%,*}" "${keys#*,}" >"$STATE/credentials")
}
load_data() { "$VENV/bin/python" -I "$ROOT/tools/demo/load.py" "$S3" "$STATE/credentials"; }
log_in() {
  "$ROOT/dist/gractl" login development --address https://localhost:50051 --service-account grad-users/developer --kube-context "$PROFILE"
}
make_workspace() {
  gractl workspace init "$WORKSPACE" --if-missing
  gractl context use development
  local name
  for name in flights weather reference; do
    [ -e "$WORKSPACE/datasets/$name.yaml" ] || gractl dataset add "$name" "s3://nycflights13/$name" --endpoint http://s3.grad.svc:7480 --no-check \
      --profile grad-demo --credentials-file "$STATE/credentials" --description "$(cat "$ROOT/tools/demo/datasets/$name.txt")"
  done
}

needs
began=$(now_ms)
say "1. What is needed"
"$ROOT/tools/bootstrap.sh" run
step "gractl and grad" "$ROOT/tools/build.sh" --launchers
say "2. A cluster in minikube: 4 CPUs, 16 GB, Calico"
step "minikube, profile $PROFILE" start_cluster
# Images are built where the cluster has them.
eval "$(minikube docker-env --profile "$PROFILE")"
say "3. Both images, and grad in the cluster (skaffold; the first time takes minutes)"
credentials
cd "$ROOT"
skaffold dev --profile development --port-forward --cleanup=false --kube-context "$PROFILE" >"$STATE/skaffold.log" 2>&1 </dev/null &
SKAFFOLD=$!
trap 'kill "$SKAFFOLD" 2>/dev/null || true; [ -z "$STEP_PID" ] || kill -- "-$STEP_PID" 2>/dev/null || true' EXIT
step "grad and the S3 server" forwarded
say "4. Real data, a context, a workspace: $WORKSPACE"
step "Loading nycflights13 as parquet" load_data
step "gractl login development" log_in
step "Workspace and its datasets" make_workspace
say ""
say "5. Two analyses, which run in the cluster beside the data"
for analysis in delays weather_plot; do
  say ""
  say "\$ dist/gractl --workspace $WORKSPACE execute-code --file tools/demo/$analysis.py"
  gractl execute-code --file "$ROOT/tools/demo/$analysis.py"
done
cat <<EOF

Ready after $(duration $(($(now_ms) - began))). Changes of grad/, shared/ and runner/ go into the cluster while this runs; Ctrl-C ends it. In another terminal:

  export PATH="\$PWD/dist:\$PATH"
  cd $WORKSPACE
  gractl runner list
  gractl execute-code --code 'duckdb.sql("FROM '"'data/weather/*.parquet'"' LIMIT 5")'
  kubectl get runners,pods --namespace grad-runners
  minikube delete --profile $PROFILE     # ends the cluster

EOF
# In the background, because a shell handles a signal only when the program in the foreground has ended.
tail --lines=0 --follow --pid="$SKAFFOLD" "$STATE/skaffold.log" &
wait "$SKAFFOLD"
