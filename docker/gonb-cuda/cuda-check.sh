#!/usr/bin/env bash
# Compiles training steps for an NVIDIA H100, without a GPU, with the CUDA plugin that rn setup installs, and prints what
# became of them: whether XLA's default flags do, the memory that a step needs beside its arguments and results, and the
# number of kernels (fusions and calls of libraries), RN's over BN's. Fails where default flags do not do, or where RN
# takes more than 1.6 of BN's kernels or, from 32 images of a domain on, 1.05 of its memory.
#
# A step is rn train's on Office-Home with CDAN+E, forward pass to update. Kernels are not timed against each other
# (autotuning): that needs a GPU, and so do speed and correct results.
#
# Usage: docker/gonb-cuda/cuda-check.sh
#   BACKBONES   (default "resnet18 resnet50")
#   NORMS       the first one is what the others are compared with (default "bn rn")
#   ACTIVATIONS (default "float32 bfloat16")
#   BATCHES     images of each domain (default "4 32 36"; 36 is the authors' code's, and with 4 XLA fuses otherwise)
#   TOOL        what compiles (default ../shared/tools/cuda_aot_check.py)
#   RN_CACHE, PYTHON   see venv.sh; 1.2 GB
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "$here/../.."
tool=${TOOL:-../shared/tools/cuda_aot_check.py}
read -ra backbones <<<"${BACKBONES:-resnet18 resnet50}"
read -ra norms <<<"${NORMS:-bn rn}"
read -ra activations <<<"${ACTIVATIONS:-float32 bfloat16}"
read -ra batches <<<"${BATCHES:-4 32 36}"
if [[ ! -f $tool ]]; then
  echo "cuda-check.sh: no $tool: name the program that compiles in TOOL" >&2
  exit 1
fi
venv=$("$here/venv.sh" "$here/requirements-check.txt")

work=build/cuda-check
rm -rf "$work"
mkdir -p "$work"
for of in "${activations[@]}"; do
  for batch in "${batches[@]}"; do
    for backbone in "${backbones[@]}"; do
      for norm in "${norms[@]}"; do
        step=$work/$backbone.$norm.$batch.$of
        echo "$backbone, $norm, $batch + $batch images, $of" >&2
        build/bin/rn lower --recipe office-home --objective cdan-e --backbone "$backbone" --norm "$norm" --batch-size "$batch" \
          --activations "$of" --file "$step.pb"
        # It fails where default flags do not do, and so does the table.
        "$venv/bin/python" "$tool" "$step.pb" >>"$work/results.jsonl" || true
      done
    done
  done
done
"$venv/bin/python" "$here/cuda_table.py" "$work/results.jsonl"
