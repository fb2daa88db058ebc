#!/usr/bin/env bash
# The container's command: opens JupyterLab to the network. Arguments go to JupyterLab.
#   PORT            (default 8888)
#   JUPYTER_TOKEN   token for the browser (default: JupyterLab makes one up and prints it)
set -euo pipefail
exec "$(dirname -- "${BASH_SOURCE[0]}")/../../notebooks/lab.sh" --ip=0.0.0.0 --port="${PORT:-8888}" --ServerApp.port_retries=0 --no-browser "$@"
