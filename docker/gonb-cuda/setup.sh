#!/usr/bin/env bash
# Sets this checkout up as the image has it: Go modules, rn, XLA's plugins, the GoNB kernel and JupyterLab.
#
# Usage: docker/gonb-cuda/setup.sh [--cuda]
#   --cuda    XLA's CUDA plugin with NVIDIA's libraries too: 3.2 GB to fetch, 4.9 GB on disk
#   COMMIT    what results files call the commit, where git cannot say
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
mkdir -p out # where a volume is mounted: it takes over the owner
