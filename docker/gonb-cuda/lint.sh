#!/usr/bin/env bash
# Checks the Dockerfile with hadolint, every rule.
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
venv=$("$here/venv.sh" "$here/requirements-lint.txt")
exec "$venv/bin/hadolint" "$here/Dockerfile"
