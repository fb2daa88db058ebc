#!/usr/bin/env bash
# Sets this checkout up as in the image: Go modules, rn, XLA's plugins, the GoNB kernel and JupyterLab.
#
# Usage: docker/gonb-cuda/setup.sh [--cuda]
#   --cuda    also XLA's CUDA plugin with NVIDIA's libraries: 3.2 GB to download, 4.9 GB on disk
#   COMMIT    the commit to write into results files if git cannot tell
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
cuda=false
case ${1-} in
'') ;;
--cuda) cuda=true ;;
*)
  echo "setup.sh: unknown option \"$1\": it takes --cuda" >&2
  exit 1
  ;;
esac
make setup ${COMMIT:+"COMMIT=$COMMIT"}
if $cuda; then build/bin/rn setup --plugin cuda; fi
notebooks/setup.sh --lab
mkdir -p out # so that a volume mounted there gets this owner
