#!/usr/bin/env bash
# Opens JupyterLab in the notebooks folder, with the GoNB kernel of this checkout. Passes its arguments to JupyterLab:
#   notebooks/lab.sh --no-browser --port 8899
set -euo pipefail
# shellcheck source=env.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$RN_NOTEBOOKS/setup.sh" --lab
rn_kernel_env
cd "$RN_NOTEBOOKS"
exec "$RN_VENV_LAB/bin/python" -m jupyterlab "$@"
