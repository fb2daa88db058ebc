"""Prints what cuda-check.sh found as a table, and fails where a target is missed.

    cuda_table.py RESULTS

A line of RESULTS is what cuda_aot_check.py prints of a module called BACKBONE.NORM.BATCH.ACTIVATIONS.pb. The first norm
of a backbone, a batch and activations is what the others of these are compared with.
"""

import json
import sys

MEMORY, KERNELS = 1.05, 1.6  # of the first norm's, at most
LEAST = 32  # images of a domain from which on memory counts; RN misses it with 4, see README.md


def main(path):
    with open(path, encoding="utf-8") as lines:
        results = [json.loads(line) for line in lines]
    if not results:
        sys.exit(f"{path} is empty: nothing was compiled")
    first, missed = {}, []
    print("| network | images | activations | norm | compiles | memory, MB | kernels | memory ratio | kernel ratio |")
    print("|---|---|---|---|---|---|---|---|---|")
    for r in results:
        backbone, norm, batch, activations, _ = r["module"].split(".")
        where = f"{backbone}, {norm}, {batch} + {batch}, {activations}"
        row = f"| {backbone} | {batch} + {batch} | {activations} | {norm} "
        if not r["ok"]:
            missed.append(f"{where}: does not compile: {r['failures'][-1]['why']}")
            print(row + "| no | | | | |")
            continue
        how = "with default flags"
        if "failures" in r:
            missed.append(f"{where}: not with default flags: {r['failures'][0]['why']}")
            how = f"with {r['flags']} only"
        memory, kernels = r["temp_bytes"], r["fusions"] + r["custom_calls"]
        base = first.setdefault((backbone, batch, activations), (memory, kernels))
        ratios = memory / base[0], kernels / base[1]
        for what, ratio, most in zip(("memory", "kernels"), ratios, (MEMORY, KERNELS)):
            if ratio > most and (what != "memory" or int(batch) >= LEAST):
                missed.append(f"{where}: {what} {ratio:.2f} of the first norm's, want {most} at most")
        print(row + f"| {how} | {memory / 1e6:.0f} | {kernels} | {ratios[0]:.2f} | {ratios[1]:.2f} |")
    sys.stdout.flush()
    if missed:
        sys.exit("\n".join(missed))


main(sys.argv[1])
