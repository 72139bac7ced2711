#!/bin/bash
# test.sh [unit|runner|end-to-end|analysts|attacks]...: runs those suites (all, if none is named) and ends with one line that sums them up.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib/env.sh
. "$HERE/lib/env.sh"
# shellcheck source=lib/progress.sh
. "$HERE/lib/progress.sh"
"$HERE/bootstrap.sh" test
# End-to-end tests run the programs as they are delivered: what `make build` put into dist/, or else launchers.
"$HERE/build.sh" --launchers
cd "$ROOT"
[ -t 1 ] || export NO_COLOR=1
export GRAD_TEST_DIST=$ROOT/dist GRAD_DEV_PYTHON=$VENV_DEV/bin/python PATH=$GRAD_CACHE/bin:$PATH
(($# > 0)) || set -- unit runner end-to-end analysts attacks
reports=$(mktemp -d "${TMPDIR:-/tmp}/grad-tests.XXXXXX")
trap 'rm -rf "$reports"' EXIT
chmod 711 "$reports" # the plain user of the attacks writes a report as well

coverage_gate() { deno run --quiet --allow-read "$HERE/coverage_gate.ts" "$@"; }

# Shows only the tests that failed.
unit() {
  NO_COLOR=1 deno task --quiet test:unit --coverage="$reports/coverage" --coverage-raw-data-only --junit-path="$1" 2>&1 |
    sed -u '/^Check /d; / \.\.\. ok (.*)$/d; /^running [0-9]* tests\? from/d' || return
  deno coverage --quiet --lcov --output="$reports/unit.lcov" "$reports/coverage" && coverage_gate unit "$reports/unit.lcov"
}
end_to_end() { deno task --quiet test:e2e --junit-path="$1" 2> >(sed -uE '/^(\x1b\[[0-9;]*m)*Check/d' >&2); }
# What analysts do every day, on the same harness as the end-to-end tests.
analysts() { deno task --quiet test:analysts --junit-path="$1" 2> >(sed -uE '/^(\x1b\[[0-9;]*m)*Check/d' >&2); }
in_runner() { (cd runner && COVERAGE_FILE=$reports/coverage.db "$VENV_DEV/bin/$1" "${@:2}"); }
runner() {
  in_runner coverage run -m pytest -q -p no:cacheprovider --junitxml="$1" || return
  in_runner coverage lcov -q -o "$reports/runner.lcov" && coverage_gate runner "$reports/runner.lcov"
}
# What untrusted code, data, servers and workspaces try. Root has more to lose, a plain user less to defend with: both are tried.
attacks() { deno task --quiet test:attacks --junit-path="$1" 2> >(sed -uE '/^(\x1b\[[0-9;]*m)*Check/d' >&2); }
attacks_as_plain_user() {
  install -m 666 /dev/null "$1"
  "$HERE/as_plain_user.sh" deno task --quiet test:attacks --junit-path="$1" 2> >(sed -uE '/^(\x1b\[[0-9;]*m)*Check/d' >&2)
}

suites=()
for suite in "$@"; do
  case $suite in unit | runner | end-to-end | analysts | attacks) suites+=("$suite") ;; *) fail "Cannot test \"$suite\": the suites are unit, runner, end-to-end, analysts, attacks" ;; esac
  if [ "$suite" = attacks ] && [ "$(id -u)" = 0 ]; then suites+=(attacks-as-plain-user); fi
done
for suite in "${suites[@]}"; do
  say "=== $suite"
  started=$(now_ms)
  status=0
  "${suite//-/_}" "$reports/$suite.xml" || status=$?
  echo "$status" >"$reports/$suite.status"
  say "=== $suite: $(duration $(($(now_ms) - started)))"
  say ""
done
deno run --quiet --allow-read "$HERE/test_summary.ts" "$reports"
