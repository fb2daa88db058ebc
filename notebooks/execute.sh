#!/usr/bin/env bash
# Executes notebooks without a browser and fails if a cell fails. Options: notebooks/execute.sh --help
set -euo pipefail
IFS=$' \t\n'
# shellcheck source=env.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/env.sh"
"$RN_NOTEBOOKS/setup.sh" --check

scratch=$(mktemp -d "${TMPDIR:-/tmp}/rn-notebooks-XXXXXX") # for GoNB's folders; removed even if a kernel is killed
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

rn_kernel_env
export RN_NOTEBOOK_PROFILE=${RN_NOTEBOOK_PROFILE:-quick}
export RN_NOTEBOOK_HEADLESS=1 # controls keep their defaults; no cell waits for a reader
TMPDIR=$scratch "$RN_VENV/bin/python" "$RN_NOTEBOOKS/execute.py" "$@"
