#!/usr/bin/env bash
# Prints the folder of a virtual environment with the torch and torchvision of requirements.txt, for what ours is
# compared with, and installs it first if it is not there.
#
# Usage: experiments/bench/torch/venv.sh
#   RN_CACHE   where it is installed, 6 GB (default: ${XDG_CACHE_HOME:-$HOME/.cache}/reciprocalnorm)
#   PYTHON     the Python 3.11+ for it (default: python3)
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
python=${PYTHON:-python3}

# The folder's name holds a key of what goes into it, as those of notebooks/env.sh. Comments do not.
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
