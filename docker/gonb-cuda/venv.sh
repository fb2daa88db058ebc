#!/usr/bin/env bash
# Prints the folder of a virtual environment with the packages that a requirements file pins, and installs it first if it
# is missing. The folder's name holds a key of what is installed, as in notebooks/env.sh.
#
# Usage: venv.sh REQUIREMENTS
#   RN_CACHE   folder to install it in (default: ${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm)
#   PYTHON     a Python 3.11 or later (default: python3)
set -euo pipefail
requirements=${1:?usage: venv.sh REQUIREMENTS}
python=${PYTHON:-python3}
cache=${RN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm}
mkdir -p "$cache"
cache=$(cd -- "$cache" && pwd)
name=$(basename -- "$requirements" .txt)
key=$({ cat "$requirements"; "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; } | sha256sum | cut -c1-12)
venv=$cache/venv-${name#requirements-}-$key
if [[ ! -f $venv/complete ]]; then
  exec 9>"$venv.lock" # one installation at a time
  flock 9
fi
if [[ ! -f $venv/complete ]]; then
  echo "installing $(basename -- "$requirements") in $venv" >&2
  "$python" -m venv --clear "$venv" >&2
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
    -r "$requirements" >&2
  : >"$venv/complete"
fi
printf '%s\n' "$venv"
