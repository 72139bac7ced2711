#!/bin/bash
# check.sh: everything that can be checked without running the product. Reports all faults, not only the first. See the Makefile.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/env.sh
. "$HERE/lib/env.sh"
# shellcheck source=lib/progress.sh
. "$HERE/lib/progress.sh"
# shellcheck source=lib/stages.sh
. "$HERE/lib/stages.sh"
"$HERE/bootstrap.sh" check
cd "$ROOT"
export NO_COLOR=1 GRAD_DEV_PYTHON=$VENV_DEV/bin/python
in_runner() { (cd runner && "$VENV_DEV/bin/$1" "${@:2}"); }
uv_in_runner() { (cd runner && uv "$@"); }
python_of_tools() {
  in_runner ruff check --quiet --no-cache --config pyproject.toml --ignore T201 ../tools &&
    in_runner ruff format --check --quiet --no-cache --config pyproject.toml ../tools &&
    in_runner mypy --cache-dir "$GRAD_CACHE/mypy-tools" --strict ../tools/mutants/python_operators.py ../tools/mutants/python_worker.py
}
shell_scripts() { git ls-files --cached --others --exclude-standard -- '*.sh' .ci/run 'tools/hooks/*'; }
shellcheck_all() { shell_scripts | xargs "$VENV_DEV/bin/shellcheck"; }

# The slowest first, so that short ones fill the other cores.
stage "TypeScript: types, with the lock file as it is" deno check --frozen shared grad gractl tools tests bench
stage "Python: types, tests included" in_runner mypy --cache-dir "$GRAD_CACHE/mypy"
stage "Generated code is current" deno task --quiet generate --check
stage "Generated documents are current" deno task --quiet docs --check
stage "TypeScript: format" deno fmt --check
stage "TypeScript: lint, with our import rules" deno lint
stage "Tree: cycles between folders, long files" deno run --quiet --allow-read tools/check_tree.ts
stage "Documents: links, and commands that texts name" deno task --quiet check:texts
stage "Protos: lint" deno task --quiet buf lint
stage "Protos: format" deno task --quiet buf format --diff --exit-code
stage "Protos: nothing that the accepted API has is broken" deno task --quiet buf breaking --against accepted.binpb
stage "Python: lint" in_runner ruff check --quiet --no-cache .
stage "Python: format" in_runner ruff format --check --quiet --no-cache .
stage "Python of tools/: lint, format, types" python_of_tools
stage "Python: lock file is current" uv_in_runner lock --check
stage "Shell: shellcheck" shellcheck_all
run_stages || exit 1
say "All checks passed"
