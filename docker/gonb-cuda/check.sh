#!/usr/bin/env bash
# Runs the steps of the Dockerfile on this machine, in this checkout: installs Go from its wheel in a temporary folder, sets
# the checkout up, and starts JupyterLab as the container does. It does not install Debian's packages (install-system.sh).
#
# Usage: docker/gonb-cuda/check.sh [--cuda]
#   --cuda   with XLA's CUDA plugin, which is a download of 3.2 GB if it is missing
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
  echo "check.sh: install-go.sh replaced an existing folder" >&2
  exit 1
fi
"$here/setup.sh" "$@"
"$here/check-lab.sh"
