#!/usr/bin/env bash
# Pins the packages of requirements*.in, in this folder and in docker/gonb-cuda, with hashes in requirements*.txt.
# Passes its arguments to pip-compile:
#   notebooks/pin.sh                    pins new packages and keeps the other versions
#   notebooks/pin.sh --upgrade          upgrades all packages
# Use the oldest supported Python, 3.11 (PYTHON=python3.11).
set -euo pipefail
notebooks=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd "$notebooks"
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/python" -m pip install --quiet pip-tools==7.6.2
for input in requirements.in requirements-lab.in ../docker/gonb-cuda/requirements*.in; do
  cd "$(dirname -- "$input")"
  name=$(basename -- "$input" .in)
  CUSTOM_COMPILE_COMMAND="make requirements" "$tools/bin/pip-compile" --quiet --generate-hashes --strip-extras \
    --no-emit-find-links --no-emit-index-url --no-emit-trusted-host "$@" -o "$name.txt" "$name.in"
  cd "$notebooks"
done
