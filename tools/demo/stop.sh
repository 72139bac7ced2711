#!/bin/bash
# stop.sh: ends the processes that `make run` started: grad, this workspace's runners, the S3 server. Nothing is deleted.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"

if [ ! -x "$VENV/bin/python" ] || [ ! -x "$ROOT/dist/gractl" ]; then
  say "Nothing runs: \`make run\` was not run here."
  exit 0
fi
"$ROOT/dist/gractl" --workspace "$ROOT/workspace" --context local grad stop | sed 's/^/  grad: /'
# After grad has ended, so that it does not start them again.
if [ -e "$ROOT/workspace/config.yaml" ]; then
  "$VENV/bin/python" -I "$HERE/stop_runners.py" "$ROOT/workspace/config.yaml" "$GRAD_STATE"
fi
"$HERE/s3_server.sh" stop
say "Your workspace, the runners' files and the data in S3 stay; variables of sessions are lost. \`make run\` starts everything again;"
say "\`dist/gractl runner destroy runner-1\` (while it runs) deletes a runner with its files."
