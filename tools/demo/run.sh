#!/bin/bash
# run.sh: `make run`. Installs what is missing, starts an S3 server with real data, makes a workspace, runs two analyses.
# Every step first checks whether it is done already; nothing that exists is replaced. stop.sh ends what this starts.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
DEMO=$GRAD_STATE/demo
WORKSPACE=$ROOT/workspace
gractl() { "$ROOT/dist/gractl" --workspace "$WORKSPACE" "$@"; }
began=$(now_ms)

load_data() {
  "$VENV/bin/python" -I "$HERE/load.py" "$("$HERE/s3_server.sh" endpoint)" "$DEMO/credentials"
  hash_of "$HERE/load.py" >"$DEMO/data.loaded"
}

# One dataset: its file is written if it is new, and again if the server's port has changed. gractl writes it, so that the workspace is
# trusted with it.
describe() {
  local name=$1 endpoint file=$WORKSPACE/datasets/$1.yaml
  endpoint=$("$HERE/s3_server.sh" endpoint)
  if [ -e "$file" ]; then
    if grep -Eq "endpoint: [\"']?${endpoint}[\"']?\$" "$file"; then return; fi
    gractl dataset remove "$name"
  fi
  gractl dataset add "$name" "s3://nycflights13/$name" --endpoint "$endpoint" \
    --profile grad-demo --credentials-file "$DEMO/credentials" --description "$(cat "$HERE/datasets/$name.txt")"
}

make_workspace() {
  "$ROOT/dist/gractl" workspace init "$WORKSPACE" --if-missing
  for name in flights weather reference; do describe "$name"; done
}

say "1. What is needed"
"$ROOT/tools/bootstrap.sh" run
step "gractl and grad" "$ROOT/tools/build.sh" --launchers
say "2. An S3 server with real data: 336,776 flights, the weather, airlines, airports, planes"
step "S3 server on a loopback port" "$HERE/s3_server.sh" start
if [ "$(cat "$DEMO/data.loaded" 2>/dev/null)" != "$(hash_of "$HERE/load.py")" ]; then
  step "Loading nycflights13 as parquet" load_data
fi
say "3. A workspace, ./workspace, with descriptions of the data"
step "Workspace and its datasets" make_workspace
# A workspace that an earlier version made: its user looks once at what it asks for.
gractl workspace status -o json | grep -q '"state":"trusted"' || gractl workspace trust
say ""
say "4. Two analyses, which run beside the data"
for analysis in delays weather_plot; do
  say ""
  say "\$ dist/gractl execute-code --session demo --file tools/demo/$analysis.py"
  sed -n '1s/^# /  (/; 1s/$/)/p' "$HERE/$analysis.py"
  started=$(now_ms)
  # A session of its own: the user's first code finds "default" empty.
  gractl execute-code --session demo --file "$HERE/$analysis.py"
  say "  ($(duration $(($(now_ms) - started))))"
done
cat <<EOF

Ready after $(duration $(($(now_ms) - began))). Everything keeps running, and variables stay between calls. What to try next, in this folder:

  export PATH="\$PWD/dist:\$PATH"
  gractl execute-code --code 'import duckdb; duckdb.sql("FROM '"'data/weather/*.parquet'"' LIMIT 5")'
  gractl dataset list                    # the datasets and where they are
  gractl dataset check flights           # files and columns of one
  gractl execution list                  # what ran; \`gractl execution attach ID\` shows it again
  gractl --help                          # all commands; see also docs/cli.md
  make stop                              # ends what runs and keeps your files
EOF
