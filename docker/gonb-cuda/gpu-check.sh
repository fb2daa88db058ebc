#!/usr/bin/env bash
# What only a GPU can show: on a machine with an NVIDIA GPU and a CUDA plugin, runs the parity with the authors' numbers,
# times training steps and predictions of BN and RN in float32 and bfloat16, beside PyTorch's where there is one, and
# trains on digits. Fails where a part of that does, at the end; what was measured is in OUT.
#
# Usage: docker/gonb-cuda/gpu-check.sh [OUT]      (default build/gpu-check)
#   BACKBONES   (default "resnet50 resnet18")
#   BATCH       images of each domain (default 32)
#   STEPS       that are timed (default 20)
#   RN          (default build/bin/rn)
#   GOLDEN      folder of more golden files for rn verify (default none)
#   DATA        folder of USPS (default ../shared/data)
#   PEER        PyTorch's training step on CPUs (default ../shared/bench/torch_step.py), PYTHON one with torch on CUDA and
#               torchvision (default python3); without either there is nothing to compare with
set -uo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "$here/../.." || exit
out=${1:-build/gpu-check}
rn=${RN:-build/bin/rn}
peer=${PEER:-../shared/bench/torch_step.py}
batch=${BATCH:-32} steps=${STEPS:-20}
read -ra backbones <<<"${BACKBONES:-resnet50 resnet18}"
failed=0
# part NAME COMMAND...: what it prints goes to OUT/NAME too, and how long it took to the error output.
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
compare=no
"${PYTHON:-python3}" -c 'import torch, torchvision; assert torch.cuda.is_available()' 2>/dev/null && [[ -f $peer ]] && compare=yes
part verify.txt "$rn" verify --backend xla:cuda ${GOLDEN:+"$GOLDEN"}
for activations in float32 bfloat16; do
  part digits.jsonl "$rn" train --backend xla:cuda --recipe digits --source usps --target uci --root "${DATA:-../shared/data}" \
    --norm rn --objective cdan-e --activations "$activations" --out "$out/run.$activations" --json 2>"$out/progress.txt"
done
for backbone in "${backbones[@]}"; do
  for activations in float32 bfloat16; do
    part bench.jsonl "$rn" bench --backend xla:cuda --backbone "$backbone" --per-domain "$batch" --steps "$steps" \
      --activations "$activations" --json 2>"$out/progress.txt"
    [[ $compare == yes ]] || continue
    part peer.jsonl "${PYTHON:-python3}" experiments/bench/torch/cuda_step.py --peer "$peer" --net "$backbone" \
      --per-domain "$batch" --steps "$steps" --activations "$activations"
    part peer.jsonl "${PYTHON:-python3}" experiments/bench/torch/cuda_step.py --peer "$peer" --net "$backbone" \
      --per-domain "$batch" --steps "$steps" --activations "$activations" --channels-last
  done
done
part bench.jsonl "$rn" bench --backend xla:cuda --backbone "${backbones[0]}" --per-domain "$batch" --steps "$steps" --inference --json \
  2>"$out/progress.txt"
exit "$failed"
