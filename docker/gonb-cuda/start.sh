#!/usr/bin/env bash
# Opens JupyterLab for the network: what the container runs. Arguments go to JupyterLab.
#   PORT            (default 8888)
#   JUPYTER_TOKEN   what the browser has to show (default: one that JupyterLab makes up and prints)
set -euo pipefail
exec "$(dirname -- "${BASH_SOURCE[0]}")/../../notebooks/lab.sh" --ip=0.0.0.0 --port="${PORT:-8888}" --ServerApp.port_retries=0 --no-browser "$@"
