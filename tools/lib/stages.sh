# shellcheck shell=bash
# Sourced by the scripts in tools/, after progress.sh: independent stages side by side, as many at a time as there are cores.
#   stage WHAT COMMAND...   adds a stage
#   run_stages              runs them all; each one's result and, if it failed, its whole output are shown in the order in which the
#                           stages were added. Returns 1 if a stage failed.

STAGE_NAMES=() STAGE_COMMANDS=() STAGE_STATUS=() STAGE_MS=()
declare -A STAGE_OF_PID=()
STAGE_LOGS=

# On any exit: ends what still runs. Each stage is a process group of its own.
end_stages() {
  local pid
  for pid in "${!STAGE_OF_PID[@]}"; do kill -- "-$pid" 2>/dev/null || true; done
  [ -z "$STAGE_LOGS" ] || rm -rf "$STAGE_LOGS"
}

stage() {
  STAGE_NAMES+=("$1")
  shift
  STAGE_COMMANDS+=("$(printf '%q ' "$@")")
}

start_stage() {
  local index=$1
  set -m # a process group of its own, which Ctrl-C does not reach: end_stages ends it
  (
    started=$(now_ms) status=0
    eval "${STAGE_COMMANDS[index]}" || status=$?
    echo $(($(now_ms) - started)) >"$STAGE_LOGS/$index.ms"
    exit "$status"
  ) >"$STAGE_LOGS/$index.log" 2>&1 </dev/null &
  STAGE_OF_PID[$!]=$index
  set +m
}

show_stage() {
  local index=$1 result=ok
  ((STAGE_STATUS[index] == 0)) || result=FAILED
  printf '  %-58s %s  %s\n' "${STAGE_NAMES[index]}" "$result" "$(duration "${STAGE_MS[index]}")"
  ((STAGE_STATUS[index] == 0)) || sed 's/^/    | /' "$STAGE_LOGS/$index.log"
}

run_stages() {
  local count=${#STAGE_NAMES[@]} next=0 shown=0 failed=0 finished status index
  local slots
  slots=$(nproc)
  STAGE_LOGS=$(mktemp -d "${TMPDIR:-/tmp}/grad-stages.XXXXXX")
  trap end_stages EXIT
  while ((shown < count)); do
    while ((next < count && ${#STAGE_OF_PID[@]} < slots)); do start_stage $((next++)); done
    finished='' status=0
    wait -n -p finished "${!STAGE_OF_PID[@]}" || status=$?
    [ -n "$finished" ] || continue # a signal, not an end
    index=${STAGE_OF_PID[$finished]}
    unset "STAGE_OF_PID[$finished]"
    STAGE_STATUS[index]=$status
    STAGE_MS[index]=$(cat "$STAGE_LOGS/$index.ms" 2>/dev/null || echo 0)
    ((status == 0)) || failed=$((failed + 1))
    while [ -n "${STAGE_STATUS[shown]:-}" ]; do show_stage $((shown++)); done
  done
  if ((failed > 0)); then
    say "$failed of $count checks failed"
    return 1
  fi
}
