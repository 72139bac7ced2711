# shellcheck shell=bash
# Sourced by the scripts in tools/: every slow step shows progress, its duration and, if it fails, its output.

now_ms() { date +%s%3N; }

# Milliseconds as people read them: 0.4 s, 12.3 s, 2 min 05 s.
duration() {
  local ms=$1
  if ((ms >= 60000)); then printf '%d min %02d s' $((ms / 60000)) $((ms / 1000 % 60)); else printf '%d.%d s' $((ms / 1000)) $((ms / 100 % 10)); fi
}

# The process group that `step` waits for. It is ended when the script ends, so that Ctrl-C leaves nothing running.
STEP_PID=
trap '[ -z "$STEP_PID" ] || kill -- "-$STEP_PID" 2>/dev/null || true' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# step WHAT COMMAND...: runs COMMAND with its output in a log, which is shown only if it fails. Returns the command's status.
step() {
  local what=$1 log started status=0 waited=0
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/grad-step.XXXXXX")
  started=$(now_ms)
  printf '  %-58s ' "$what"
  set -m # a process group of its own
  "$@" >"$log" 2>&1 </dev/null &
  STEP_PID=$!
  set +m
  while kill -0 "$STEP_PID" 2>/dev/null; do
    sleep 0.05
    waited=$((waited + 1))
    if ((waited % 40 != 0)); then continue; fi
    if [ -t 1 ]; then printf '\r  %-58s %s' "$what" "$(duration $(($(now_ms) - started)))"; else printf '.'; fi
  done
  wait "$STEP_PID" || status=$?
  STEP_PID=
  if [ -t 1 ]; then printf '\r  %-58s ' "$what"; fi
  if ((status == 0)); then
    printf 'ok  %s\n' "$(duration $(($(now_ms) - started)))"
  else
    printf 'FAILED  %s\n' "$(duration $(($(now_ms) - started)))"
    sed 's/^/    | /' "$log" | tail -n "${STEP_TAIL:-60}"
  fi
  rm -f "$log"
  return "$status"
}

say() { printf '%s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
