#!/bin/bash
# s3_server.sh start|stop|endpoint: the S3 server of `make run`: rclone on a loopback port, serving a folder of the state folder, with keys
# that are made once for this machine. The process is detached from the terminal and runs until `make stop`.
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../lib/env.sh
. "$HERE/../lib/env.sh"
# shellcheck source=../lib/progress.sh
. "$HERE/../lib/progress.sh"
DEMO=$GRAD_STATE/demo

# "PID START" of the server while it runs. The start time is compared because a pid may have been given to another process.
running() {
  local pid start
  read -r pid start 2>/dev/null <"$DEMO/rclone.pid" || return 1
  # It may end while we read /proc, which is no error.
  [ "$(started "$pid")" = "$start" ] && { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -q 'rclone serve s3' || return 1
  echo "$pid"
}

# When a process started, in clock ticks (field 22 of /proc/PID/stat; the name before it may contain blanks and brackets).
started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

make_keys() {
  if [ -s "$DEMO/credentials" ]; then return 0; fi
  local id secret
  id=GRADDEMO$(od -An -tx1 -N6 /dev/urandom | tr -d ' \n' | tr a-f A-F)
  secret=$(od -An -tx1 -N24 /dev/urandom | tr -d ' \n')
  (umask 077 && printf '[grad-demo]\naws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$secret" >"$DEMO/credentials.new")
  mv "$DEMO/credentials.new" "$DEMO/credentials"
}

key() { sed -n "s/^$1 = //p" "$DEMO/credentials"; }

# The same port as last time if it is free, so that the workspace's dataset files stay valid.
free_port() {
  "$VENV/bin/python" -I -c '
import socket, sys
for port in (int(sys.argv[1] or 0), 0):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(("127.0.0.1", port))
        except OSError:
            continue
        print(s.getsockname()[1])
        break
' "$(sed 's/.*://' "$DEMO/endpoint" 2>/dev/null || true)"
}

answers() { "$VENV/bin/python" -I -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1" 2>/dev/null; }

start() {
  mkdir -p "$DEMO/s3"
  chmod 700 "$DEMO"
  make_keys
  if running >/dev/null; then return 0; fi
  local port pid
  port=$(free_port)
  # The keys are passed by the environment, because everybody can read a process' arguments.
  RCLONE_AUTH_KEY="\"$(key aws_access_key_id),$(key aws_secret_access_key)\"" RCLONE_CONFIG=/dev/null \
    setsid "$TOOLS_BIN/rclone" serve s3 "$DEMO/s3" --addr "127.0.0.1:$port" --vfs-cache-mode off \
    >"$DEMO/rclone.log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid $(started "$pid")" >"$DEMO/rclone.pid"
  for _ in $(seq 100); do
    if answers "$port"; then
      echo "http://127.0.0.1:$port" >"$DEMO/endpoint"
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 5 "$DEMO/rclone.log" >&2
  fail "Cannot start rclone's S3 server: see $DEMO/rclone.log"
}

stop() {
  local pid
  pid=$(running) || {
    rm -f "$DEMO/rclone.pid"
    say "  The S3 server was not running."
    return 0
  }
  kill "$pid"
  for _ in $(seq 50); do
    running >/dev/null || break
    sleep 0.1
  done
  if running >/dev/null; then kill -KILL "$pid"; fi
  rm -f "$DEMO/rclone.pid"
  say "  The S3 server has ended."
}

case ${1:-} in
start) start ;;
stop) stop ;;
endpoint) cat "$DEMO/endpoint" ;;
*) fail "usage: s3_server.sh start|stop|endpoint" ;;
esac
