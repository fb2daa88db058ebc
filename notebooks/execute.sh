#!/usr/bin/env bash
# Executes notebooks without a browser and fails when a cell fails. Options: notebooks/execute.sh --help
set -euo pipefail
IFS=$' \t\n'
# shellcheck source=env.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$RN_NOTEBOOKS/setup.sh" --check

scratch=$(mktemp -d "${TMPDIR:-/tmp}/rn-notebooks-XXXXXX") # GoNB's own folders: gone even if a kernel is killed
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

rn_kernel_env
export RN_NOTEBOOK_PROFILE=${RN_NOTEBOOK_PROFILE:-quick}
export RN_NOTEBOOK_HEADLESS=1 # no cell waits for somebody to move a control
TMPDIR=$scratch "$RN_VENV/bin/python" "$RN_NOTEBOOKS/execute.py" "$@"
