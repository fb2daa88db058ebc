#!/usr/bin/env bash
# Prints the folder of a virtual environment with the torch and torchvision that requirements.txt pins, and installs it
# first if it is missing. The comparisons with PyTorch run in it.
#
# Usage: experiments/bench/torch/venv.sh
#   RN_CACHE   folder to install it in, 6 GB (default: ${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm)
#   PYTHON     a Python 3.11 or later (default: python3)
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}

# The folder's name holds a key of what is installed, as in notebooks/env.sh; comments do not count.
cache=${RN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm}
mkdir -p "$cache"
cache=$(cd -- "$cache" && pwd)
key=$({ grep -v '^#' "$here/requirements.txt"; "$python" -c 'import sys; print(sys.version, sys.base_prefix)'; } | sha256sum | cut -c1-12)
venv=$cache/venv-torch-$key
if [[ ! -f $venv/complete ]]; then
  echo "installing torch and torchvision in $venv" >&2
  "$python" -m venv --clear "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --only-binary :all: \
    -r "$here/requirements.txt" >&2
  : >"$venv/complete"
fi
printf '%s\n' "$venv"
