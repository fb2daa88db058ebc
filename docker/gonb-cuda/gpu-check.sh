#!/usr/bin/env bash
# Runs on an NVIDIA GPU what needs one: parity with the authors' numbers; training steps and predictions of BN and RN, in
# float32 and bfloat16, beside PyTorch's if the machine has PyTorch for CUDA; training on digits. A part that fails is
# named, the others still run, and the script fails at the end. The measurements are in OUT.
#
# Usage: docker/gonb-cuda/gpu-check.sh [OUT]      (default build/gpu-check)
#   BACKBONES   (default "resnet50 resnet18")
#   BATCH       images per domain (default 32)
#   STEPS       timed steps (default 20)
#   RN          (default build/bin/rn)
#   PYTHON      a Python with torch for CUDA and torchvision (default python3); without one, PyTorch is skipped
set -uo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "$here/../.." || exit
out=${1:-build/gpu-check}
rn=${RN:-build/bin/rn} python=${PYTHON:-python3}
batch=${BATCH:-32} steps=${STEPS:-20}
read -ra backbones <<<"${BACKBONES:-resnet50 resnet18}"
failed=0
# part NAME COMMAND...: writes the output to OUT/NAME too, and to the error output how long the command took.
part() {
  local name=$1 start=$SECONDS
  shift
  if ! "$@" | tee -a "$out/$name"; then
    [[ -f $out/progress.txt ]] && tail -n 1 "$out/progress.txt" >&2
    echo "gpu-check.sh: failed: $*" >&2
    failed=1
  fi
  echo "    $((SECONDS - start)) s: $*" >&2
}

mkdir -p "$out"
rm -f "$out"/*.txt "$out"/*.jsonl
nvidia-smi -L | tee "$out/gpu.txt" || exit 1
pytorch=no
if "$python" -c 'import torch, torchvision; assert torch.cuda.is_available()' 2>/dev/null; then
  pytorch=yes
else
  echo "gpu-check.sh: $python has no torch for CUDA with torchvision: PyTorch is skipped" >&2
fi
part verify.txt "$rn" verify --backend xla:cuda
for activations in float32 bfloat16; do
  part digits.jsonl "$rn" train --backend xla:cuda --recipe digits --source mnist --target uci \
    --norm rn --objective cdan-e --activations "$activations" --out "$out/run.$activations" --json 2>"$out/progress.txt"
done
for backbone in "${backbones[@]}"; do
  for activations in float32 bfloat16; do
    part bench.jsonl "$rn" bench --backend xla:cuda --backbone "$backbone" --per-domain "$batch" --steps "$steps" \
      --activations "$activations" --json 2>"$out/progress.txt"
    [[ $pytorch == yes ]] || continue
    for layout in '' --channels-last; do
      part peer.jsonl "$python" -B experiments/bench/torch/peer.py --device cuda --net "$backbone" --per-domain "$batch" \
        --steps "$steps" --activations "$activations" ${layout:+"$layout"}
    done
  done
done
part bench.jsonl "$rn" bench --backend xla:cuda --backbone "${backbones[0]}" --per-domain "$batch" --steps "$steps" --inference --json \
  2>"$out/progress.txt"
exit "$failed"
