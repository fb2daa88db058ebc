#!/usr/bin/env bash
# Profiles training steps of ours on the CPU and prints Markdown tables: see main.py, which the arguments go to.
#
# Usage: experiments/bench/profile/profile.sh [ARGUMENT...]
#   RN_CACHE, PYTHON   see docker/gonb-cuda/venv.sh, whose environment for checks has the jaxlib; 1.2 GB
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd -- "$here/../../.." && pwd)
venv=$("$repo/docker/gonb-cuda/venv.sh" "$repo/docker/gonb-cuda/requirements-check.txt")
# Huge pages for jaxlib's buffers, as rn has them.
export JAX_PLATFORMS=cpu TF_CPP_MIN_LOG_LEVEL=3 GLIBC_TUNABLES=glibc.malloc.hugetlb=1 PYTHONDONTWRITEBYTECODE=1
exec "$venv/bin/python" "$here/main.py" --rn "$repo/build/bin/rn" "$@"
