#!/bin/bash
# build.sh [--launchers|--compile]: dist/gractl and dist/grad; see build.ts.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/env.sh
. "$HERE/lib/env.sh"
"$HERE/bootstrap.sh" build
kind=${1:---compile}
status=0
deno run -A --quiet --frozen "$HERE/build.ts" "$kind" || status=$?
if ((status == 75)); then # EX_TEMPFAIL: a compiler is needed for the stand-in
  "$HERE/bootstrap.sh" compiler
  status=0
  deno run -A --quiet --frozen "$HERE/build.ts" "$kind" || status=$?
fi
exit "$status"
