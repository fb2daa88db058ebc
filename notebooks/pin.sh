#!/usr/bin/env bash
# Pins requirements*.in, of this folder and of docker/gonb-cuda, with hashes, into requirements*.txt. Arguments go to
# pip-compile:
#   notebooks/pin.sh                    pins what the .in files gained; keeps the other versions
#   notebooks/pin.sh --upgrade          takes the newest versions of everything
# Use the oldest Python that is supported, 3.11 (PYTHON=python3.11).
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
