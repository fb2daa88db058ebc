#!/usr/bin/env bash
# Installs what a requirements file pins in a virtual environment of its own, if it is not there, and prints its folder.
# The folder's name holds a key of what goes into it, as those of notebooks/env.sh.
#
# Usage: venv.sh REQUIREMENTS
#   RN_CACHE   where it is installed (default: ${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm)
#   PYTHON     the Python 3.11+ for it (default: python3)
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
  exec 9>"$venv.lock" # two at a time would disturb each other
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
