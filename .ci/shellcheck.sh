#!/usr/bin/env bash
# Checks every shell script of the repository with the shellcheck that docker/gonb-cuda/requirements-lint.txt pins.
#   RN_CACHE, PYTHON   see docker/gonb-cuda/venv.sh
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.."
venv=$(docker/gonb-cuda/venv.sh docker/gonb-cuda/requirements-lint.txt)
# Not git ls-files: a copy of the repository may have no .git.
find . \( -name .git -o -path ./build -o -path ./out \) -prune -o -name '*.sh' \
  -exec "$venv/bin/shellcheck" -x -P SCRIPTDIR .ci/run {} +
