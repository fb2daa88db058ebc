#!/usr/bin/env bash
# Profiles our training steps on the CPU and prints Markdown tables. The arguments go to main.py, which lists them.
#
# Usage: experiments/bench/profile/profile.sh [ARGUMENT...]
#   RN_CACHE, PYTHON   see docker/gonb-cuda/venv.sh; jaxlib comes from requirements-check.txt, 1.2 GB
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd -- "$here/../../.." && pwd)
venv=$("$repo/docker/gonb-cuda/venv.sh" "$repo/docker/gonb-cuda/requirements-check.txt")
# Huge pages for jaxlib's buffers, as rn has them.
export JAX_PLATFORMS=cpu TF_CPP_MIN_LOG_LEVEL=3 GLIBC_TUNABLES=glibc.malloc.hugetlb=1 PYTHONDONTWRITEBYTECODE=1
exec "$venv/bin/python" "$here/main.py" --rn "$repo/build/bin/rn" "$@"
