#!/bin/bash
# check.sh: everything that can be checked without running the product; tells all faults, not only the first. See the Makefile.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/env.sh
. "$HERE/lib/env.sh"
# shellcheck source=lib/progress.sh
. "$HERE/lib/progress.sh"
"$HERE/bootstrap.sh" check
cd "$ROOT"
export NO_COLOR=1 GRAD_DEV_PYTHON=$VENV_DEV/bin/python
faults=0
check() { step "$@" || faults=$((faults + 1)); }
in_runner() { (cd runner && "$VENV_DEV/bin/$1" "${@:2}"); }
uv_in_runner() { (cd runner && uv "$@"); }

check "TypeScript: format" deno fmt --check
check "TypeScript: lint, with our import rules" deno lint
check "TypeScript: types, with the lock file as it is" deno check --frozen shared grad gractl tools tests bench
check "Tests of the import rules" deno test --quiet --allow-read tools/lint
check "Tree: cycles between folders, long files" deno run --quiet --allow-read tools/check_tree.ts
check "Protos: lint" deno task --quiet buf lint
check "Protos: format" deno task --quiet buf format --diff --exit-code
check "Generated code is current" deno task --quiet generate --check
check "Generated documents are current" deno task --quiet docs --check
check "Python: lint" in_runner ruff check --quiet --no-cache .
check "Python: format" in_runner ruff format --check --quiet --no-cache .
check "Python: types" in_runner mypy --cache-dir "$GRAD_CACHE/mypy"
check "Python: lock file is current" uv_in_runner lock --check
if ((faults > 0)); then
  say "$faults checks failed"
  exit 1
fi
say "All checks passed"
