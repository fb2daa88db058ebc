#!/usr/bin/env bash
# Succeeds if JupyterLab answers on this machine. Needs no token.
#   PORT   (default 8888)
set -euo pipefail
exec python3 - "http://127.0.0.1:${PORT:-8888}/api" <<'PY'
import json, sys, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
with direct.open(sys.argv[1], timeout=4) as answer:
    sys.exit("version" not in json.load(answer))
PY
