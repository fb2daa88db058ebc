#!/usr/bin/env bash
# Measures images/s of this package and of torchvision in PyTorch's DataLoader, on the same photographs with the
# same number of workers: RUNS runs of each in turn. Neither keeps images in memory.
#
# Usage: experiments/data/loader/torchvision/compare.sh FOLDER
#   FOLDER     holds a folder of photographs (*.jpg) for each class, such as Office-Caltech10's amazon
#   WORKERS    goroutines, and worker processes: 1 or 2 (default 2)
#   RUNS       (default 3)
#   BATCHES    batches of 36 in each run (default 100)
#   RN_CACHE, PYTHON   as in experiments/bench/torch/venv.sh
set -euo pipefail

die() {
  printf 'compare.sh: %s\n' "$*" >&2
  exit 1
}

here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd -- "$here/../../../.." && pwd)
(($# == 1)) || die "want one argument: a folder that holds a folder of photographs for each class"
photos=$1
[[ -d $photos ]] || die "there is no folder $photos"
photos=$(cd -- "$photos" && pwd)
workers=${WORKERS:-2} runs=${RUNS:-3} batches=${BATCHES:-100}
[[ $workers == [12] ]] || die "WORKERS=$workers: BenchmarkPhotos has only 1 and 2"

venv=$("$repo/experiments/bench/torch/venv.sh")
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT

(cd "$here/.." && go test -c -o "$temporary/loader.test" .)
ours() {
  (cd "$here/.." && RN_PHOTOS=$photos GOMAXPROCS=$workers "$temporary/loader.test" \
    -test.run '^$' -test.bench "^BenchmarkPhotos\$/^workers=$workers\$" -test.benchtime "${batches}x") |
    awk '{ for (i = 2; i <= NF; i++) if ($i == "images/s") print $(i - 1) }'
}
theirs() {
  OMP_NUM_THREADS=1 "$venv/bin/python" "$here/peer.py" --root "$photos" --workers "$workers" --images $((36 * batches)) --json |
    "$venv/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["images_per_second"])'
}

find -L "$photos" -type f -exec cat {} + >/dev/null # so that both read from memory
echo "images/s with $workers workers, $((36 * batches)) images in each run"
printf '%-4s %12s %12s %8s\n' run loader torchvision ratio
for ((run = 1; run <= runs; run++)); do
  a=$(ours)
  b=$(theirs)
  [[ -n $a && -n $b ]] || die "run $run measured nothing"
  awk -v run="$run" -v a="$a" -v b="$b" 'BEGIN { printf "%-4d %12.1f %12.1f %8.2f\n", run, a, b, a / b }'
done | tee "$temporary/runs"
awk '{ a += $2; b += $3 } END { printf "%-4s %12.1f %12.1f %8.2f\n", "mean", a / NR, b / NR, a / b }' "$temporary/runs"
