#!/usr/bin/env bash
# Starts JupyterLab as the image does, on a free port. It must become healthy, have the GoNB kernel, refuse requests without
# the token, and be unhealthy once it is stopped. Run setup.sh first.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
die() {
  printf 'check-lab.sh: %s\n' "$*" >&2
  exit 1
}
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
JUPYTER_TOKEN=$(python3 -c 'import secrets; print(secrets.token_hex(16))')
export PORT JUPYTER_TOKEN
options=()
if [[ $(id -u) -eq 0 ]]; then options=(--allow-root); fi # JupyterLab refuses root by default; the image has another user

log=$(mktemp)
"$here/start.sh" ${options[@]+"${options[@]}"} >"$log" 2>&1 &
lab=$!
stop() {
  kill "$lab" 2>/dev/null || true
  wait "$lab" 2>/dev/null || true
}
trap 'stop; rm -f "$log"' EXIT
healthy=false
for ((second = 0; second < 120; second++)); do
  if "$here/healthcheck.sh" 2>/dev/null; then
    healthy=true
    break
  fi
  kill -0 "$lab" 2>/dev/null || break
  sleep 1
done
$healthy || die "JupyterLab is not healthy: $(tail -n 20 "$log")"

python3 - "http://127.0.0.1:$PORT/api/kernelspecs" "$JUPYTER_TOKEN" <<'PY' || die "JupyterLab has no GoNB kernel, or lists its kernels without a token"
import json, sys, urllib.error, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
address, token = sys.argv[1:]
try:
    direct.open(address, timeout=30)
    sys.exit("JupyterLab lists its kernels without a token")
except urllib.error.HTTPError as refusal:
    if refusal.code != 403:
        raise
with direct.open(urllib.request.Request(address, headers={"Authorization": "token " + token}), timeout=30) as answer:
    sys.exit("gonb" not in json.load(answer)["kernelspecs"])
PY
stop
if "$here/healthcheck.sh" 2>/dev/null; then die "JupyterLab is healthy after it was stopped"; fi
echo "JupyterLab was healthy after $second s, with the GoNB kernel"
