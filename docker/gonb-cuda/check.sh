#!/usr/bin/env bash
# Runs what the Dockerfile runs on this machine, in this checkout: Go from its wheel in a folder of its own, the set-up,
# JupyterLab as the container starts it. Debian's packages (install-system.sh) are left as they are.
#
# Usage: docker/gonb-cuda/check.sh [--cuda]
#   --cuda   with XLA's CUDA plugin: 3.2 GB to fetch if it is not there
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "$here/../.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$here/install-go.sh" "$scratch/go"
wanted=$(sed -n 's/^go //p' go.mod)
version=$(GOTOOLCHAIN=local "$scratch/go/bin/go" env GOVERSION)
if [[ $version != "go$wanted" ]]; then
  echo "check.sh: the image has $version, go.mod names $wanted" >&2
  exit 1
fi
if "$here/install-go.sh" "$scratch/go" 2>/dev/null; then
  echo "check.sh: install-go.sh replaced a folder that was there" >&2
  exit 1
fi
"$here/setup.sh" "$@"
"$here/check-lab.sh"
