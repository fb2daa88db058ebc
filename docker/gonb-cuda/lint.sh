#!/usr/bin/env bash
# Checks the Dockerfile against every rule of hadolint.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
venv=$("$here/venv.sh" "$here/requirements-lint.txt")
exec "$venv/bin/hadolint" "$here/Dockerfile"
