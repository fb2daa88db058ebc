#!/usr/bin/env bash
# Compiles training steps for an NVIDIA H100 on a machine without a GPU, and prints a table: whether XLA's default flags
# do, the memory of a step beside its arguments and results, and the number of kernels, with RN's ratios to BN. Fails if
# a step does not compile with the default flags, or if RN takes more than 1.6 times BN's kernels or, from 32 images per
# domain on, more than 1.05 times BN's memory.
#
# A step is the one of rn train on Office-Home with CDAN+E, from the forward pass to the update. Autotuning is off, as it
# needs a GPU; so do speed and correct results.
#
# Usage: docker/gonb-cuda/cuda-check.sh
#   BACKBONES     (default "resnet18 resnet50")
#   NORMS         ratios are to the first one (default "bn rn")
#   ACTIVATIONS   (default "float32 bfloat16")
#   BATCHES       images per domain (default "4 32 36": with 4, XLA fuses otherwise; 36 is the batch of the authors' code)
#   RN_CACHE, PYTHON   see venv.sh; 1.2 GB
set -euo pipefail
here=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
cd -- "$here/../.."
read -ra backbones <<<"${BACKBONES:-resnet18 resnet50}"
read -ra norms <<<"${NORMS:-bn rn}"
read -ra activations <<<"${ACTIVATIONS:-float32 bfloat16}"
read -ra batches <<<"${BATCHES:-4 32 36}"
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
        # It fails if the default flags do not do; the table says so and fails at the end.
        "$venv/bin/python" -B "$here/cuda_compile.py" "$step.pb" >>"$work/results.jsonl" || true
      done
    done
  done
done
"$venv/bin/python" -B "$here/cuda_table.py" "$work/results.jsonl"
